"""Feedback: a page for each student, and a zip of them as the learning platform wants it back."""

import zipfile
from pathlib import Path

from nbgrader.converters import GenerateFeedback

from exercise_lib.classroom.collect import read_attempts
from exercise_lib.classroom.folder import ClassFolder, ClassroomError, convert


def feedback(here: ClassFolder, name: str) -> Path:
    """Make ``feedback/ID/NAME/NAME.html`` from what was graded, and pack the pages.

    In the zip each page lies where the submission lay in what was collected, under its name: that
    is how Moodle and Canvas find whose it is.
    """
    here.release_of(name)
    if not any(here.root.glob(f"autograded/*/{name}/{name}.ipynb")):
        raise ClassroomError(
            f"Nothing of {name} is graded. First: python -m exercise_lib.classroom grade {name}"
        )
    make_pages(here, name)
    archive = here.root / f"{name}-feedback.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        for student, attempts in sorted(read_attempts(here, name).items()):
            page = here.page(student, name)
            if page.is_file():
                pack.write(page, place(attempts[-1].original, student, name))
    return archive


def place(original: str, student: str, name: str) -> str:
    """Where a page goes: beside the submission. A student's own zip is left out of the way."""
    parts = original.split("/") if original else [student, f"{name}.ipynb"]
    outer = next(
        (i for i, part in enumerate(parts) if part.lower().endswith(".zip")), len(parts) - 1
    )
    return "/".join([*parts[:outer], Path(parts[outer]).stem + ".html"])


def make_pages(here: ClassFolder, name: str) -> None:
    """``nbgrader generate_feedback``."""
    try:
        convert(GenerateFeedback, here, name)
    except SystemExit as error:  # how nbgrader says that some pages failed
        raise ClassroomError(
            f"nbgrader could not make all pages: try nbgrader generate_feedback {name}"
        ) from error
