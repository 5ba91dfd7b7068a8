"""What students and instructors made with version 0.1 still works: notebooks, and a class folder.

``reference/class_made_earlier.zip`` is a class folder of that version, with a right, a wrong and an
untouched submission of exercise 03, two of them graded. ``{course}`` in it stands for the folder
of the course.
"""

import csv
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
EARLIER = ROOT / "tests/reference/class_made_earlier.zip"
NAME = "03_momentum"


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    with zipfile.ZipFile(EARLIER) as archive:
        archive.extractall(tmp_path / "class")
    for file in ("nbgrader_config.py", "README.txt"):
        path = tmp_path / "class" / file
        path.write_text(path.read_text().replace("{course}", str(ROOT)))
    return tmp_path / "class"


def command(folder: Path, *words: str, package: str = "course_lib") -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"{package}.classroom", *words],
        cwd=folder, capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(folder: Path) -> dict[str, tuple[str, str]]:
    """Points and state by student, from grades.csv."""
    with (folder / "grades.csv").open(encoding="utf-8-sig") as file:
        return {row["id"]: (row["points"], row["state"]) for row in csv.DictReader(file)}


@pytest.mark.walk
def test_a_class_folder_made_earlier_goes_on(earlier: Path) -> None:
    before = rows(earlier)
    assert before["ada"] == ("10.0", "graded") and before["cyd"] == ("", "not graded")
    kept = {who: autograded(earlier, who).read_bytes() for who in ("ada", "bob")}
    assert "1 graded now, 2 before." in command(earlier, "grade", NAME)
    command(earlier, "feedback", NAME, package="exercise_lib")
    command(earlier, "grades")
    assert rows(earlier) == before | {"cyd": ("0.0", "graded")}
    assert kept == {who: autograded(earlier, who).read_bytes() for who in kept}
    assert "wrong sign" in command(earlier, "mistakes", NAME)
    assert (earlier / f"{NAME}-feedback.zip").is_file()


@pytest.mark.walk
def test_all_of_it_can_be_graded_again(earlier: Path) -> None:
    before = rows(earlier)
    command(earlier, "grade", NAME, "--again", package="exercise_lib")
    command(earlier, "grades", package="exercise_lib")
    assert rows(earlier) == before | {"cyd": ("0.0", "graded")}


def autograded(folder: Path, student: str) -> Path:
    return folder / "autograded" / student / NAME / f"{NAME}.ipynb"


def test_an_exercise_that_a_student_has_already_runs(earlier: Path) -> None:
    """The hand-in of the student who had all right, cell by cell, with its imports of then."""
    notebook = nbformat.read(earlier / "collected" / NAME / "ada/1.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert any("from course_lib import check" in source for source in code)
    names: dict[str, object] = {}
    for source in code:
        exec(source, names)
    assert eval("check.momentum(momentum)", names).passed


def test_the_names_that_moved() -> None:
    import course_lib
    import exercise_lib
    from course_lib.checks.ex14 import mystery
    from exercise_lib import check
    from exercise_lib.tasks import e14_beyond

    assert course_lib.check is check
    assert course_lib.your_progress is exercise_lib.your_progress
    assert mystery is e14_beyond.mystery
    assert not {"check", "your_progress"} & set(course_lib.__all__)
