"""The exercises: made from the solutions, harmless when unsolved, full marks when solved.

And their checks: a bank of wrong answers, as learners write them, each with words of the hint it
must get, and right answers in many styles, none of which may be rejected.
"""

import json
import math
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from itertools import accumulate, count, islice, repeat
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from answers import RIGHT, WRONG, right, wrong
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade

from course_lib import check, landscapes, optimizers
from course_lib.checks.engine import Task

ROOT = Path(__file__).parent.parent
make = SimpleNamespace(**runpy.run_path(str(ROOT / "solutions" / "make_exercises.py")))
SOLUTIONS = sorted((ROOT / "solutions").glob("*/*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*/*.ipynb"))
TIMES = 5  # a check draws new cases each time: its verdict must not be luck

by_name = {"ids": lambda path: path.stem}


# Generation


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the solutions, to generate from."""
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    return tmp_path


def test_exercises_are_what_the_solutions_make() -> None:
    assert make.differing() == [], "make exercises"


def test_every_solution_has_its_exercise(course: Path) -> None:
    states = make.generate(course)
    assert set(states.values()) == {"written"} and len(states) == len(SOLUTIONS) > 0
    assert set(make.generate(course).values()) == {"up to date"}
    assert make.main([], course) == make.main(["--check"], course) == 0


def test_generating_again_gives_the_same_bytes(course: Path) -> None:
    for exercise in make.generate(course):
        first = exercise.read_bytes()
        exercise.unlink()
        make.generate(course)
        assert exercise.read_bytes() == first and b"\r" not in first


def write_in(exercise: Path, answer: str = "x = 1  # hours of work") -> str:
    """Do what a student does: put an answer in the first solution cell and save."""
    notebook = nbformat.read(exercise, as_version=4)
    cell = next(c for c in notebook.cells if make.STUB in c.source)
    cell.source = cell.source.replace(make.STUB, answer)
    nbformat.write(notebook, exercise)
    return exercise.read_text(encoding="utf-8")


def test_edited_exercise_is_left_alone_and_named(course: Path, capsys) -> None:
    exercise = next(iter(make.generate(course)))
    work = write_in(exercise)
    assert make.main([], course) == 1
    assert exercise.read_text(encoding="utf-8") == work
    told = capsys.readouterr().out
    assert f"{exercise.relative_to(course)}: edited" in told and "--force" in told
    assert make.main(["--force"], course) == 0
    assert "hours of work" not in exercise.read_text(encoding="utf-8")


def test_edited_exercise_is_known_also_after_its_solution_changed(course: Path) -> None:
    exercise = next(iter(make.generate(course)))
    write_in(exercise)
    solution = course / "solutions" / exercise.relative_to(course / "exercises")
    solution.write_text(
        solution.read_text(encoding="utf-8").replace("Exercise", "Exercice"), encoding="utf-8"
    )
    assert make.generate(course)[exercise] == "edited"


def test_untouched_exercise_follows_its_solution(course: Path) -> None:
    exercise = next(iter(make.generate(course)))
    solution = course / "solutions" / exercise.relative_to(course / "exercises")
    solution.write_text(
        solution.read_text(encoding="utf-8").replace("Exercise", "Exercice"), encoding="utf-8"
    )
    assert make.differing(course) == [exercise]
    assert make.generate(course)[exercise] == "written"
    assert "Exercice" in exercise.read_text(encoding="utf-8")


def test_exercise_that_was_only_run_is_not_edited(course: Path) -> None:
    exercise = next(iter(make.generate(course)))
    notebook = nbformat.read(exercise, as_version=4)
    notebook.cells[1].execution_count = 7
    notebook.metadata.language_info = {"name": "python", "version": "3.11.7"}
    nbformat.write(notebook, exercise)
    assert not make.is_edited(exercise)
    assert make.generate(course)[exercise] == "written"


def test_a_file_of_another_kind_is_not_overwritten(course: Path) -> None:
    exercise = next(iter(make.generate(course)))
    for text in ("my notes", "[]", json.dumps({"cells": []})):
        exercise.write_text(text, encoding="utf-8")
        assert make.generate(course)[exercise] == "edited"
        assert exercise.read_text(encoding="utf-8") == text


def test_check_names_what_differs(course: Path, capsys) -> None:
    exercise = next(iter(make.generate(course)))
    orphan = course / "exercises" / "99_gone" / "99_gone.ipynb"
    orphan.parent.mkdir()
    shutil.move(exercise, orphan)
    assert make.main(["--check"], course) == 1
    told = capsys.readouterr().out
    assert str(exercise.relative_to(course)) in told and str(orphan.relative_to(course)) in told


@pytest.mark.parametrize("path", EXERCISES, **by_name)
def test_exercise_holds_no_answer_and_no_traces(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    notebook = nbformat.reads(text, as_version=4)
    assert notebook.metadata.keys() == {"kernelspec", "language_info", "course"}
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert "execution" not in cell.metadata
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("path", SOLUTIONS, **by_name)
def test_solution_is_stored_from_one_clean_run(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert "widgets" not in notebook.metadata
    assert not any("execution" in cell.metadata for cell in code)


# Run all


def graded(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[NotebookNode]:
    """Run a notebook as nbgrader does, and return its check cells."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    notebook = nbformat.read(path, as_version=4)
    here = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, kernel_name="python3", timeout=120, resources=here).execute()
    return [cell for cell in notebook.cells if is_grade(cell)]


