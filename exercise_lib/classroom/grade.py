"""Grade a class: each submission runs in a sandbox of its own, judges are processes that run
nothing of a student, and only this process, which runs neither, writes grades.
"""

import contextlib
import errno
import hashlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    LimitOutput,
    SaveAutoGrades,
)
from nbgrader.utils import determine_grade, is_grade
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from exercise_lib.classroom.collect import read_attempts
from exercise_lib.classroom.folder import ClassFolder, ClassroomError, write, write_notebook
from exercise_lib.classroom.notebook_text import course_of
from exercise_lib.classroom.repair import rebuilt, repair
from exercise_lib.classroom.sandbox import PATIENCE, Execution, Limits, bubblewrap, environment
from exercise_lib.classroom.version import version_here
from exercise_lib.personal import announce

QUIET = logging.getLogger("classroom.nbgrader")
QUIET.setLevel(logging.CRITICAL)
Progress = Callable[[int, int, str], None]
JUDGE = (sys.executable, "-P", "-m", "exercise_lib.classroom.sandbox")
NOT_GRADED = "NOT GRADED"
JUDGES_SECONDS = 300.0  # beyond a hand-in's own: what the judge itself may need, at the most


@dataclass
class Graded:
    """How grading one submission went.

    points, of:    points earned, and how many there are; cells for people to grade not counted
    seconds:       of time; megabytes: of memory at the most
    trouble:       limits that it ran into
    tampered:      names of the course, numpy or Python that the student's code had changed
    sandboxed:     whether it ran in bubblewrap
    fingerprint:   of what was graded: while it stays the same, there is nothing to do
    again:         whether it was run now, and not before
    course:        the version of the course that judged
    """

    points: float
    of: float
    seconds: float
    megabytes: float
    trouble: list[str] = field(default_factory=list)
    tampered: list[str] = field(default_factory=list)
    sandboxed: bool = False
    fingerprint: str = ""
    again: bool = True
    course: str = ""

    @property
    def failed(self) -> bool:
        """Whether it could not be graded, for no fault of the student's."""
        return any(note.startswith(NOT_GRADED) for note in self.trouble)


def grade(
    here: ClassFolder,
    name: str,
    jobs: int | None = None,
    again: bool = False,
    limits: Limits | None = None,
    progress: Progress | None = None,
    students: Sequence[str] | None = None,
    sandboxed: bool | None = None,
) -> dict[str, Graded]:
    """Run and grade the submissions that are new or changed since they were graded last.

    jobs:     how many at a time; the number of cores if not given
    again:    grade all
    progress: called with how many are done, how many there are, and a line about the last one
    students: only these ids
    sandboxed: True insists on bubblewrap, False does without, None takes it where it works

    Returns a ``Graded`` for each student who handed in, also for those graded before.
    """
    released = here.release_of(name)
    if read_attempts(here, name):
        repair(here, name, only_new=True)
    waiting = here.who_submitted(name)
    if not waiting:
        raise ClassroomError(f"Nobody has handed in {name}. First: collect, then repair.")
    if unknown := {*(students or ())} - {*waiting}:
        raise ClassroomError(f"{', '.join(sorted(unknown))} handed in nothing for {name}.")
    if sandboxed and bubblewrap().missing:
        raise ClassroomError(bubblewrap().missing)
    waiting = sorted(students or waiting)
    here.enrol()
    runs, todo = {}, {}
    for student in waiting:
        mark = fingerprint(here, student, name)
        before = run_before(here, student, name)
        if before and before.fingerprint == mark and not again:
            runs[student] = before
        else:
            todo[student] = mark
    limits, start = limits or Limits(), time.monotonic()
    jobs = max(1, min(jobs or os.cpu_count() or 1, len(todo)))
    with here.gradebook() as gradebook, Judges(jobs) as judges:
        pool = ThreadPoolExecutor(jobs)
        futures: dict[Future, str] = {
            pool.submit(execute, judges, here, released, name, student, limits, sandboxed): student
            for student in todo
        }
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                student = futures.pop(future)
                result, mark = future.result(), todo[student]
                runs[student] = record(here, gradebook, name, student, result, mark)
                if progress:
                    left = (time.monotonic() - start) / done * len(futures)
                    progress(done, len(todo), about(student, runs[student], left))
        finally:
            judges.end()  # what is done is kept; the rest is for next time
            pool.shutdown(cancel_futures=True)
    return dict(sorted(runs.items()))


class Judges:
    """The processes of the judges. One that does not come back is replaced."""

    def __init__(self, many: int):
        self.free: queue.Queue[subprocess.Popen | None] = queue.Queue()
        self.all: list[subprocess.Popen] = []
        self.over = False
        for _ in range(many):
            self.free.put(None)

    def __enter__(self) -> "Judges":
        return self

    def __exit__(self, *exception: object) -> None:
        self.end()

    def end(self) -> None:
        self.over = True
        for process in self.all:
            process.terminate()
        for process in self.all:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
            process.stdout.close()
            with contextlib.suppress(OSError):  # what it did not read any more
                process.stdin.close()
        self.all = []

    def judged(self, task: dict, seconds: float) -> dict:
        """What became of a hand-in."""
        process = self.free.get() or self._new()
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            process.stdin.write((json.dumps(task) + "\n").encode())
            process.stdin.flush()
            found = json.loads(process.stdout.readline())
        except (OSError, ValueError) as error:
            process.kill()
            process = None
            raise RuntimeError("its judge did not come back") from error
        finally:
            timer.cancel()
            self.free.put(process)
        if "error" in found:
            raise RuntimeError(found["error"])
        return found

    def _new(self) -> subprocess.Popen:
        if self.over:
            raise RuntimeError("stopped")
        path = environment()["PYTHONPATH"]
        process = subprocess.Popen(
            JUDGE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for this process
        )
        self.all.append(process)
        return process


