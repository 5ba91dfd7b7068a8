"""The judge: it holds the checks and their cases, and runs nothing of a student.

A graded cell that ends in ``check.NAME(answer)`` is no cell to run but a question to the judge: the
hand-in, in its own process behind the wall, is asked for the answer, and the check tries it over
the channel. The score is that of the check's own report. So nothing that a student's process does
to itself can earn a point: it can only answer, right or wrong.
"""

import ast
import dataclasses
import importlib
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType, ModuleType

import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from course_lib.landscapes import Landscape
from exercise_lib import check, engine, personal
from exercise_lib.classroom.channel import Channel, Misunderstood
from exercise_lib.engine import Report
from exercise_lib.rule_runs import Run, most_calls

COURSE = ("course_lib", "exercise_lib")
REPORTS = 200  # that a hand-in may ask for beside its graded cells
REPORT_SECONDS = 30.0  # of the judge's own time for those
MOST_COUNTED = 10**7  # lines printed, calls of a gradient
FAR_BACKSTOP = 10**6  # seconds: in place of the clock the hand-in's own processor time counts


class CannotJudge(Exception):
    """A check is asked for that this version of the course does not have."""


@dataclasses.dataclass(frozen=True)
class Check:
    """A graded cell that asks the judge: ``check.<task>(<argument>)``, after some other lines."""

    task: str
    argument: str
    before: str
    points: float


def checks_of(cells: Sequence[NotebookNode]) -> dict[int, Check]:
    """Of these code cells the ones that ask the judge, by their places."""
    about = [cell.metadata.get("nbgrader", {}) for cell in cells]
    locked = [
        cell.source
        for cell, cell_is in zip(cells, about, strict=True)
        if cell_is.get("locked") and not cell_is.get("grade")
    ]
    if not any(imports_check(source) for source in locked):
        return {}
    found = {}
    for place, (cell, cell_is) in enumerate(zip(cells, about, strict=True)):
        if cell_is.get("grade") and (asked := check_in(cell.source, cell_is.get("points", 0))):
            if asked.task not in check.TASKS:
                raise CannotJudge(
                    f"this version of the course has no check {asked.task!r}. Grade with the "
                    "version that the exercise was released with, or release it anew"
                )
            found[place] = asked
    return found