def shown(cell: NotebookNode) -> str:
    return cell.outputs[0].data["text/html"]


@pytest.mark.parametrize("path", SOLUTIONS, **by_name)
def test_solution_gets_full_marks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for cell in graded(path, monkeypatch):
        score, most = determine_grade(cell)
        assert score == most > 0, shown(cell)
        assert "✔ Right" in shown(cell)


@pytest.mark.parametrize("path", EXERCISES, **by_name)
def test_unsolved_exercise_runs_and_scores_nothing(path: Path, monkeypatch) -> None:
    cells = graded(path, monkeypatch)  # nbclient raises if a cell does
    for cell in cells:
        assert determine_grade(cell)[0] == 0
        assert "Not yet" in shown(cell) and "✘" not in shown(cell)
    assert cells


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


@pytest.mark.parametrize(
    ("task", "known"),
    [(task, known) for task in check.TASKS.values() for known in task.mistakes],
    ids=lambda value: getattr(value, "name", ""),
)
def test_known_mistake_is_told_from_all_others(task: Task, known) -> None:
    for _ in range(TIMES):
        report = task(known.answer)
        assert (report.state, report.mistake, report.message) == ("wrong", known.name, known.hint)


@pytest.mark.parametrize(
    "task",
    [
        check.gradient_descent,
        check.minibatch_gradient,
        check.sgd,
        check.momentum,
        check.nesterov,
        check.adagrad,
        check.adadelta,
        check.adamax,
        check.adamw,
    ],
)
def test_rule_knows_at_least_ten_mistakes(task: Task) -> None:
    assert len(task.mistakes) >= 10


def test_every_right_answer_is_right() -> None:
    for task in check.TASKS.values():
        assert task(task.right).passed


# A bank of answers, as learners write them; those from exercise 02 on are in tests/answers

# 1: rules that are wrong


@wrong(check.gradient_descent, "uphill")
def climbs(grad, x, lr=0.1):
    while True:
        x = x + lr * grad(x)
        yield x


@wrong(check.gradient_descent, "uphill")
def double_negative(grad, x, lr=0.1):
    while True:
        step = -lr * grad(x)
        x = x - step
        yield x


@wrong(check.gradient_descent, "Where is the learning rate")
def no_learning_rate(grad, x, lr=0.1):
    while True:
        x = x - grad(x)
        yield x


@wrong(check.gradient_descent, "multiplied in twice")
def learning_rate_twice(grad, x, lr=0.1):
    while True:
        step = lr * grad(x)
        x = x - lr * step
        yield x


@wrong(check.gradient_descent, "divide by `lr`")
def divides(grad, x, lr=0.1):
    while True:
        x = x - grad(x) / lr
        yield x


@wrong(check.gradient_descent, "same learning rate whatever")
def own_learning_rate(grad, x, lr=0.1):
    lr = 0.1
    while True:
        x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, "shrinks from step to step")
def schedule(grad, x, lr=0.1):
    for t in count():
        x = x - lr / (t + 1) * grad(x)
        yield x


@wrong(check.gradient_descent, "call `grad` inside the loop")
def slope_of_the_start(grad, x, lr=0.1):
    slope = grad(x)
    while True:
        x = x - lr * slope
        yield x


