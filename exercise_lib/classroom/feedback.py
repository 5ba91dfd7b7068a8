"""Feedback: a page for each student, and a zip of them as the learning platform wants it back."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from nbgrader.converters import GenerateFeedback

from exercise_lib.classroom.collect import read_attempts
from exercise_lib.classroom.folder import ClassFolder, ClassroomError, convert, write

GRADED = "autograded/*/{0}/{0}.ipynb"
NO_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>{name}</title>
<p>{name} was graded, but what is in the notebook cannot be shown as a page. Please ask."""
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Feedback:
    """The zip of pages, and who has a page that only says that there is none, and why."""

    archive: Path
    failed: dict[str, str]


def feedback(here: ClassFolder, name: str, progress: Progress | None = None) -> Feedback:
    """Make ``feedback/ID/NAME/NAME.html`` from what was graded, and pack the pages.

    In the zip each page lies where the submission lay in what was collected, under its name: that
    is how Moodle and Canvas find whose it is.
    """
    here.release_of(name)
    if not any(here.root.glob(GRADED.format(name))):
        raise ClassroomError(
            f"Nothing of {name} is graded. First: python -m exercise_lib.classroom grade {name}"
        )
    failed = make_pages(here, name, progress)
    archive = here.root / f"{name}-feedback.zip"
    unfinished = archive.with_name(archive.name + ".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as pack:
        for student, attempts in sorted(read_attempts(here, name).items()):
            page = here.page(student, name)
            if page.is_file():
                pack.write(page, place(attempts[-1].original, student, name))
    unfinished.replace(archive)
    return Feedback(archive, failed)


def place(original: str, student: str, name: str) -> str:
    """Where a page goes: beside the submission. A student's own zip is left out of the way."""
    parts = original.split("/") if original else [student, f"{name}.ipynb"]
    outer = next(
        (i for i, part in enumerate(parts) if part.lower().endswith(".zip")), len(parts) - 1
    )
    return "/".join([*parts[:outer], Path(parts[outer]).stem + ".html"])


def make_pages(here: ClassFolder, name: str, progress: Progress | None) -> dict[str, str]:
    """``nbgrader generate_feedback``, for one student after the other: a page that cannot be made
    stops none of the others. Returns why, by id."""
    failed: dict[str, str] = {}
    students = sorted(path.parent.parent.name for path in here.root.glob(GRADED.format(name)))
    for done, student in enumerate(students, start=1):
        try:
            convert(GenerateFeedback, here, name, student)
        except (Exception, SystemExit) as error:  # how nbgrader says that a page failed
            failed[student] = str(error) or type(error).__name__
        page = here.page(student, name)
        if student in failed or not page.is_file():
            failed.setdefault(student, "nbgrader made no page")
            write(page, NO_PAGE.format(name=escape(name)))
        if progress:
            progress(done, len(students), student)
    return failed