def imports_check(source: str) -> bool:
    """Whether ``check`` means the course's checks after this cell."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module in COURSE
        and any(a.name == "check" and a.asname in (None, "check") for a in node.names)
        for node in statements(source)
    )


def check_in(source: str, points: float) -> Check | None:
    body = statements(source)
    match body[-1:]:
        case [ast.Expr(ast.Call(ast.Attribute(ast.Name("check"), task), [argument], []))]:
            before = "\n".join(source.splitlines()[: body[-1].lineno - 1])
            return Check(task, ast.unparse(argument), before, points)
    return None


def offers_of(cells: Sequence[NotebookNode]) -> dict[str, list[str]]:
    """What locked cells import from modules of tasks: by module, the names."""
    offers: dict[str, list[str]] = {}
    for cell in cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            for node in statements(cell.source):
                module = getattr(node, "module", None) or ""
                if module.startswith(("exercise_lib.tasks.", "course_lib.checks.")):
                    offers.setdefault(module, []).extend(alias.name for alias in node.names)
    return offers


def statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


class Bench(Channel):
    """The judge's end of the channel, and what a hand-in may ask for beside answers."""

    def __init__(
        self,
        read: Callable[[], list],
        write: Callable[[list], None],
        cells: Sequence[NotebookNode],
        student: str,
    ):
        super().__init__(read, write)
        self.checks, self.offers = checks_of(cells), offers_of(cells)
        self.student = student if any(cell.get("id") == personal.CELL for cell in cells) else ""
        self.asked, self.seconds = 0, 0.0

    def answers_for(self, error: BaseException) -> bool:
        return False  # Trouble and TimeUp end the check; they are not the learner's to catch

    def judge(self, place: int, answer: object) -> Report:
        """The report on the answer to a graded cell."""
        return self._report(self.checks[place].task, answer)

    def told(self, message: list) -> object:
        """What a hand-in gets for a message that is not about a graded cell."""
        match message:
            case ["report", str(task), answer] if task in check.TASKS:
                return self._report_of_its_own(task, answer)
            case ["given", str(task)] if hasattr(check.TASKS.get(task), "given"):
                with self._as_student():
                    return self._by_value(check.TASKS[task].given())
            case ["hint", str(task), int(level)] if task in check.TASKS and 1 <= level <= 3:
                with self._as_student():
                    return str(check.hint(task, level))
            case ["offer", str(module), str(name), list(arguments)]:
                if name in self.offers.get(module, ()):
                    offered = getattr(importlib.import_module(module), name)
                    given = [self.decoded(argument) for argument in arguments]
                    return self._by_value(offered(*given))
            case ["student"]:
                return self.student
        raise Misunderstood("it asks for what is not there")

    def _report_of_its_own(self, task: str, answer: object) -> dict:
        self.asked += 1
        if self.asked > REPORTS or self.seconds > REPORT_SECONDS:
            raise Misunderstood("it asks for too many reports")
        start = time.process_time()
        report = self._report(task, answer)
        self.seconds += time.process_time() - start
        return self.encoded({f.name: getattr(report, f.name) for f in dataclasses.fields(report)})

    def _report(self, task: str, answer: object) -> Report:
        with self._as_student(), patience():
            return check.TASKS[task](self.decoded(answer))

    @contextmanager
    def _as_student(self) -> Iterator[None]:
        """Personal numbers are those of who handed in, whatever the hand-in says."""
        before = dataclasses.replace(personal.who)
        personal.who.name, personal.who.final = personal.normal(self.student), True
        try:
            yield
        finally:
            personal.who.name, personal.who.final = before.name, before.final

    # What only the judge sends: things of the course itself

    def _by_value(self, value: object) -> object:
        """Something of the course, to be kept over there for as long as the notebook runs."""
        if isinstance(value, Landscape) and is_quadratic(value):
            return {"quadratic": [*map(self.encoded, quadratic_parts(value))]}
        if isinstance(value, tuple | list):
            return {"tuple": [*map(self._by_value, value)]}
        if isinstance(value, dict):
            return {"dict": [[self.encoded(k), self._by_value(v)] for k, v in value.items()]}
        if dataclasses.is_dataclass(value) and of_course_lib(type(value)):
            parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
            return {"made": [*place_of(type(value)), self._by_value(parts)]}
        return self.encoded(value)

    def counted(self, counts: dict[str, int]) -> None:
        """Lines printed by a learner's code are printed here, where a check counts them; calls of a
        gradient count as if they had been made here."""
        for what, number in counts.items():
            if not isinstance(number, int) or not 0 <= number <= MOST_COUNTED:
                raise Misunderstood("it counts what makes no sense")
            if what == "lines":
                print("\n" * number, end="")
            elif hasattr(gradient := self.things.get(int(what)), "run"):
                gradient.calls = number

    def thing(self, value: object) -> object:
        if isinstance(run := getattr(value, "run", None), Run):
            bowl = [self.encoded(part) for part in (run.hessian, run.centre, run.bend)]
            return {"gradient": [self.keep(value), *bowl, most_calls(run)]}
        if isinstance(value, np.random.Generator):
            return {"generator": value.bit_generator.state}
        if isinstance(value, FunctionType) and of_course_lib(value) and is_at_its_place(value):
            return {"public": place_of(value)}
        if isinstance(value, FunctionType) and inspect.isgeneratorfunction(value):
            if value.__closure__ is None and is_at_its_place(value):
                return {"source": [value.__name__, inspect.getsource(value)]}
        if isinstance(value, Landscape):
            parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
            return {"made": [*place_of(Landscape), self.encoded(parts)]}
        return super().thing(value)


def of_course_lib(value: object) -> bool:
    return value.__module__.split(".")[0] == "course_lib"


def place_of(value: type | FunctionType) -> list[str]:
    return [value.__module__, value.__qualname__]


def is_at_its_place(value: FunctionType) -> bool:
    module: ModuleType = importlib.import_module(value.__module__)
    return getattr(module, value.__qualname__, None) is value


def is_quadratic(landscape: Landscape) -> bool:
    made = "quadratic.<locals>.<lambda>"
    return {landscape.f.__qualname__, landscape.grad.__qualname__} == {made}


def quadratic_parts(landscape: Landscape) -> list:
    """The arguments of ``quadratic``."""
    return [
        landscape.hessian,
        landscape.start,
        landscape.window,
        landscape.name,
        landscape.formula,
    ]


@contextmanager
def patience() -> Iterator[None]:
    """A check's own limit looks at the clock; here the hand-in's processor time is looked at."""
    before, engine.SECONDS = engine.SECONDS, FAR_BACKSTOP
    try:
        yield
    finally:
        engine.SECONDS = before


def outputs_of(report: Report, points: float) -> list[NotebookNode]:
    """A report as the outputs of its cell: its score as the text, as nbgrader reads it.

    All or none of the points that the cell has, which an instructor may have changed.
    """
    about = {"state": report.state, "mistake": report.mistake, "message": report.message[:5_000]}
    content = {
        "execution_count": 1,
        "data": {
            "text/plain": f"{points if report.passed else 0:g}",
            "text/html": report._repr_html_(),
        },
        "metadata": {"report": about},
    }
    return [output_from_msg({"header": {"msg_type": "execute_result"}, "content": content})]
