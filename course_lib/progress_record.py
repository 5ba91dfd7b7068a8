"""What a student has done, in a file of their own beside the lessons; nothing is sent anywhere.

The file has one line for each task passed, each question answered, and each question missed, which
comes back after 1, 3, 7 and 21 days. Lines are only ever added: so two notebooks may write at once,
and a line that is damaged takes no other with it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

FILE = "your_progress.jsonl"
START = Path("notebooks", "00_start_here.ipynb")  # what tells the folder of the course
WORKED_IN = ("notebooks", "exercises")  # in solutions, tests and elsewhere nothing is recorded


INTERVALS = (1, 3, 7, 21)  # days until a missed question comes back: again and again, if right


@dataclass(frozen=True)
class Missed:
    """A question that was answered wrong, and what is needed to ask it again.

    quiz: as ``Quiz.as_record`` gives it; on: the day of the last try
    times_right: how often it has been answered right since it was missed
    """

    question: str
    quiz: Mapping[str, object]
    on: date
    times_right: int = 0

    @property
    def due(self) -> date:
        """From when on it is asked again."""
        return self.on + timedelta(days=INTERVALS[self.times_right])


@dataclass(frozen=True)
class Done:
    """What has been done: names of tasks; lessons by question; lines that cannot be read.

    missed: the questions that come back, the one that is due first at the beginning
    """

    tasks: frozenset[str] = frozenset()
    questions: tuple[tuple[str, str], ...] = ()
    unreadable: int = 0
    missed: tuple[Missed, ...] = ()


def place() -> Path | None:
    """The file of the course that this notebook belongs to; None where nothing is recorded."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / START).is_file():
            inside = here.relative_to(folder).parts
            return folder / FILE if inside and inside[0] in WORKED_IN else None
    return None


def record(kind: str, name: str) -> None:
    """Add a line: that the "task" or the "question" of this name has been done.

    Recording never gets in the way: while grading, and where no file can be written, it does not
    happen.
    """
    done = _so_far()
    if done and name not in _names(kind, done):
        _add({kind: name, "in": _notebook()})


def miss(question: str, quiz: Mapping[str, object]) -> None:
    """Add a line: that this question was answered wrong today, with all that it takes to ask it."""
    done = _so_far()
    now = Missed(question, quiz, today())
    if done and not any((m.question, m.due) == (question, now.due) for m in done.missed):
        _add({"missed": question, "in": _notebook(), "on": str(now.on), "quiz": quiz})


def tried_again(question: str, right: bool) -> None:
    """Add a line: how a question that came back was answered today."""
    if _so_far():
        _add({"again": question, "right": right, "on": str(today())})


def today() -> date:
    return date.today()


def _so_far() -> Done | None:
    """What the file says; None where nothing is recorded."""
    file = None if "NBGRADER_EXECUTION" in os.environ else place()
    return None if file is None else read(file)


def _add(entry: Mapping[str, object]) -> None:
    line = json.dumps(entry, ensure_ascii=False)
    try:
        with place().open("a", encoding="utf-8") as lines:
            lines.write(f"\n{line}\n")  # on a line of its own also after one that was cut short
    except OSError:
        pass


def read(file: Path) -> Done:
    """What the file says; nothing if there is none, or none that may be read."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return Done()
    tasks, questions, missed, unreadable = set(), {}, {}, 0
    for line in filter(str.strip, lines):
        match entry := _entry(line):
            case {"task": str(name)}:
                tasks.add(name)
            case {"question": str(name), "in": str(notebook)}:
                questions[name] = notebook
            case {"missed": str(), "on": str(), "quiz": dict()} | {"again": str(), "on": str()}:
                unreadable += not _come_back(missed, entry)
            case _:
                unreadable += 1
    waiting = sorted(missed.values(), key=lambda m: (m.due, m.question))
    return Done(frozenset(tasks), tuple(questions.items()), unreadable, tuple(waiting))


def _come_back(missed: dict[str, Missed], entry: Mapping) -> bool:
    """Take one line into the questions that come back; False if its day cannot be read."""
    try:
        on = date.fromisoformat(entry["on"])
    except ValueError:
        return False
    if "missed" in entry:
        missed[entry["missed"]] = Missed(entry["missed"], entry["quiz"], on)
    elif before := missed.get(entry["again"]):
        times = before.times_right + 1 if entry.get("right") is True else 0
        missed[before.question] = replace(before, on=on, times_right=min(times, len(INTERVALS) - 1))
        if times == len(INTERVALS):  # it has been right after the longest wait, too
            del missed[before.question]
    return True


def can_write(file: Path) -> bool:
    """Whether a line could be added to the file, which need not exist yet."""
    return not file.is_dir() and os.access(file if file.exists() else file.parent, os.W_OK)


def _entry(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _names(kind: str, done: Done) -> set[str]:
    return set(done.tasks) if kind == "task" else {question for question, _ in done.questions}


def _notebook() -> str:
    """The name of the notebook that this kernel runs, as far as the front end tells it."""
    return Path(os.environ.get("JPY_SESSION_NAME", "")).stem
