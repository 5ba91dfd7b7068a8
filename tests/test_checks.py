"""The checks of the exercises: what they say of right answers, of wrong ones and of no answers.

A bank of wrong answers, as learners write them, each with the mistake it makes, and right answers
in many styles, none of which may be rejected, is in ``answers``.

A check draws new cases each time. Here they are drawn by seeds, so that a run of the tests is not
luck. ``make test`` draws once, ``make walk`` twice more, and ``make walk DRAWS=200`` looks for
answers that are luck, and takes hours.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, pairwise

import numpy as np
import pytest
from answers import RIGHT, WRONG

from course_lib import optimizers
from course_lib.validation import hyperparameters_of
from exercise_lib import check
from exercise_lib.check import EXERCISES
from exercise_lib.engine import Task
from exercise_lib.personal import PersonalTask

DRAWS = int(os.environ.get("DRAWS", "3"))
SEEDS = [0, *(pytest.param(n, marks=pytest.mark.walk) for n in range(1, DRAWS))]
by_seed = pytest.mark.parametrize("seed", SEEDS)
RULES = [name for name in check.TASKS if hasattr(optimizers, name)]
RATE = "largest_stable_lr"


@dataclass(frozen=True)
class Own:
    """A task's own answer, the right one or a known mistake."""

    answer: object


@cache
def drawn(name: str, seed: int) -> Task:
    """The task with the cases of one seed; each of its own answers is tried once in each of them.

    What is given to the check is tried every time. But it is then compared with dozens of answers
    of the task's own, and so is the next one, in the same cases.
    """
    task = check.TASKS[name]
    if isinstance(task, PersonalTask):  # it makes its tasks itself
        return task
    cases = task.cases(np.random.default_rng(seed))
    done: dict[tuple[int, int], tuple] = {}  # with answer and case, so that no other has their id

    def observe(answer: object, case: object) -> np.ndarray:
        if not isinstance(answer, Own):
            return task.observe(answer, case)
        key = id(answer), id(case)
        if key not in done:
            done[key] = answer, case, task.observe(answer.answer, case)
        return done[key][-1]

    return replace(
        task,
        right=Own(task.right),
        mistakes=[replace(known, answer=Own(known.answer)) for known in task.mistakes],
        observe=observe,
        cases=lambda rng: cases,
    )


# Reports


def test_report_reads_the_same_in_text_and_html() -> None:
    report = check.gradient_descent(optimizers.gradient_descent)
    assert repr(report).startswith("✔ Right, 3 points. Your rule")
    assert "<b>✔ Right, 3 points.</b> Your rule" in report._repr_html_()
    assert 'alt="Your path' in report._repr_html_()
    assert (report.passed, report.score, report.points) == (True, 3, 3)


def test_report_escapes_what_the_learner_wrote() -> None:
    def loud(grad, x, lr=0.1):
        raise ValueError("<script>")

    html = check.gradient_descent(loud)._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "<code>raise ValueError(" in html


def test_text_is_the_score_while_nbgrader_grades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert repr(check.largest_stable_lr(check.largest_stable_lr.right)) == "1"
    assert repr(check.largest_stable_lr(1.0)) == repr(check.largest_stable_lr(None)) == "0"


@pytest.mark.parametrize("name", check.TASKS)
def test_no_answer_is_not_yet(name: str) -> None:
    def stub(*args, **kwargs):
        """The unsolved function."""

    for nothing in (None, ..., *([stub] if callable(check.TASKS[name].right) else [])):
        report = check.TASKS[name](nothing)
        assert (report.state, report.score, report.mistake) == ("not yet", 0, "")
        assert repr(report).startswith("… Not yet.")


@pytest.mark.parametrize("name", check.TASKS)
def test_three_levels_of_hints(name: str) -> None:
    hints = [check.hint(name, level) for level in (1, 2, 3)]
    assert len(set(hints)) == 3
    assert repr(hints[0]) == hints[0] and hints[0].startswith("Hint 1 of 3: ")
    assert check.TASKS[name](None).hint(3) == hints[2]


def test_hint_says_what_there_is() -> None:
    with pytest.raises(ValueError, match="there are: gradient_descent, "):
        check.hint("gradient")
    with pytest.raises(ValueError, match="level must be 1, 2 or 3"):
        check.hint("gradient_descent", 0)


