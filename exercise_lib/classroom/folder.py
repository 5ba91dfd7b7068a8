"""The class folder: where a class lives, outside the repository, laid out as nbgrader has it.

nbgrader_config.py        what nbgrader and formgrader need to know
students.csv              who is in the class
source/NAME/              the exercise with its solution, as it was when it was released
release/NAME/             the exercise as students get it
collected/NAME/           what came in, untouched, every attempt; before/ is for undo
submitted/ID/NAME/        the attempt that counts, repaired
autograded/ID/NAME/       run and graded
feedback/ID/NAME/         the page for the student
gradebook.db              all grades, for formgrader too
versions.json             the version of the course that each exercise was released with
"""

import contextlib
import csv
import io
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

import course_lib

if TYPE_CHECKING:  # nbgrader takes seconds to load, and only some commands need it
    from nbgrader.api import Gradebook

COURSE = Path(course_lib.__file__).resolve().parent.parent
COLUMNS = ("id", "name", "email")
KNOWN = (*COLUMNS, "participant")
CONFIG = '''"""This class: the settings of the course, and the folders that nbgrader expects.

For formgrader: jupyter lab in this folder. Further settings of nbgrader go below.
"""

from pathlib import Path

c = get_config()
load_subconfig("nbgrader_config.py", path={course!r})
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
'''
README = """A class of the course on gradient descent: grades and work of students. Keep it private.
What to do here: {course}/INSTRUCTORS.md
"""


class ClassroomError(Exception):
    """Something to put right; the message says what and how."""


@dataclass(frozen=True)
class Student:
    """participant: the number that the platform has for them, as in Moodle's Participant 4711"""

    id: str
    name: str = ""
    email: str = ""
    participant: str = ""


class ClassFolder:
    """A class folder that exists; ``new`` makes one."""

    def __init__(self, root: str | Path = "."):
        self.root = Path(root).resolve()
        if not (self.root / "nbgrader_config.py").is_file() or not self.students_file.is_file():
            raise ClassroomError(
                f"{self.root} is not a class folder: it lacks nbgrader_config.py or students.csv."
                " Go into yours, or make one: python -m exercise_lib.classroom new FOLDER"
            )
        if self.root == COURSE:
            raise ClassroomError("This is the course itself; a class lives in a folder outside it.")

    # Where things are

    @property
    def students_file(self) -> Path:
        return self.root / "students.csv"

    def source(self, name: str) -> Path:
        return self.root / "source" / name / f"{name}.ipynb"

    def released(self, name: str) -> Path:
        return self.root / "release" / name / f"{name}.ipynb"

    def collected(self, name: str) -> Path:
        return self.root / "collected" / name

    def submitted(self, student: str, name: str) -> Path:
        return self.root / "submitted" / student / name / f"{name}.ipynb"

    def autograded(self, student: str, name: str) -> Path:
        return self.root / "autograded" / student / name / f"{name}.ipynb"

    def page(self, student: str, name: str) -> Path:
        return self.root / "feedback" / student / name / f"{name}.html"

    # What is in them

    def who_submitted(self, name: str) -> list[str]:
        """The ids with a submission that can be graded."""
        return sorted(
            path.parent.parent.name for path in self.root.glob(f"submitted/*/{name}/*.ipynb")
        )

    def students(self) -> dict[str, Student]:
        """The class by id, from students.csv."""
        rows = table_in(self.students_file)
        names = [column.strip().lower() for column in rows.fieldnames or []]
        if "id" not in names:
            raise ClassroomError(
                f"students.csv needs the columns id, name, email in its first line; it has {names}."
            )
        rows.fieldnames = names
        students: dict[str, Student] = {}
        for line, row in enumerate(rows, start=2):
            known = {key: (row.get(key) or "").strip() for key in KNOWN}
            if not any(known.values()):
                continue
            if not is_plain(known["id"]):
                raise ClassroomError(
                    f"students.csv, line {line}: the id {known['id']!r} becomes the name of a "
                    "folder: use letters, digits, and - _ . @ inside."
                )
            if known["id"].casefold() in {other.casefold() for other in students}:
                raise ClassroomError(f"students.csv, line {line}: the id {known['id']!r} is twice.")
            students[known["id"]] = Student(**known)
        return students

    def replace_students(self, text: str) -> None:
        """Write students.csv; what was there before stays as students-before.csv."""
        if self.students():
            before = self.students_file.read_bytes()
            self.students_file.with_name("students-before.csv").write_bytes(before)
        write(self.students_file, text)
        self.students()

    def exercises(self) -> list[str]:
        """The names of what was released."""
        return sorted(path.stem for path in (self.root / "release").glob("*/*.ipynb"))

    def repaired_attempt(self, student: str, name: str) -> int | None:
        """The number of the attempt that lies repaired in submitted/."""
        path = self.submitted(student, name)
        if not path.is_file():
            return None
        return nbformat.read(path, as_version=4).metadata.get("course", {}).get("attempt")

    def release_of(self, name: str) -> NotebookNode:
        """The released notebook."""
        if not self.released(name).is_file():
            raise ClassroomError(
                f"{name} was not released here; released are: {', '.join(self.exercises()) or '-'}."
                f" First: python -m exercise_lib.classroom release {name}"
            )
        return nbformat.read(self.released(name), as_version=4)

    @property
    def config(self) -> Config:
        """The settings that nbgrader finds in the class folder."""
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    @contextlib.contextmanager
    def gradebook(self) -> Iterator["Gradebook"]:
        """The gradebook, as nbgrader has it."""
        from nbgrader.api import Gradebook

        with on_path(), Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            yield gradebook

    def enrol(self) -> None:
        """Bring the students of students.csv into the gradebook."""
        from nbgrader.api import MissingEntry

        with self.gradebook() as gradebook:
            for student in self.students().values():
                first, _, last = student.name.rpartition(" ")
                about = {"first_name": first, "last_name": last, "email": student.email}
                try:
                    known = gradebook.find_student(student.id)
                    if all(getattr(known, key) == value for key, value in about.items()):
                        continue
                except MissingEntry:
                    pass
                gradebook.update_or_create_student(student.id, **about)


