"""The exercises: made from the solutions, harmless when unsolved, full marks when solved."""

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from cells import run_cell
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade, is_grade

from exercise_lib.personal import WhoWorks

ROOT = Path(__file__).parent.parent
make = SimpleNamespace(**runpy.run_path(str(ROOT / "solutions" / "make_exercises.py")))
SOLUTIONS = sorted((ROOT / "solutions").glob("*/*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*/*.ipynb"))

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


# Run all, as nbgrader does: here in this process, and in kernels of their own when there is time


def run_here(notebook: NotebookNode, folder: Path) -> None:
    """Run the code cells, and store what a check cell shows as a kernel does."""
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            report = run_cell(cell.source, names)
            if is_grade(cell):
                data = {"text/plain": repr(report), "text/html": report._repr_html_()}
                cell.outputs = [new_output("execute_result", data)]


def run_in_a_kernel(notebook: NotebookNode, folder: Path) -> None:
    here = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name="python3", timeout=1200, resources=here).execute()


@pytest.fixture(
    params=[run_here, pytest.param(run_in_a_kernel, marks=pytest.mark.walk)],
    ids=lambda run: run.__name__,
)
def graded(request, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[NotebookNode]]:
    """Runs a notebook while nbgrader grades, and returns its check cells."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr("exercise_lib.personal.who", WhoWorks())  # nobody, as in a new kernel

    def run(path: Path) -> list[NotebookNode]:
        notebook = nbformat.read(path, as_version=4)
        request.param(notebook, path.parent)  # it raises if a cell does
        return [cell for cell in notebook.cells if is_grade(cell)]

    return run


def shown(cell: NotebookNode) -> str:
    return cell.outputs[0].data["text/html"]


@pytest.mark.parametrize("path", SOLUTIONS, **by_name)
def test_solution_gets_full_marks(path: Path, graded) -> None:
    for cell in graded(path):
        score, most = determine_grade(cell)
        assert score == most > 0, shown(cell)
        assert "✔ Right" in shown(cell)


@pytest.mark.parametrize("path", EXERCISES, **by_name)
def test_unsolved_exercise_runs_and_scores_nothing(path: Path, graded) -> None:
    cells = graded(path)
    for cell in cells:
        assert determine_grade(cell)[0] == 0
        assert "Not yet" in shown(cell) and "✘" not in shown(cell)
    assert cells
