"""Personal numbers: the same for an id everywhere, as hard for all, of no use to a neighbour."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_lib import descend, gradient_descent, momentum, quadratic
from exercise_lib import check, personal
from exercise_lib.check import TASKS
from exercise_lib.personal import NOT_YOURS, PersonalTask, announce, place

ROOT = Path(__file__).parent.parent
PERSONAL = [task for task in TASKS.values() if isinstance(task, PersonalTask)]
EXERCISES = {
    "largest_stable_lr": "01_gradient_descent",
    "fast_settings": "03_momentum",
    "nadam_dialects": "10_nadam",
}
by_name = {"ids": lambda task: task.name}


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session in which no id was given yet, and none is left for the next test."""
    monkeypatch.setattr(personal, "who", personal.WhoWorks())
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def test_three_exercises_have_personal_numbers() -> None:
    assert {task.name for task in PERSONAL} == EXERCISES.keys()


@pytest.mark.parametrize("task", PERSONAL, **by_name)
def test_without_an_id_everyone_has_the_same_numbers(task: PersonalTask) -> None:
    assert task.numbers() == task.numbers("") == task.numbers("  ") == task.standard
    assert task.standard not in task.others()


def test_place_is_that_of_sha256_on_every_machine() -> None:
    first = hashlib.sha256(b"fast_settings/s123").hexdigest()[:16]
    assert place("s123", "fast_settings", 1000) == int(first, 16) % 1000
    assert place(" S123 ", "fast_settings", 1000) == place("s123", "fast_settings", 1000)


@pytest.mark.parametrize(
    ("task", "sha"),
    [
        (check.largest_stable_lr, "4246ece6b9c6982b"),
        (check.fast_settings, "a2e8b100e2902c30"),
        (check.nadam_dialects, "d7aa793436e9627b"),
    ],
)
def test_variants_stay_as_they_are(task: PersonalTask, sha: str) -> None:
    """A class that is at work must not get other numbers by an update of the course or of NumPy."""
    listed = json.dumps(task.variants)
    assert hashlib.sha256(listed.encode()).hexdigest()[:16] == sha


@pytest.mark.parametrize("task", PERSONAL, **by_name)
def test_variants_are_many_and_spread_evenly(task: PersonalTask) -> None:
    assert len(task.others()) == len(set(task.others())) >= 40
    counts = Counter(task.numbers(f"s{number}") for number in range(100 * len(task.others())))
    assert len(counts) == len(task.others())
    assert 50 < min(counts.values()) and max(counts.values()) < 160


@pytest.mark.parametrize("task", PERSONAL, **by_name)
def test_right_answer_is_right_for_its_owner_and_for_nobody_else(task: PersonalTask) -> None:
    """Every variant's right answer, tried on every other variant."""
    tasks = [task.make(*numbers) for numbers in task.variants]
    rights = [one.right for one in tasks]
    for one in tasks if task is not check.fast_settings else tasks[::8]:
        due = one.observe(one.right, None)
        for other in rights:
            seen = one.observe(other, None)
            same = np.allclose(seen, due, rtol=one.rtol, atol=1e-3 * one.rtol)
            assert same == (other == one.right)


@pytest.mark.parametrize("task", PERSONAL, **by_name)
def test_known_mistakes_are_mistakes_in_every_variant(task: PersonalTask) -> None:
    for numbers in [*task.variants[::9], *task.variants[-3:]]:
        one = task.make(*numbers)
        for mistake in one.mistakes:
            report = one(mistake.answer)
            assert (report.state, report.message) == ("wrong", mistake.hint), numbers


def test_every_bowl_has_the_limit_that_a_run_finds() -> None:
    task = check.largest_stable_lr
    for numbers in task.variants[::7]:
        H, lr = task.give(*numbers), task.make(*numbers).right
        assert (H == H.T).all()
        bowl = quadratic(H, (1.0, 0.7, -0.4), [(-2.0, 2.0)] * 3)
        inside, outside = (
            descend(gradient_descent, bowl, steps=3000, lr=share * lr) for share in (0.99, 1.01)
        )
        assert (
            inside.values[-1] < 1e-3 < 1e3 < (outside.values[-1] if not outside.diverged else 1e9)
        )