def new(folder: str | Path) -> ClassFolder:
    """Make a class folder."""
    root = Path(folder).expanduser().resolve()
    if not (COURSE / "solutions").is_dir():
        raise ClassroomError(
            f"There is no solutions folder beside {COURSE / 'course_lib'}: install the course from "
            "its clone (pip install -e '.[class]'), not as a package of its own."
        )
    if root.is_relative_to(COURSE):
        raise ClassroomError(
            f"{root} is inside the repository of the course, where grades and students' work could "
            "be published by mistake. Choose a folder outside, such as ../my-class."
        )
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise ClassroomError(f"{root} exists and is not empty. Nothing was changed.")
    root.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        root.chmod(0o700)
    write(root / "nbgrader_config.py", CONFIG.format(course=str(COURSE)))
    write(root / "README.txt", README.format(course=COURSE))
    write(root / "students.csv", ",".join(COLUMNS) + "\n")
    return ClassFolder(root)


def table_in(path: Path) -> csv.DictReader:
    """The rows of a table as spreadsheets write them: Excel's encodings, too, and ``;`` or tabs."""
    try:
        text = text_of(path.read_bytes())
    except OSError as error:
        raise ClassroomError(f"{path} cannot be read: {error.strerror}.") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)


def text_of(data: bytes) -> str:
    """What a spreadsheet wrote: UTF-8, UTF-16, or what Windows has in Western countries."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def is_plain(name: str) -> bool:
    """Whether a name can name a folder on every system and in nbgrader's patterns."""
    inner = name.replace("-", "").replace("_", "").replace(".", "").replace("@", "")
    return inner.isalnum() and name[0] not in "-." and name[-1] != "."


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)


def write_notebook(path: Path, notebook: NotebookNode) -> None:
    write(path, json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def copy_tree(source: Path, target: Path) -> None:
    shutil.copytree(
        source, target, ignore=shutil.ignore_patterns(".*", "__pycache__"), dirs_exist_ok=True
    )


def convert(kind: type, here: ClassFolder, name: str, student: str = "*") -> None:
    """Run one of nbgrader's converters on an exercise, also over what it made before; quietly."""
    from nbgrader.coursedir import CourseDirectory

    config = here.config
    config.CourseDirectory.assignment_id = name
    if student != "*":
        config.CourseDirectory.student_id = student
    converter = kind(coursedir=CourseDirectory(config=config), config=config)
    converter.force = True
    converter.log = logging.getLogger("classroom.nbgrader")
    converter.log.setLevel(logging.CRITICAL)
    with on_path():
        converter.start()


@contextlib.contextmanager
def on_path() -> Iterator[None]:
    """nbgrader runs alembic by its bare name: it must be found also where .venv is not active."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
