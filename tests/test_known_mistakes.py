"""Known mistakes as data: what is wrong in a file is told by file, task and mistake."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from course_lib import optimizers
from exercise_lib import check
from exercise_lib.check import EXERCISES
from exercise_lib.known_mistakes import KnownMistakes, MistakesFile, edited
from exercise_lib.rule_mistakes import EVERY_RULE

ROOT = Path(__file__).parent.parent
FILES = {
    exercise.__name__: exercise.MISTAKES for exercise in EXERCISES if hasattr(exercise, "MISTAKES")
}


def written(folder: Path, row: str, right: object = optimizers.adamw) -> KnownMistakes:
    """The known mistakes of a file in which one task has one mistake, called "slip"."""
    (folder / "e99_trial.toml").write_text(f"[trial]\nslip = {{ {row} }}\n", encoding="utf-8")
    return MistakesFile(str(folder / "e99_trial.py"), {}).of("trial", right)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('edits = ["m_hat = m"], hint = "."', "one of edit, returns, .* got edits"),
        ('hint = "."', "one of edit, returns, .* got none"),
        ('edit = ["m_hat = m"], returns = "x", hint = "."', "got edit, returns"),
        ('edit = ["m_hat = m"]', "the hint is missing"),
        (
            'edit = ["beta1 → beta"], hint = "."',
            r"'beta1' must stand exactly once in adamw, and not 4",
        ),
        (
            'edit = ["beta3 → beta"], hint = "."',
            r"'beta3' must stand exactly once in adamw, and not 0",
        ),
        ('edit = ["velocity = 0"], hint = "."', "assigns velocity alone in 0 lines.*`old → new`"),
        ('edit = ["no change"], hint = "."', "must be `name = …` or `old → new`"),
        ('edit = ["m_hat = m / ("], hint = "."', "never closed"),
        ('every_rule = "sideways"', "one of uphill, .* got 'sideways'"),
        ('answer = "nothing_known", hint = "."', "'nothing_known' is not defined"),
    ],
)
def test_what_is_written_wrongly_is_told(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(ValueError, match=rf"^e99_trial.toml, trial, 'slip': .*{said}"):
        list(written(tmp_path, row))


def two_halves(grad, x, lr=0.1):
    while True:
        x = x - lr / 2 * grad(x)
        x = x - lr / 2 * grad(x)
        yield x


def test_bare_assignment_of_a_name_assigned_twice(tmp_path: Path) -> None:
    said = r"'slip': two_halves assigns x alone in 2 lines.*old → new"
    with pytest.raises(ValueError, match=said):
        list(written(tmp_path, 'edit = ["x = 0"], hint = "."', two_halves))


@pytest.mark.parametrize("name", FILES)
def test_tables_and_tasks_fit(name: str) -> None:
    used = {
        known.task: known
        for task in check.TASKS.values()
        if isinstance(known := task.mistakes, KnownMistakes) and known.file is FILES[name]
    }
    assert list(used) == list(FILES[name].tables)
    for task, known in used.items():
        assert check.TASKS[task].mistakes is known
        in_file = list(FILES[name].tables[task])
        assert [mistake.name for mistake in known][: len(in_file)] == in_file


def test_every_exercise_has_one_stem() -> None:
    stems = {f"e{folder.name}" for folder in (ROOT / "solutions").iterdir() if folder.is_dir()}
    assert stems == {exercise.__name__.rpartition(".")[2] for exercise in EXERCISES}
    for files in ("exercise_lib/tasks/e*.py", "exercise_lib/tasks/e*.toml", "tests/answers/e*.py"):
        assert {path.stem for path in ROOT.glob(files)} == stems, files


# How a mistake is made of the right answer


def walk(rule: Callable[..., Iterator[np.ndarray]]) -> np.ndarray:
    """Six points of a rule on ½ (x₁² + 3 x₂²)."""
    return np.array(list(islice(rule(lambda x: x * (1.0, 3.0), np.array([2.0, -1.0])), 6)))


def test_assignment_replaces_the_line_in_the_loop_and_not_the_one_before_it():
    slopes = walk(edited(optimizers.adagrad, "s = g**2"))
    np.testing.assert_allclose(np.abs(np.diff(slopes, axis=0)), 0.01, rtol=1e-6)


def test_assignment_replaces_the_line_before_the_loop_if_there_is_none_in_it():
    def halves(x):
        half = x / 2
        return half

    assert edited(halves, "half = x / 4")(8) == 2


@pytest.mark.parametrize("rule", [optimizers.adagrad, optimizers.rmsprop, optimizers.adam])
@pytest.mark.parametrize(
    ("mistake", "changes"),
    [
        ("uphill", ["x - lr → x + lr"]),
        ("never leaves the start", ["x = x - lr → new = x - lr", "yield x → yield new"]),
        ("lr forgotten", ["x - lr * → x - "]),
        ("start first", ["x = x - lr → new = x - lr", "yield x → yield x; x = new"]),
        ("gradient taken once", ["g = grad(x) → g = g if 'g' in locals() else grad(x)"]),
    ],
)
def test_mistake_of_every_rule_is_what_an_edit_makes_of_it(rule, mistake, changes):
    make, hint = EVERY_RULE[mistake]
    np.testing.assert_allclose(walk(make(rule)), walk(edited(rule, *changes)), rtol=1e-9)
    assert not np.allclose(walk(make(rule)), walk(rule), rtol=1e-9)
    assert hint