def about(student: str, run: Graded, left: float) -> str:
    return f"{student}: {run.points:g} of {run.of:g} ({left:.0f} s to go)"


def execute(
    judges: Judges,
    here: ClassFolder,
    released: NotebookNode,
    name: str,
    student: str,
    limits: Limits,
    sandboxed: bool | None,
) -> Execution | Exception:
    """Run a submission; one that cannot be run stops none of the others."""
    try:
        task = {
            "notebook": as_released(here, released, name, student),
            "limits": vars(limits),
            "sandboxed": sandboxed,
            "student": student,
        }
        found = judges.judged(task, PATIENCE * limits.seconds + JUDGES_SECONDS)
        return Execution(**found | {"notebook": nbformat.from_dict(found["notebook"])})
    except Exception as error:
        return error


def as_released(here: ClassFolder, released: NotebookNode, name: str, student: str) -> NotebookNode:
    """What lies in ``submitted/`` with the checks of the release, however it came there."""
    data = here.submitted(student, name).read_bytes()
    done, course = rebuilt(released, data), course_of(data)
    announce(done.notebook, student)
    done.notebook.metadata["course"] = {"broken": done.broken, "repaired": done.notes} | course
    return done.notebook


def fingerprint(here: ClassFolder, student: str, name: str) -> str:
    return hashlib.sha256(here.submitted(student, name).read_bytes()).hexdigest()


def run_before(here: ClassFolder, student: str, name: str) -> Graded | None:
    """How a submission was graded last, if it was."""
    try:
        notebook = nbformat.read(here.autograded(student, name), as_version=4)
        return Graded(**notebook.metadata["course"]["run"])
    except (OSError, KeyError, TypeError, ValueError):  # never, or by plain nbgrader
        return None


def record(
    here: ClassFolder,
    gradebook: Gradebook,
    name: str,
    student: str,
    done: Execution | Exception,
    mark: str,
) -> Graded:
    """Save the grades of one submission; if that fails it stays ungraded, and the rest goes on."""
    try:
        if isinstance(done, Exception):
            raise done
        return save(here, gradebook, name, student, done, mark)
    except Exception as error:
        gradebook.db.rollback()
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ClassroomError(
                "The disk is full. What is graded is kept; make room, then grade again."
            ) from None
        here.autograded(student, name).unlink(missing_ok=True)  # what was graded is out of date
        return Graded(0, 0, 0, 0, [f"{NOT_GRADED}: {error}"])


def save(
    here: ClassFolder, gradebook: Gradebook, name: str, student: str, done: Execution, mark: str
) -> Graded:
    """Save the grades, then the notebook that was run: without it, the grade is not final."""
    notebook = done.notebook
    submitted = here.submitted(student, name)
    config = here.config
    when = CourseDirectory(config=config).get_existing_timestamp(str(submitted.parent))
    with warnings.catch_warnings():  # of nbgrader about itself
        warnings.simplefilter("ignore", SAWarning)
        known = {"timestamp": when} if when else {}
        gradebook.update_or_create_submission(name, student, **known)
    resources = {
        "nbgrader": {
            "student": student,
            "assignment": name,
            "notebook": name,
            "db_url": f"sqlite:///{here.root / 'gradebook.db'}",
        }
    }
    for step in (LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata):
        notebook, resources = quiet(step, config).preprocess(notebook, resources)
    scores = [determine_grade(cell, QUIET) for cell in notebook.cells if is_grade(cell)]
    run = Graded(
        float(sum(score or 0 for score, _ in scores)),
        float(sum(most for _, most in scores)),
        round(done.seconds, 2),
        round(done.megabytes, 1),
        done.trouble,
        done.tampered,
        done.sandboxed,
        mark,
        course=version_here(),
    )
    course = notebook.metadata.setdefault("course", {})
    course["run"] = asdict(run) | {"again": False}
    notebook.cells[:0] = remarks(course.get("broken", ""), course.get("repaired", []), done.trouble)
    target = here.autograded(student, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if when:
        stamp = "timestamp.txt"
        write(target.with_name(stamp), submitted.with_name(stamp).read_text(encoding="utf-8"))
    write_notebook(target, notebook)
    return run


def quiet(step: type, config: Config) -> object:
    made = step(config=config)
    made.log = QUIET
    return made


def remarks(broken: str, repaired: list[str], trouble: list[str]) -> list[NotebookNode]:
    """A cell above all others that tells the student what was done to the file."""
    lines = [f"- Your file could not be graded: {broken}."] if broken else []
    lines += [f"- Repaired before grading: {note}." for note in repaired]
    lines += [f"- While it ran: {note}." for note in trouble]
    if not lines:
        return []
    return [new_markdown_cell("\n".join(["**About your file**", "", *lines]), id="about")]
