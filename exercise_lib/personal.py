"""Personal numbers: a task whose numbers are drawn by the id of the student.

Near its top such an exercise has a cell ``check.student("")``. Left empty, everyone has the
standard numbers; with an id, ``check.<task>.given()`` and ``check.<task>(…)`` use the numbers of
that id, the same on every machine and in every version of Python and NumPy. ``announce`` writes the
true id into a notebook that is handed in, before it is graded.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from exercise_lib.engine import Hint, Report, Task, Trouble

if TYPE_CHECKING:  # not there in a browser
    from nbformat import NotebookNode

CELL = "student"  # the id of the cell with check.student("")
NOT_YOURS = (
    "These are the numbers of another variant. Run the cell with your id and those below it once "
    "more, from the top, and answer for the numbers that you are given."
)


@dataclass
class WhoWorks:
    """Whose numbers count now ("" for everyone's), and whether that can still change."""

    name: str = ""
    final: bool = False


who = WhoWorks()


def student(name: str = "") -> Hint:
    """Says who is working; an empty id means everyone's standard numbers.

    While nbgrader grades, the first id counts: it is the true one, written in by the course.
    """
    if not isinstance(name, str):
        raise TypeError(f'an id stands in quotes, as in check.student("s123"), got {name!r}')
    if not who.final:
        who.name, who.final = normal(name), "NBGRADER_EXECUTION" in os.environ
    if who.name != normal(name):
        return Hint(f"The numbers stay those of {who.name or 'everyone'}.")
    return Hint(f"Your numbers are those of {name}." if name else "You have everyone's numbers.")


def normal(name: str) -> str:
    """An id without what differs by accident: outer blanks and capitals."""
    return name.strip().casefold()


def place(name: str, task: str, n: int) -> int:
    """Which of n variants of a task an id gets; the ids spread evenly."""
    digest = hashlib.sha256(f"{task}/{normal(name)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % n


def announce(notebook: "NotebookNode", name: str) -> bool:
    """Write an id into the notebook's cell for it; says whether the notebook has such a cell.

    The cell becomes the first one, before anything that the student wrote.
    """
    for cell in notebook.cells:
        if cell.get("id") == CELL and cell.cell_type == "code":
            quoted = json.dumps(name, ensure_ascii=False)
            cell.source = f"import exercise_lib.check\n\nexercise_lib.check.student({quoted})"
            notebook.cells.remove(cell)
            notebook.cells.insert(0, cell)
            return True
    return False


@dataclass(frozen=True, repr=False, kw_only=True)
class PersonalTask(Task):
    """A task in many variants. As a ``Task`` it is the standard one; made by ``personal``.

    standard: everyone's numbers
    others:   the numbers of all other variants, found when they are first needed
    make:     the task with these numbers
    give:     what a learner is given to work with
    same:     an answer as numbers, so that the right answer of another variant is recognised
    """

    standard: tuple
    others: Callable[[], Sequence[tuple]]
    make: Callable[..., Task]
    give: Callable[..., object]
    same: Callable[[object], np.ndarray] | None

    def numbers(self, name: str | None = None) -> tuple:
        """The numbers of an id, or of who works now. Nobody with an id gets the standard ones."""
        name = who.name if name is None else normal(name)
        others = self.others() if name else ()
        return others[place(name, self.name, len(others))] if name else self.standard

    @property
    def variants(self) -> list[tuple]:
        """The numbers of all variants, the standard ones first."""
        return [self.standard, *self.others()]

    def given(self) -> object:
        """What the task is about, with the numbers of whoever ``check.student`` named."""
        return self.give(*self.numbers())

    def mine(self) -> Task:
        """The task with the numbers of whoever ``check.student`` named."""
        return self.make(*self.numbers())

    def __call__(self, answer: object, **options: object) -> Report:
        task = self.mine()
        report = task(answer, **options)
        known = {mistake.name for mistake in task.mistakes}
        unknown = report.state == "wrong" and report.mistake not in known
        if unknown and self._is_anothers(answer):
            return task._report("wrong", NOT_YOURS, "another's numbers")
        return report

    def hint(self, level: int = 1) -> Hint:
        return self.mine().hint(level)

    def _is_anothers(self, answer: object) -> bool:
        """Whether the answer is, digit for digit, the right one of another variant."""
        if self.same is None:
            return False
        try:
            seen = self.same(answer)
        except Trouble:
            return False
        others = (self.make(*numbers) for numbers in self.variants if numbers != self.numbers())
        return any(np.allclose(seen, self.same(other.right), rtol=1e-4) for other in others)


def personal(
    make: Callable[..., Task],
    give: Callable[..., object],
    standard: tuple,
    others: Callable[[], Sequence[tuple]],
    same: Callable[[object], np.ndarray] | None = None,
) -> PersonalTask:
    """A task in variants; the arguments are described in ``PersonalTask``."""
    as_task = {field.name: getattr(make(*standard), field.name) for field in fields(Task)}
    return PersonalTask(
        **as_task, standard=standard, others=cache(others), make=make, give=give, same=same
    )
