"""Repair submissions: each is built anew on the released notebook.

What the student wrote is taken: the cells for answers, and further cells of their own. All else is
as it was released: checks that were deleted, changed or copied grade as if nobody had touched them.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from exercise_lib.classroom.collect import Attempt, attempt_file, read_attempts, timestamp
from exercise_lib.classroom.folder import ClassFolder, ClassroomError, write, write_notebook
from exercise_lib.classroom.notebook_text import (
    LONGEST,
    TOO_LONG,
    Unreadable,
    cells_of,
    imports_in,
    names_in,
    with_pictures,
)
from exercise_lib.personal import CELL, announce

MOST_CELLS = 500  # of the student's own


@dataclass
class Repaired:
    """A submission on the released notebook, and what was repaired, in words."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)
    broken: str = ""


def repair(here: ClassFolder, name: str, only_new: bool = False) -> dict[str, Repaired]:
    """Write ``submitted/ID/NAME`` for each student who handed in; returns them by id.

    only_new: leave alone those whose newest attempt was repaired before
    """
    released = here.release_of(name)
    attempts = read_attempts(here, name)
    if not attempts:
        raise ClassroomError(
            f"Nothing was collected for {name}. First: "
            f"python -m exercise_lib.classroom collect {name} FOLDER_OR_ZIP"
        )
    repaired = {}
    for student, theirs in sorted(attempts.items()):
        attempt = theirs[-1]
        if only_new and here.repaired_attempt(student, name) == attempt.number:
            continue
        done = rebuilt(released, content(here, name, student, attempt), attempt.note)
        announce(done.notebook, student)
        done.notebook.metadata["course"] = {
            "attempt": attempt.number,
            "broken": done.broken,
            "late": attempt.late,
            "repaired": done.notes,
        }
        target = here.submitted(student, name)
        write_notebook(target, done.notebook)
        if when := timestamp(attempt):
            write(target.with_name("timestamp.txt"), when + "\n")
        repaired[student] = done
    return repaired


def content(here: ClassFolder, name: str, student: str, attempt: Attempt) -> bytes | None:
    file: Path = attempt_file(here, name, student, attempt.number)
    return file.read_bytes() if attempt.readable and file.is_file() else None


def rebuilt(released: NotebookNode, data: bytes | None, why: str = "") -> Repaired:
    """A submission, as the bytes that came in (None: no notebook, and why), on the released one."""
    try:
        if data is None:
            raise Unreadable(why or "there is no notebook in it")
        theirs = cells_of(data)
    except Unreadable as error:
        return Repaired(deepcopy(released), [], str(error))
    return _Rebuilding(released, theirs).done()