@wrong(check.gradient_descent, "gradient of the point before")
def slope_one_late(grad, x, lr=0.1):
    slope = grad(x)
    while True:
        new = x - lr * slope
        slope = grad(x)
        x = new
        yield x


@wrong(check.gradient_descent, "first point is the start")
def start_too(grad, x, lr=0.1):
    yield x
    while True:
        x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, "begins at the start again")
def forgets_the_step(grad, x, lr=0.1):
    while True:
        new = x - lr * grad(x)
        yield new


@wrong(check.gradient_descent, "equally long")
def unit_steps(grad, x, lr=0.1):
    while True:
        g = np.asarray(grad(x))
        x = x - lr * g / math.sqrt((g**2).sum())
        yield x


@wrong(check.gradient_descent, "only the sign")
def signs(grad, x, lr=0.1):
    while True:
        x = x - lr * np.sign(grad(x))
        yield x


@wrong(check.gradient_descent, "same amount")
def adds_up(grad, x, lr=0.1):
    while True:
        x = x - lr * sum(grad(x))
        yield x


@wrong(check.gradient_descent, "Only one coordinate moves")
def first_only(grad, x, lr=0.1):
    while True:
        x = x.copy()
        x[0] = x[0] - lr * grad(x)[0]
        yield x


@wrong(check.gradient_descent, "gradient at the same point")
def by_coordinate(grad, x, lr=0.1):
    x = x.copy()
    while True:
        for i in range(len(x)):
            x[i] -= lr * grad(x)[i]
        yield x.copy()


@wrong(check.gradient_descent, "old point plus the step")
def step_is_the_point(grad, x, lr=0.1):
    while True:
        x = -lr * grad(x)
        yield x


@wrong(check.gradient_descent, "yield the steps")
def yields_the_step(grad, x, lr=0.1):
    while True:
        step = -lr * grad(x)
        x = x + step
        yield step


@wrong(check.gradient_descent, "share of `x` itself")
def no_gradient(grad, x, lr=0.1):
    while True:
        x = x - lr * x
        yield x


@wrong(check.gradient_descent, "two steps for each point")
def every_second(grad, x, lr=0.1):
    while True:
        for _ in range(2):
            x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, "Already the first step leads elsewhere")
def half_steps(grad, x, lr=0.1):
    while True:
        x = x - lr / 2 * grad(x)
        yield x


@wrong(check.gradient_descent, "Up to step 5 your path is right, from step 6 on")
def tires(grad, x, lr=0.1):
    for t in count(1):
        x = x - (lr if t < 6 else lr / 10) * grad(x)
        yield x


@wrong(check.gradient_descent, "nan or inf")
def not_a_number(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x) / 0.0
        yield x


@wrong(check.gradient_descent, "elsewhere")
def stored_numbers(grad, x, lr=0.1):
    def known(x):
        return 2 * x

    return optimizers.gradient_descent(known, np.ones(len(x)), 0.2)


# 1: what is no rule at all


@wrong(check.gradient_descent, "in place")
def in_place(grad, x, lr=0.1):
    while True:
        x -= lr * grad(x)
        yield x


@wrong(check.gradient_descent, "in place")
def in_place_by_index(grad, x, lr=0.1):
    while True:
        g = grad(x)
        for i in range(len(x)):
            x[i] = x[i] - lr * g[i]
        yield x.copy()


@wrong(check.gradient_descent, "returns all points at once")
def returns_a_list(grad, x, lr=0.1):
    path = []
    for _ in range(100):
        x = x - lr * grad(x)
        path.append(x)
    return path


@wrong(check.gradient_descent, "returns all points at once")
def returns_an_array(grad, x, lr=0.1):
    return np.array(returns_a_list(grad, x, lr))


@wrong(check.gradient_descent, "returns one point")
def returns_the_last(grad, x, lr=0.1):
    for _ in range(100):
        x = x - lr * grad(x)
    return x


@wrong(check.gradient_descent, "yields a list of points each time")
def yields_the_path(grad, x, lr=0.1):
    path = []
    while True:
        x = x - lr * grad(x)
        path.append(x)
        yield path


@wrong(check.gradient_descent, "ends after point number 1;")
def once(grad, x, lr=0.1):
    x = x - lr * grad(x)
    yield x


