"""Release an exercise: what students get, and what the gradebook knows of it."""

import contextlib
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException

from exercise_lib.classroom.folder import (
    COURSE,
    ClassFolder,
    ClassroomError,
    convert,
    copy_tree,
    is_plain,
    write_notebook,
)
from exercise_lib.classroom.version import note_version

KEPT = ("kernelspec", "language_info")


def available() -> list[str]:
    """The exercises of the course."""
    return sorted(path.parent.name for path in (COURSE / "solutions").glob("*/*.ipynb"))


def release(here: ClassFolder, name: str, due: datetime | None = None) -> Path:
    """Make the students' version of an exercise, record it in the gradebook, and pack it.

    The source is ``source/NAME`` of the class folder; where there is none yet, the course's
    solution is copied there, so that a later version of the course does not change what is graded.
    due: the deadline, with a time zone

    Returns the zip to hand out.
    """
    if due is not None and due.tzinfo is None:
        due = due.astimezone()  # the time zone of this machine
    if not is_plain(name):
        raise ClassroomError(f"{name!r} cannot be the name of an exercise.")
    source = here.source(name)
    if not source.is_file():
        original = COURSE / "solutions" / name
        if not (original / f"{name}.ipynb").is_file():
            raise ClassroomError(
                f"There is no exercise {name!r}. The course has {', '.join(available())}; your own "
                f"goes to {source.relative_to(here.root)} in the class folder."
            )
        copy_tree(original, source.parent)
    with kept_if_it_fails(here.released(name).parent):
        generate(here, name)
    released = here.released(name)
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # timestamps
    for key in set(notebook.metadata) - {*KEPT}:  # saved widget state
        del notebook.metadata[key]
    write_notebook(released, notebook)
    if due is not None:
        with here.gradebook() as gradebook:
            gradebook.update_or_create_assignment(name, duedate=due.isoformat())
    here.enrol()
    note_version(here, name)
    return pack(released.parent, here.root / f"{name}.zip")


@contextlib.contextmanager
def kept_if_it_fails(folder: Path) -> Iterator[None]:
    """nbgrader deletes what it released before, and then may fail."""
    with tempfile.TemporaryDirectory() as safe:
        if folder.is_dir():
            copy_tree(folder, Path(safe, "before"))
        try:
            yield
        except BaseException:
            if Path(safe, "before").is_dir():
                copy_tree(Path(safe, "before"), folder)
            raise


def generate(here: ClassFolder, name: str) -> None:
    """``nbgrader generate_assignment``."""
    try:
        convert(GenerateAssignment, here, name)
    except (NbGraderException, SystemExit, Exception) as error:
        raise ClassroomError(
            f"nbgrader could not release {name}: {error}. Try: nbgrader generate_assignment {name}"
        ) from error


def pack(folder: Path, archive: Path) -> Path:
    """A folder as a zip with that folder in it."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                pack.write(path, Path(folder.name, path.relative_to(folder)))
    return archive
