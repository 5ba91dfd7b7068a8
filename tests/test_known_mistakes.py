"""Known mistakes as data: what is wrong in a file is told by file, task and mistake."""

from pathlib import Path

import pytest

from course_lib import optimizers
from exercise_lib import check
from exercise_lib.check import EXERCISES
from exercise_lib.known_mistakes import KnownMistakes, MistakesFile, edited

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


def test_bare_assignment_of_a_name_assigned_twice(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'slip': momentum assigns v alone in 2 lines.*old → new"):
        list(written(tmp_path, 'edit = ["v = 0"], hint = "."', optimizers.momentum))
    same = "v = np.zeros_like(x)"  # the change stands there, once
    with pytest.raises(ValueError, match="assigns v alone in 2 lines"):
        edited(optimizers.momentum, same)


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
        assert [mistake.name for mistake in known] == list(FILES[name].tables[task])


def test_every_exercise_has_one_stem() -> None:
    stems = {f"e{folder.name}" for folder in (ROOT / "solutions").iterdir() if folder.is_dir()}
    assert stems == {exercise.__name__.rpartition(".")[2] for exercise in EXERCISES}
    for files in ("exercise_lib/tasks/e*.py", "exercise_lib/tasks/e*.toml", "tests/answers/e*.py"):
        assert {path.stem for path in ROOT.glob(files)} == stems, files