@wrong(check.gradient_descent, "ends after point number 1000;")
def a_thousand(grad, x, lr=0.1):
    for _ in range(1000):
        x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, "ends before the first point")
def never(grad, x, lr=0.1):
    while np.linalg.norm(grad(x)) < 1e-12:
        yield x


@wrong(check.gradient_descent, "hands out nothing")
def prints(grad, x, lr=0.1):
    for _ in range(100):
        x = x - lr * grad(x)


@wrong(check.gradient_descent, "runs on for ever without handing out")
def yield_outside_the_loop(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)
    yield x


@wrong(check.gradient_descent, "runs on for ever without handing out")
def no_yield(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)


@wrong(check.gradient_descent, "yielded nothing (None)")
def bare_yield(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)
        yield


@wrong(check.gradient_descent, "yielded a single number; it must be 2 numbers")
def yields_one_coordinate(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)
        yield x[0]


@wrong(check.gradient_descent, "yielded a tuple; it must be")
def yields_a_pair(grad, x, lr=0.1):
    for t in count(1):
        x = x - lr * grad(x)
        yield t, x


@wrong(check.gradient_descent, "`x = x - lr * grad` raised TypeError: unsupported operand")
def gradient_not_called(grad, x, lr=0.1):
    while True:
        x = x - lr * grad
        yield x


@wrong(check.gradient_descent, "`x = x - lr * grad()` raised TypeError")
def gradient_of_nothing(grad, x, lr=0.1):
    while True:
        x = x - lr * grad()
        yield x


@wrong(check.gradient_descent, "`exit_kernel()` raised SystemExit")
def leaves(grad, x, lr=0.1):
    exit_kernel = sys.exit
    exit_kernel()
    yield x


@wrong(check.gradient_descent, "unexpected keyword argument 'lr'")
def other_arguments(grad, x, eta=0.1):
    while True:
        x = x - eta * grad(x)
        yield x


# 1: right rules in other styles


@right(check.gradient_descent)
def counted(grad, x, lr=0.1):
    for _ in count():
        x = x - grad(x) * lr
        yield x


@right(check.gradient_descent)
def in_place_on_a_copy(grad, x, lr=0.1):
    x = x.copy()
    while True:
        x -= lr * grad(x)
        yield x


@right(check.gradient_descent)
def lists(grad, x, lr=0.1):
    x = list(x)
    while True:
        x = [a - lr * b for a, b in zip(x, grad(np.array(x)), strict=True)]
        yield x


@right(check.gradient_descent)
def tuples(grad, x, lr=0.1):
    while True:
        x = tuple(a - lr * b for a, b in zip(x, grad(x), strict=True))
        yield x


@right(check.gradient_descent)
def positional(gradient, start, lr):
    point = np.array(start)
    while True:
        point = np.add(point, np.multiply(-lr, gradient(point)))
        yield point.copy()


@right(check.gradient_descent)
def with_accumulate(grad, x, lr=0.1):
    points = accumulate(repeat(None), lambda p, _: p - lr * grad(p), initial=x)
    return islice(points, 1, None)


@right(check.gradient_descent)
class AnIterator:
    def __init__(self, grad, x, lr=0.1):
        self.grad, self.x, self.lr = grad, x, lr

    def __iter__(self):
        return self

    def __next__(self):
        self.x = self.x - self.lr * self.grad(self.x)
        return self.x


# 2: steps to halve


@wrong(check.steps_to_halve, "absolute value")
def no_absolute_value(lr, curvature):
    return np.ceil(np.log(0.5) / np.log(1 - lr * curvature))


@wrong(check.steps_to_halve, "absolute value")
def no_absolute_value_and_int(lr, curvature):
    return int(np.ceil(np.log(0.5) / np.log(1 - lr * curvature)))


@wrong(check.steps_to_halve, "absolute value")
def no_absolute_value_with_math(lr, curvature):
    return math.ceil(math.log(0.5) / math.log(1 - lr * curvature))


@wrong(check.steps_to_halve, "round up to the first whole step")
def fraction(lr, curvature):
    return math.log(0.5, abs(1 - lr * curvature))


@wrong(check.steps_to_halve, "You round down")
def cut_off(lr, curvature):
    return int(math.log(0.5, abs(1 - lr * curvature)))


@wrong(check.steps_to_halve, "round to the nearest")
def nearest(lr, curvature):
    return round(math.log(0.5, abs(1 - lr * curvature)))


