"""What came out: the grades of everybody, and nobody silently absent."""

import csv
import io
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from exercise_lib.classroom.collect import Attempt, read_attempts
from exercise_lib.classroom.folder import ClassFolder, write
from exercise_lib.classroom.grade import fingerprint, run_before
from exercise_lib.classroom.version import version_released

GRADES = (
    "id name email exercise points of late attempt state note seconds megabytes submitted".split()
)


def grades(here: ClassFolder) -> list[dict[str, object]]:
    """A row for every student and every released exercise, so that nobody is silently absent.

    state: graded, needs grading (by a person), not graded (collected only), broken (0 points: the
    file could not be read), or missing
    """
    students = here.students()
    rows = []
    with here.gradebook() as gradebook:
        for name in here.exercises():
            attempts = read_attempts(here, name)
            most = gradebook.find_assignment(name).max_score
            for id in sorted({*students, *attempts}):
                who = students.get(id)
                row = dict.fromkeys(GRADES, "") | {"id": id, "exercise": name, "of": most}
                row |= {"name": who.name, "email": who.email} if who else {"note": "left the class"}
                rows.append(row | outcome(here, gradebook, id, name, attempts.get(id, [])))
    return rows


def outcome(
    here: ClassFolder, gradebook: Gradebook, id: str, name: str, attempts: list[Attempt]
) -> dict[str, object]:
    """The part of a row that says how it went."""
    if not attempts:
        return {"state": "missing", "points": 0}
    found: dict[str, object] = {"attempt": attempts[-1].number, "submitted": attempts[-1].time}
    late = attempts[-1].late
    run = run_before(here, id, name)
    newest = here.repaired_attempt(id, name) == attempts[-1].number
    if run is None or not newest or run.fingerprint != fingerprint(here, id, name):
        return found | {"state": "not graded", "late": "yes" if late else ""}
    try:
        submission = gradebook.find_submission(name, id)
    except MissingEntry:
        return found | {"state": "not graded"}
    course = nbformat.read(here.autograded(id, name), as_version=4).metadata["course"]
    if submission.total_seconds_late > 0:
        found["late"] = f"{submission.total_seconds_late / 3600:.1f} h"
    elif late:
        found["late"] = "yes"
    penalty = sum(notebook.late_submission_penalty or 0 for notebook in submission.notebooks)
    state = "needs grading" if submission.needs_manual_grade else "graded"
    notes = [course["broken"], *run.trouble]
    if run.tampered:
        notes.append(f"changed {', '.join(run.tampered)}: look at it")
    if run.course and version_released(here, name) not in ("", run.course):
        notes.append(f"graded with the course {run.course}, not that of the release")
    if not run.sandboxed:
        notes.append("ran without a sandbox")
    return found | {
        "points": max(0.0, submission.score - penalty),
        "state": "broken" if course["broken"] else state,
        "note": "; ".join(note for note in notes if note),
        "seconds": run.seconds,
        "megabytes": run.megabytes,
    }


def write_grades(here: ClassFolder) -> Path:
    """``grades.csv`` in the class folder."""
    text = io.StringIO()
    table = csv.DictWriter(text, GRADES, lineterminator="\n")
    table.writeheader()
    table.writerows({key: harmless(value) for key, value in row.items()} for row in grades(here))
    path = here.root / "grades.csv"
    write(path, "\ufeff" + text.getvalue())  # the mark makes spreadsheets read UTF-8
    return path


def harmless(value: object) -> object:
    """No spreadsheet takes what a student wrote for a formula."""
    text = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and value
    return f"'{value}" if text else value