class _Rebuilding:
    """Which of the student's cells goes where."""

    def __init__(self, released: NotebookNode, theirs: list[dict]):
        self.notebook, self.theirs, self.notes = deepcopy(released), theirs, []
        self.ours = [(cell, cell.metadata.get("nbgrader", {})) for cell in self.notebook.cells]
        self.index_of = {m["grade_id"]: i for i, (_, m) in enumerate(self.ours) if "grade_id" in m}
        by_id = {cell.get("id"): i for i, (cell, _) in enumerate(self.ours)}
        by_source = {cell.source.strip(): i for i, (cell, m) in enumerate(self.ours)}
        self.at: list[int | None] = []  # of each of their cells, the released one that it is
        for cell in theirs:
            index = self.index_of.get(cell["grade_id"])
            index = by_id.get(cell["id"]) if index is None else index
            index = by_source.get(cell["source"].strip()) if index is None else index
            self.at.append(index)

    def is_open(self, index: int) -> bool:
        """Whether the student's version of a cell counts."""
        cell, nbgrader = self.ours[index]
        if not nbgrader:
            return cell.cell_type == "code"
        return bool(nbgrader.get("solution") or nbgrader.get("task"))

    def done(self) -> Repaired:
        released = [cell.source.strip() for cell, _ in self.ours]
        chosen = {i: self._chosen(i) for i in range(len(self.ours)) if self.is_open(i)}
        taken = {position for position in chosen.values() if position is not None}
        extras = self._extras(chosen, taken)
        cells = extras[-1]
        for index, (cell, nbgrader) in enumerate(self.ours):
            position = chosen.get(index)
            if position is not None:
                cell.source = self._short(self.theirs[position]["source"])
                if cell.cell_type == "markdown" and "attachment:" in cell.source:
                    pictures = self.theirs[position]["pictures"]
                    cell.source, cell["attachments"] = with_pictures(cell.source, pictures)
            elif self.is_open(index) and nbgrader.get("solution"):
                self.notes.append(f"the cell {nbgrader['grade_id']!r} was missing")
            self._compare(index)
            cells += [cell, *extras[index]]
        self.notebook.cells = cells
        answers = [i for i in chosen if self.ours[i][1].get("solution")]
        if answers and all(self._is_untouched(i, chosen[i], released) for i in answers):
            self.notes.append("no answer was written: it is as it was handed out")
        if not any(index is not None for index in self.at):
            self.notes.append("no cell of this exercise was found: is it another notebook?")
        return Repaired(self.notebook, list(dict.fromkeys(self.notes)))

    def _is_untouched(self, index: int, position: int | None, released: list[str]) -> bool:
        return position is not None and (self.theirs[position]["source"].strip() == released[index])

    def _chosen(self, index: int) -> int | None:
        """The position of the cell that answers: of several copies the last that was written in."""
        cell, nbgrader = self.ours[index]
        stub = cell.source.strip()
        copies = [p for p, at in enumerate(self.at) if at == index]
        if not copies and nbgrader.get("solution") and cell.cell_type == "code":
            names = names_in(stub)
            copies = [
                p
                for p, theirs in enumerate(self.theirs)
                if names and self.at[p] is None and names <= names_in(theirs["source"])
            ]
            if copies:
                self.notes.append(f"the cell {nbgrader['grade_id']!r} had lost its name")
                for p in copies:
                    self.at[p] = index
        written = [p for p in copies if self.theirs[p]["source"].strip() != stub]
        if not written and nbgrader.get("solution") and cell.cell_type == "code":
            if (elsewhere := self._answer_elsewhere(stub)) is not None:
                self.notes.append(f"the answer {nbgrader['grade_id']!r} stood in another cell")
                self.at[elsewhere] = index
                return elsewhere
        if len(copies) > 1:
            self.notes.append(f"the cell {nbgrader.get('grade_id', 'of yours')!r} was there twice")
        return (written or copies or [None])[-1]

    def _answer_elsewhere(self, stub: str) -> int | None:
        """Where the student wrote an answer into a cell of their own, and left ours as it was."""
        names = names_in(stub)
        own = [p for p, at in enumerate(self.at) if at is None and self.theirs[p]["kind"] == "code"]
        return next(
            (p for p in reversed(own) if names and names <= names_in(self.theirs[p]["source"])),
            None,
        )

    def _extras(self, chosen: dict[int, int | None], taken: set[int]) -> dict[int, list]:
        """Cells of the student's own, after the released cell that they stood behind."""
        extras: dict[int, list[NotebookNode]] = {index: [] for index in range(-1, len(self.ours))}
        last, count = -1, 0
        for position, theirs in enumerate(self.theirs):
            index = self.at[position]
            if index is not None and (not self.is_open(index) or position in taken):
                last = index
                if not self.is_open(index):
                    extras[index] += self._imports_added(index, position)
                continue
            if index is not None and theirs["source"].strip() == self.ours[index][0].source.strip():
                continue  # an empty copy of a cell: run last, it would undo the answer
            count += 1
            if count <= MOST_CELLS and theirs["source"].strip():
                make = new_code_cell if theirs["kind"] == "code" else new_markdown_cell
                extra = make(self._short(theirs["source"]), id=f"own-{position}")
                if theirs["kind"] != "code" and "attachment:" in extra.source:
                    extra.source, pictures = with_pictures(extra.source, theirs["pictures"])
                    extra["attachments"] = pictures
                extras[last].append(extra)
        if count > MOST_CELLS:
            self.notes.append(f"more than {MOST_CELLS} cells: the rest was left out")
        return extras

    def _imports_added(self, index: int, position: int) -> list[NotebookNode]:
        """Some front ends let students write into locked cells; imports there do no harm."""
        cell, nbgrader = self.ours[index]
        if cell.cell_type != "code" or nbgrader.get("grade"):
            return []
        source = self.theirs[position]["source"]
        added = [line for line in imports_in(source) if line not in imports_in(cell.source)]
        return [new_code_cell("\n".join(added), id=f"imports-{position}")] if added else []

    def _compare(self, index: int) -> None:
        """Say where a locked code cell had been deleted, changed or copied."""
        cell, nbgrader = self.ours[index]
        if not nbgrader or self.is_open(index) or cell.get("id") == CELL:
            return
        copies = [self.theirs[p]["source"].strip() for p, at in enumerate(self.at) if at == index]
        name = nbgrader["grade_id"]
        if not copies:
            self.notes.append(f"the cell {name!r} was missing")
        elif any(copy != cell.source.strip() for copy in copies):
            self.notes.append(f"the cell {name!r} was changed")
        elif len(copies) > 1:
            self.notes.append(f"the cell {name!r} was there twice")

    def _short(self, source: str) -> str:
        if source == TOO_LONG:
            self.notes.append(f"a cell had more than {LONGEST:,} characters: it was emptied")
        return source