@wrong(check.steps_to_halve, "one too high")
def counts_the_start(lr, curvature):
    x, points = 1.0, 1
    while abs(x) > 0.5:
        x, points = x - lr * curvature * x, points + 1
    return points


@wrong(check.steps_to_halve, "when f is halved")
def halves_f(lr, curvature):
    return math.ceil(math.log(0.5) / (2 * math.log(abs(1 - lr * curvature))))


@wrong(check.steps_to_halve, "fallen to 1/e")
def time_constant(lr, curvature):
    return math.ceil(1 / -math.log(abs(1 - lr * curvature)))


@wrong(check.steps_to_halve, "limit for tiny steps")
def continuous(lr, curvature):
    return math.ceil(math.log(2) / (lr * curvature))


@wrong(check.steps_to_halve, "curvature does not matter")
def no_curvature(lr, curvature):
    return math.ceil(math.log(0.5) / math.log(abs(1 - lr)))


@wrong(check.steps_to_halve, "must be one number")
def both(lr, curvature):
    return [lr, curvature]


@wrong(check.steps_to_halve, "differs from the right one")
def always_seven(lr, curvature):
    return 7


@right(check.steps_to_halve)
def other_base(lr, curvature):
    return math.ceil(-1 / math.log2(abs(1 - lr * curvature)))


@right(check.steps_to_halve)
def by_trial(lr, curvature):
    return next(t for t in count(1) if abs(1 - lr * curvature) ** t <= 0.5)


@right(check.steps_to_halve)
def as_float(lr, curvature):
    return np.ceil(np.log(2) / -np.log(np.abs(1 - lr * curvature)))


# 3: the largest stable learning rate

H = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])
MU, MIDDLE, L = np.linalg.eigvalsh(H)

WRONG_RATES = {
    1 / L: "1/L is not the limit",
    2 / MU: "limit of the flattest",
    1 / MU: "in the flattest direction",
    2 / MIDDLE: "between the steepest and the flattest",
    2 / (L + MU): "fastest convergence",
    2 / (L - MU): "difference of two curvatures",
    2 / 9: "sum of all curvatures",
    2 / 18: "product of all curvatures",
    2 / 4: "The bowl is turned",
    2 / 5: "largest row sum",
    2 / np.linalg.norm(H): "norm of all entries",
    L: "That is the largest curvature",
    MU: "smallest curvature",
    L / 2: "stands on its head",
    1 / (2 * L): "wrong side of the fraction",
    0.3: "stable, but a larger one is as well",
    0.45: "diverges",
    0.42: "more digits",
    0: "larger than 0",
    -2 / L: "larger than 0",
    math.nan: "larger than 0",
}


@pytest.mark.parametrize(("answer", "words"), WRONG_RATES.items())
def test_wrong_rate_gets_its_hint(answer: float, words: str) -> None:
    report = check.largest_stable_lr(answer)
    assert report.state == "wrong" and words in report.message


@pytest.mark.parametrize("answer", ["a lot", [0.4, 0.5], 2 / np.linalg.eigvalsh(H), {}])
def test_rate_must_be_one_number(answer: object) -> None:
    assert "it must be one number" in check.largest_stable_lr(answer).message


@pytest.mark.parametrize("answer", [2 / L, 0.423, 0.42265, np.float32(2 / L), np.array(2 / L)])
def test_rate_by_theory_or_by_trial_is_right(answer: float) -> None:
    assert check.largest_stable_lr(answer).passed


@pytest.mark.parametrize("answer", WRONG_RATES)
def test_report_gives_no_number_away(answer: float) -> None:
    report = check.largest_stable_lr(answer)
    told = f"{report!r} {report._repr_html_()} {report.hint(1)} {report.hint(2)}"
    numbers = [float(n) for n in re.findall(r"\d+\.\d+", told.replace("0.2em 0.8em", ""))]
    assert not numbers and "2/L" not in told


# 4: central differences