# The tables of mistakes


@by_seed
@pytest.mark.parametrize(
    ("task", "known"),
    [(task, known) for task in check.TASKS.values() for known in task.mistakes],
    ids=lambda value: getattr(value, "name", ""),
)
def test_known_mistake_is_told_from_all_others(task: Task, known, seed: int) -> None:
    report = drawn(task.name, seed)(known.answer, seed=seed)
    assert (report.state, report.mistake, report.message) == ("wrong", known.name, known.hint)


@pytest.mark.walk
@pytest.mark.parametrize("task", check.TASKS.values(), ids=check.TASKS)
def test_answers_tried_once_are_told_apart_as_ever(task: Task) -> None:
    answers = [task.right, *(known.answer for known in task.mistakes[-1:]), None, 1.5]
    for answer in answers:
        assert repr(drawn(task.name, 0)(answer, seed=0)) == repr(task(answer, seed=0))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.__name__[-4:])
def test_exercise_knows_at_least_ten_mistakes_and_is_tried_with_ten_wrong_answers(exercise) -> None:
    in_bank = Counter(param.values[0].name for param in WRONG)
    assert sum(len(task.mistakes) for task in exercise.TASKS) >= 10
    assert sum(in_bank[task.name] for task in exercise.TASKS) >= 10


@pytest.mark.parametrize("name", ["minibatch_gradient", "sgd", *RULES])
def test_rule_knows_at_least_ten_mistakes(name: str) -> None:
    assert len(check.TASKS[name].mistakes) >= 10


@by_seed
@pytest.mark.parametrize("task", check.TASKS.values(), ids=check.TASKS)
def test_every_right_answer_is_right(task: Task, seed: int) -> None:
    assert task(task.right, seed=seed).passed
    assert task(task.right).passed


@pytest.mark.parametrize("task", check.TASKS.values(), ids=check.TASKS)
def test_nonsense_is_not_right_and_breaks_no_check(task: Task) -> None:
    nonsense = (0, -1.5, np.nan, 10**400, "x", b"x", [], [None], {}, {"a": 1}, {1, 2}, object())
    functions = (np.sin, print, lambda *a, **k: a, lambda *a, **k: {}, lambda *a, **k: "x")
    for answer in (*nonsense, *functions, int, np.zeros((2, 2)), [[1, 2], [3]], iter([])):
        report = drawn(task.name, 0)(answer, seed=0)
        assert not report.passed and report.message, answer
    assert task(np.zeros((2, 2)), seed=0).mistake or not callable(task.right)


# The bank of answers


@by_seed
@pytest.mark.parametrize(("task", "answer", "mistake", "says"), WRONG)
def test_wrong_answer_gets_its_hint(
    task: Task, answer: Callable, mistake: str, says: str, seed: int
) -> None:
    hints = [known.hint for known in task.mistakes if known.name == mistake]
    assert len(hints) == (1 if mistake else 0)
    report = drawn(task.name, seed)(answer, seed=seed)
    assert not report.passed
    assert (hints[0] == report.message) if mistake else (says in report.message)
    assert repr(report).startswith(("✘ Not right yet. ", "… Not yet. "))


@by_seed
@pytest.mark.parametrize(("task", "answer"), RIGHT)
def test_right_answer_in_another_style_passes(task: Task, answer: Callable, seed: int) -> None:
    report = drawn(task.name, seed)(answer, seed=seed)
    assert report.passed, report


@pytest.mark.parametrize("answer", [p.values[1] for p in WRONG if p.values[0].name == RATE])
def test_report_gives_no_number_away(answer: object) -> None:
    report = check.largest_stable_lr(answer)
    told = f"{report!r} {report._repr_html_()} {report.hint(1)} {report.hint(2)}"
    told = re.sub('style="[^"]*"|base64,[^"]*', "", told)
    assert not re.findall(r"\d+\.\d+", told) and "2/L" not in told


@pytest.mark.parametrize("answer", ["beale", "rosenbrock", "Beale_grad"])
def test_innocent_gradient_does_not_tell_on_the_culprit(answer: str) -> None:
    assert "himmelblau" not in check.wrong_gradient(answer).message.lower()