def test_every_valley_can_be_crossed_in_time_but_not_without_memory() -> None:
    task = check.fast_settings
    for numbers in task.variants:
        valley, target = task.give(*numbers)
        lr, beta = task.make(*numbers).right
        for digits in (9, 3):
            rounded = {"lr": float(f"{lr:.{digits}g}"), "beta": float(f"{beta:.{digits}g}")}
            path = descend(momentum, valley, steps=target, **rounded)
            assert path.settled(1e-6) <= target
        mu, L = valley.curvatures
        slow = descend(gradient_descent, valley, steps=3 * target, lr=2 / (mu + L))
        assert slow.settled(1e-6) is None


def test_dialects_of_the_standard_variant_are_the_printed_ones() -> None:
    """The points that stood in the exercise before its numbers became personal."""
    programs, start = check.nadam_dialects.given()
    assert start == -4
    assert programs["A"] == [-3.894355, -3.816922, -3.745079, -3.673804, -3.601542]
    assert programs["D"] == [-3.868956, -3.761908, -3.661186, -3.563417, -3.467586]


# A session


def test_id_changes_what_is_given_and_what_is_right() -> None:
    standard = check.largest_stable_lr.given()
    right = 2 / np.linalg.eigvalsh(standard)[-1]
    assert check.largest_stable_lr(right).passed
    assert "s123" in check.student("s123")
    mine = check.largest_stable_lr.given()
    assert not np.array_equal(mine, standard)
    report = check.largest_stable_lr(right)
    assert (report.state, report.message) == ("wrong", NOT_YOURS)
    assert check.largest_stable_lr(2 / np.linalg.eigvalsh(mine)[-1]).passed
    check.student("")
    assert check.largest_stable_lr(right).passed


def test_known_mistake_keeps_its_hint_with_an_id() -> None:
    check.student("s123")
    L = np.linalg.eigvalsh(check.largest_stable_lr.given())[-1]
    assert "1/L is not the limit" in check.largest_stable_lr(1 / L).message
    assert check.largest_stable_lr(None).state == "not yet"
    assert "one number" in check.largest_stable_lr("much").message


def test_third_hint_has_the_learners_own_numbers() -> None:
    before = check.fast_settings.hint(3)
    check.student("s123")
    valley, _ = check.fast_settings.given()
    assert check.fast_settings.hint(3) != before
    assert f"np.sqrt({valley.curvatures[1]:g})" in check.fast_settings.hint(3)


def test_copied_settings_of_a_neighbour_are_recognised() -> None:
    task = check.fast_settings
    check.student("anna")
    neighbour = next(n for n in map("s{}".format, range(99)) if task.numbers(n) != task.numbers())
    assert task(task.make(*task.numbers(neighbour)).right).message == NOT_YOURS


def test_while_nbgrader_grades_the_first_id_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check.student("s123")
    monkeypatch.delenv("NBGRADER_EXECUTION")
    assert "stay those of s123" in check.student("")
    assert check.fast_settings.numbers() == check.fast_settings.numbers("s123")


@pytest.mark.parametrize("wrong", [123, None, ["s123"]])
def test_id_must_be_text(wrong: object) -> None:
    with pytest.raises(TypeError, match="in quotes"):
        check.student(wrong)


# Notebooks


@pytest.mark.parametrize("name", EXERCISES.values())
def test_the_id_goes_into_a_cell_above_all_answers(name: str) -> None:
    notebook = nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[1].id == personal.CELL and code[1].source.startswith('check.student("")')
    assert announce(notebook, 'o"neill')
    first = notebook.cells[0]
    assert first is code[1] and first.source.endswith('check.student("o\\"neill")')
    assert sum("check.student(" in cell.source for cell in notebook.cells) == 1


def test_other_exercises_have_no_such_cell() -> None:
    notebook = nbformat.read(ROOT / "exercises/08_adam/08_adam.ipynb", as_version=4)
    before = nbformat.writes(notebook)
    assert not announce(notebook, "s123") and nbformat.writes(notebook) == before


@pytest.mark.parametrize("name", EXERCISES.values())
def test_solution_solves_a_personal_variant(name: str) -> None:
    notebook = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
    announce(notebook, "s123")
    names: dict[str, object] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
            exec(cell.source, names)
    task = next(task for task, exercise in EXERCISES.items() if exercise == name)
    checked = next(c for c in notebook.cells if c.source.startswith(f"check.{task}("))
    assert personal.who.name == "s123"
    assert eval(checked.source, names).passed