@wrong(check.numerical_gradient, "one-sided")
def forward(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x)) / h for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "it is 2h")
def without_two(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / h for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "Put brackets")
def without_brackets(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / 2 * h for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "divided by the distance")
def undivided(f, x, h=1e-5):
    return np.array([f(x + h * e) - f(x - h * e) for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "above minus below")
def upside_down(f, x, h=1e-5):
    return np.array([(f(x - h * e) - f(x + h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "Use the argument `h`")
def own_h(f, x, h=1e-5):
    h = 1e-5
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "all coordinates at once")
def all_at_once(f, x, h=1e-5):
    return np.array([(f(x + h) - f(x - h)) / (2 * h)] * len(x))


@wrong(check.numerical_gradient, "must be 2 numbers, an array of shape (2,)")
def one_number(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@wrong(check.numerical_gradient, "stays moved")
def piles_up(f, x, h=1e-5):
    x, g = x.copy(), np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        below = f(x)
        g[i] = (above - below) / (2 * h)
    return g


@wrong(check.numerical_gradient, "Change a copy")
def changes_x(f, x, h=1e-5):
    g = np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        g[i] = (above - f(x)) / (2 * h)
    return g


@wrong(check.numerical_gradient, "Only the first entry")
def first_entry(f, x, h=1e-5):
    g = np.zeros(len(x))
    for i in range(len(x)):
        step = h * np.eye(len(x))[i]
        g[i] = (f(x + step) - f(x - step)) / (2 * h)
        break
    return g


@wrong(check.numerical_gradient, "returns nothing so far")
def no_return(f, x, h=1e-5):
    [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]


@right(check.numerical_gradient)
def list_of_floats(f, x, h=1e-5):
    return [float(f(x + h * e) - f(x - h * e)) / 2 / h for e in np.eye(len(x))]


@right(check.numerical_gradient)
def at_once(f, x, h=1e-5):
    nudges = h * np.eye(len(x))
    return (f(x + nudges) - f(x - nudges)) / (2 * h)


@right(check.numerical_gradient)
def restores_x(f, x, h=1e-5):
    g = np.empty_like(x)
    for i, kept in enumerate(x):
        x[i] = kept + h
        above = f(x)
        x[i] = kept - h
        g[i] = (above - f(x)) / (2 * h)
        x[i] = kept
    return g


# 5 and 6: the wrong gradient


def himmelblau_grad(p):
    """The one that exercise 01 has to find."""
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 2 * y * b])


@pytest.mark.parametrize("answer", ["himmelblau", "Himmelblau", "himmelblau_grad", himmelblau_grad])
def test_culprit_is_found(answer: object) -> None:
    assert check.wrong_gradient(answer).passed


@pytest.mark.parametrize("answer", ["beale", "rosenbrock", "Beale_grad", "booth", 2, ""])
def test_innocent_gradient_does_not_tell_on_the_culprit(answer: object) -> None:
    message = check.wrong_gradient(answer).message
    known = "beale" in str(answer).lower() or answer == "rosenbrock"
    assert ("agrees with central differences" if known else "one of 'beale', ") in message
    assert known == ("himmelblau" not in message.lower())


wrong(check.corrected_gradient, "as wrong as it was")(himmelblau_grad)


@wrong(check.corrected_gradient, "missing altogether")
def no_inner_derivative(p):
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 2 * b])


@wrong(check.corrected_gradient, "another function")
def of_another(p):
    return landscapes.rosenbrock.grad(p)


@wrong(check.corrected_gradient, "doubled the whole entry")
def doubled(p):
    dx, dy = himmelblau_grad(p)
    return dx, 2 * dy


@wrong(check.corrected_gradient, "downhill")
def downhill(p):
    return -landscapes.himmelblau.grad(p)


@right(check.corrected_gradient)
def multiplied_out(p):
    x, y = p
    return (
        4 * x**3 + 4 * x * y - 42 * x + 2 * y**2 - 14,
        4 * y**3 + 4 * x * y - 26 * y + 2 * x**2 - 22,
    )


@right(check.corrected_gradient)
def broadcasting(p):
    return landscapes.himmelblau.grad(p)


@pytest.mark.parametrize(("task", "answer", "words"), WRONG)
def test_wrong_answer_gets_its_hint(task: Task, answer: Callable, words: str) -> None:
    for _ in range(TIMES):
        report = task(answer)
        assert not report.passed and words in report.message
        assert repr(report).startswith(("✘ Not right yet. ", "… Not yet. "))


@pytest.mark.parametrize(("task", "answer"), RIGHT)
def test_right_answer_in_another_style_passes(task: Task, answer: Callable) -> None:
    for _ in range(TIMES):
        assert task(answer).passed, task(answer)


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