def test_check_wants_the_function_and_not_its_result() -> None:
    run = optimizers.gradient_descent(lambda x: x, np.ones(2))
    assert "without calling it. It got a generator" in check.gradient_descent(run).message
    assert "It got an int" in check.steps_to_halve(7).message


def test_recorded_path_does_not_pass() -> None:
    """The points of one case, stored, are of no use in the next check."""
    stored = []

    def recorder(grad, x, lr=0.1):
        for point in optimizers.gradient_descent(grad, x, lr):
            stored.append(point)
            yield point

    def replay(grad, x, lr=0.1):
        fitting = [point for point in stored if point.shape == x.shape]
        return iter(fitting + fitting[-1:] * 2000)

    assert check.gradient_descent(recorder).passed
    assert not check.gradient_descent(replay).passed


# A rule that is right but for what the usual cases would not show


def with_settings(rule: Callable, change: Callable[[dict], dict]) -> Callable:
    """The rule, which takes hyperparameters other than those it is given."""

    def wrong(grad: Callable, x: np.ndarray, **settings: float) -> Iterator[np.ndarray]:
        return rule(grad, x, **change(settings))

    return wrong


HARDLY_SEEN_IF_SMALL = {  # there a maximum or a sign hardly ever depends on it
    ("adamax", "beta2"), ("nadamax", "beta2"), ("amsgrad", "beta2"), ("lion", "beta2"),
}  # fmt: skip


def _changed_settings() -> Iterator[object]:
    for name in RULES:
        known = [n for n in hyperparameters_of(getattr(optimizers, name)) if n != "rows"]
        for n in known:
            top = 0.5 if n == "lr" else 0.9 if n.startswith("beta") else None
            changes = {"fixed": lambda s, n=n: {k: v for k, v in s.items() if k != n}}
            if top:
                changes["capped"] = lambda s, n=n, top=top: s | {n: min(s[n], top)}
            if top and (name, n) not in HARDLY_SEEN_IF_SMALL:
                changes["never small"] = lambda s, n=n: s | {n: max(s[n], 0.5)}
            for what, change in changes.items():
                yield pytest.param(name, change, id=f"{name}: {n} {what}")
        for one, other in pairwise(known):
            yield pytest.param(
                name,
                lambda s, a=one, b=other: s | {a: s[b], b: s[a]} if {a, b} <= set(s) else s,
                id=f"{name}: {one} and {other} swapped",
            )


@by_seed
@pytest.mark.parametrize(("name", "change"), _changed_settings())
def test_no_hyperparameter_may_be_fixed_capped_or_swapped(name, change, seed) -> None:
    task = drawn(name, seed)
    given = task.cases(np.random.default_rng(seed))[0].settings
    rule = getattr(optimizers, name)
    if (
        change(dict(given)).keys() | hyperparameters_of(rule).keys()
        != hyperparameters_of(rule).keys()
    ):
        pytest.skip("not a setting of this task")
    if all(
        change(dict(run.settings)) == run.settings
        for run in task.cases(np.random.default_rng(seed))
    ):
        pytest.skip("the task leaves it at its default")
    assert not task(with_settings(rule, change), seed=seed).passed


@by_seed
@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("steps", [100, 1000, 5000])
def test_a_rule_that_ends_is_told_so(name: str, steps: int, seed: int) -> None:
    rule = getattr(optimizers, name)
    short = lambda grad, x, **settings: islice(rule(grad, x, **settings), steps)  # noqa: E731
    long = any(run.steps > steps for run in drawn(name, seed).cases(np.random.default_rng(seed)))
    if not long:
        pytest.skip("rounding errors would grow in a long run of this rule")
    report = drawn(name, seed)(short, seed=seed)
    assert not report.passed and report.mistake == "ends early"


@by_seed
@pytest.mark.parametrize("name", ["sgd", "adagrad"])  # of the others some come to rest before
def test_a_rule_that_begins_anew_after_a_thousand_steps_is_refused(name: str, seed: int) -> None:
    rule = check.TASKS[name].right

    def forgetful(grad, x, **settings):
        while True:
            for point in islice(rule(grad, x, **settings), 1000):
                yield point
            x = point

    assert not drawn(name, seed)(forgetful, seed=seed).passed
