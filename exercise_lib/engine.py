"""What all checks share: try an answer, recognise the mistake, report it in one sentence.

A ``Task`` is data: the right answer, a table of known wrong ones with the hint each deserves, and
how an answer is tried. A check tries the learner's answer on cases drawn anew each time. If it does
what the right answer does, it is right; if it does what a wrong one of the table does, that is the
mistake that was made.
"""

import os
import re
import traceback
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import escape
from inspect import signature
from pathlib import Path

import numpy as np

import course_lib
import exercise_lib
from course_lib.progress_record import record
from course_lib.wording import counted
from exercise_lib.containment.surroundings import Interrupted, Surroundings
from exercise_lib.containment.time_limits import TimeUp, time_limit

OURS = tuple(Path(package.__file__).parent for package in (course_lib, exercise_lib))
SECONDS = 4.0  # for the learner's code in one check
VERDICTS = {"right": "✔ Right", "wrong": "✘ Not right yet", "not yet": "… Not yet"}
COLOURS = {"right": "#009E73", "wrong": "#D55E00", "not yet": "#8A97A3"}

EARLY = 24  # steps

STILL_RUNNING = (
    "was still running after 4 seconds, and was stopped. Which loop never ends, or what takes so "
    "long?"
)
STILL_WAITING = "waits for something that does not come, and was stopped. A check waits for nobody."
REPLACED = (
    "Your notebook puts something else in the place of `{}`, which all other code uses as well. It "
    "has been put back. Give yours a name of its own."
)
KINDS = ("a nudge", "a pointer", "the line itself")
MORE_HELP = 'More help: `check.hint("{}", 1)`, then 2 and 3.'
PRINTED = (
    "What your code prints ({}) is not shown: a check calls it many times. To see it, run your "
    "code in a cell of its own."
)

Case = object
Observe = Callable[[object, Case], np.ndarray]


class Trouble(BaseException):
    """Why an answer cannot be compared with the right one: the learner's hint, and a name for it.

    It is no ``Exception``, so that a learner's ``except Exception`` does not hold it up.
    """

    state = "wrong"

    def __init__(self, hint: str, name: str):
        super().__init__(hint)
        self.name = name


class NotYet(Trouble):
    """There is no answer so far."""

    state = "not yet"

    def __init__(self, hint: str = "Write your answer in the cell above, then run this one again."):
        super().__init__(hint, "")


class Hint(str):
    """Text that a notebook shows as it is, without quotes."""

    __repr__ = str.__str__


@dataclass(frozen=True, repr=False)
class Report:
    """What a check found, shown as one message with at most one hint.

    task:    the name of the task
    state:   "right", "wrong" or "not yet"
    mistake: the name of the mistake, where it is a known one
    picture: an SVG, or ""
    note:    what else there is to say, in small letters
    """

    task: str
    state: str
    points: int
    message: str
    hints: tuple[str, ...]
    mistake: str = ""
    picture: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        return self.state == "right"

    @property
    def score(self) -> int:
        """The points earned: all or none."""
        return self.points if self.passed else 0

    @property
    def verdict(self) -> str:
        return (
            f"{VERDICTS[self.state]}{', ' + counted(self.points, 'point') if self.passed else ''}."
        )

    def hint(self, level: int = 1) -> Hint:
        """More help: 1 a nudge, 2 a pointer, 3 the line itself."""
        return hint_of(self.hints, level)

    def __repr__(self) -> str:
        if "NBGRADER_EXECUTION" in os.environ:  # nbgrader reads the score from this text
            return str(self.score)
        more = MORE_HELP.format(self.task) if self.state == "wrong" else ""
        below = f"{self.note} {more}".strip()
        return f"{self.verdict} {self.message}" + (f"\n{below}" if below else "")

    def _repr_html_(self) -> str:
        note = f'<br><small style="opacity: 0.75">{_html(self.note)}</small>' if self.note else ""
        return (
            f'<div role="status" style="border-left: 4px solid {COLOURS[self.state]}; '
            f'padding: 0.2em 0.8em"><b>{self.verdict}</b> {_html(self.message)}'
            f"{self._img()}{note}</div>{self._folded_hints()}"
        )

    def _folded_hints(self) -> str:
        """The three hints, each a click away, where an answer is not right yet."""
        if self.state != "wrong":
            return ""
        folds = (
            f'<details style="padding: 0.1em 0.8em"><summary style="cursor: pointer">Hint {i}: '
            f"{kind}</summary>{_html(hint)}</details>"
            for i, (kind, hint) in enumerate(zip(KINDS, self.hints, strict=True), 1)
        )
        return "".join(folds)

    def _img(self) -> str:
        if not self.picture:
            return ""
        alt = escape(re.search("<title>(.*)</title>", self.picture)[1])
        data = b64encode(self.picture.encode()).decode()
        return f'<br><img alt="{alt}" src="data:image/svg+xml;base64,{data}">'


def _html(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: its name, the answer itself, and the hint for who gave it."""

    name: str
    answer: object
    hint: str


def something_else(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    """The hint where no known mistake fits."""
    if not all(np.isfinite(s).all() for s in seen):
        return "Your result contains nan or inf. Where do you divide, or take a root or logarithm?"
    return "The result differs from the right one. Try it on an example small enough to do by hand."


@dataclass(frozen=True, repr=False)
class Task:
    """A question of an exercise. Call it with an answer: it returns a ``Report``.

    right:     the right answer
    mistakes:  the wrong answers it recognises
    observe:   what an answer does in a case, as numbers; raises ``Trouble`` if nothing comparable
    cases:     draws the cases of one check
    edges:     by a few words, what some case of every single check is, whatever the draw; empty
               where nothing is drawn. Kept by a test
    otherwise: the hint for an unknown mistake, from what was seen and what is right in each case
    picture:   an SVG that shows what the answer does
    rtol:      how far, relatively, numbers may be off and still count as the same
    rounding:  the same for an answer that fits no mistake and may be right but for its rounding,
               as in float32
    """

    name: str
    points: int
    right: object
    mistakes: Sequence[Mistake]
    observe: Observe
    praise: str
    hints: tuple[str, str, str]
    cases: Callable[[np.random.Generator], Sequence[Case]] = lambda rng: [None]
    edges: Mapping[str, Callable[[Case], bool]] = field(default_factory=dict)
    otherwise: Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], str] = something_else
    picture: Callable[[object], str] = lambda answer: ""
    rtol: float = 1e-9
    rounding: float = 1e-5

    def __repr__(self) -> str:
        return f"<check.{self.name}(…): call it with your answer; {counted(self.points, 'point')}>"

    def __call__(self, answer: object, *, seed: int | None = None) -> Report:
        """The report on an answer, from cases drawn anew, or the same ones again by a seed."""
        cases, surroundings = self.cases(np.random.default_rng(seed)), Surroundings(seed)
        try:
            if answer is None or answer is ...:
                raise NotYet
            seen, cases, picture = self._tried(answer, cases, surroundings)
        except Trouble as trouble:
            report = self._report(trouble.state, str(trouble), trouble.name)
        else:
            report = self._compared(seen, cases, picture)
        if report.passed:
            record("task", self.name)
        n = surroundings.printed
        return replace(report, note=PRINTED.format(counted(n, "line")) if n else "")

    def _tried(self, answer: object, cases: Sequence[Case], surroundings: Surroundings) -> tuple:
        """What the answer does, in which cases, and its picture. Only here the learner's code runs.

        After a run in which it is wrong, of the others only the beginning is looked at.
        """
        try:
            with surroundings, time_limit(SECONDS):
                seen, tried, wrong = [], [], False
                for case in cases:
                    tried.append(_beginning(case) if wrong else case)
                    seen.append(self.observe(answer, tried[-1]))
                    if case is not cases[-1] and not wrong and hasattr(case, "first"):
                        right = self.observe(self.right, case)
                        wrong = not self._same(seen[-1], right, roughly=True)
                found = seen, tried, self.picture(answer)
        except TimeUp as error:
            told = STILL_WAITING if error.waited else STILL_RUNNING
            raise Trouble(f"{_line_of(error)} {told}", "runs on for ever") from error
        except (Trouble, Exception):  # which may come of a NumPy that is no longer NumPy
            if not surroundings.replaced:
                raise
        if surroundings.replaced:
            raise Trouble(REPLACED.format(surroundings.replaced[0]), "NumPy changed")
        return found

    def _compared(self, seen: Sequence[np.ndarray], cases: Sequence[Case], picture: str) -> Report:
        if self._agree(seen, self.right, cases):
            return self._report("right", self.praise, picture=picture)
        for known in self.mistakes:
            if self._agree(seen, known.answer, cases, early=True):
                return self._report("wrong", known.hint, known.name, picture)
        if self.rtol < self.rounding and self._agree(seen, self.right, cases, roughly=True):
            return self._report("right", self.praise, picture=picture)
        right = [self.observe(self.right, case) for case in cases]
        return self._report("wrong", self.otherwise(seen, right), picture=picture)

    def hint(self, level: int = 1) -> Hint:
        """Help without a check: 1 a nudge, 2 a pointer, 3 the line itself."""
        return hint_of(self.hints, level)

    def _agree(
        self,
        seen: Sequence[np.ndarray],
        other: object,
        cases: Sequence[Case],
        roughly: bool = False,
        early: bool = False,
    ) -> bool:
        """Whether another answer does in all cases what was seen (the same nan included).

        roughly: but for its rounding
        early:   of long paths only the first steps count, and only they are made. A known mistake
                 shows in them, and where it sends a path later may depend on rounding.
        """
        if early:
            cases = [_beginning(case) for case in cases]
        return all(
            self._same(numbers, self.observe(other, case), roughly, early)
            for numbers, case in zip(seen, cases, strict=True)
        )

    def _same(
        self, numbers: np.ndarray, others: np.ndarray, roughly: bool = False, early: bool = False
    ) -> bool:
        """Whether two things that were seen count as the same, as in ``_agree``."""
        if numbers.ndim == others.ndim == 2:  # paths, of which one may be cut short
            steps = min(EARLY if early else len(others), len(numbers), len(others))
            numbers, others = numbers[:steps], others[:steps]
        size = np.max(np.abs(others), initial=0, where=np.isfinite(others))
        rtol = max(self.rounding, self.rtol) if roughly else self.rtol
        atol = rtol * size if roughly else 1e-3 * rtol
        return np.allclose(numbers, others, rtol=rtol, atol=atol, equal_nan=True)

    def _report(self, state: str, message: str, mistake: str = "", picture: str = "") -> Report:
        return Report(self.name, state, self.points, message, self.hints, mistake, picture)


def hint_of(hints: Sequence[str], level: int) -> Hint:
    if level not in range(1, len(hints) + 1):
        raise ValueError(f"level must be 1, 2 or 3 (a nudge, a pointer, the line), got {level!r}")
    return Hint(f"Hint {level} of {len(hints)}: {hints[level - 1]}")


def spread(rng: np.random.Generator, low: float, high: float, n: int) -> np.ndarray:
    """(n,), a number from each of n equal parts of a range, in any order: both ends are tried."""
    parts = (np.arange(n) + rng.uniform(0, 1, n)) / n
    return rng.permutation(low + (high - low) * parts)


def _beginning(case: Case) -> Case:
    """The first steps of a case that is a long run."""
    return case.first(EARLY) if hasattr(case, "first") else case


# Trying a learner's code


@contextmanager
def learners_code() -> Iterator[None]:
    """Around the learner's code: warnings are silent, and what it raises becomes ``Trouble``."""
    try:
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            yield
    except Interrupted:
        raise
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise _trouble_of(error) from error


def _trouble_of(error: BaseException) -> Trouble:
    """What a learner's error means, in words where Python's own do not help."""
    kind = type(error).__name__
    said = next((words for types, words in IN_WORDS.items() if isinstance(error, types)), None)
    if said:
        return Trouble(f"{_line_of(error)} raised {kind}: {said}", f"raises {kind}")
    what = f"{kind}: {error}".removesuffix(": ")
    advice = next((f". {words}" for part, words in ADVICE.items() if part in str(error)), "")
    return Trouble(f"{_line_of(error)} raised {what}{advice}", f"raises {kind}")


IN_WORDS = {  # in place of what Python says
    SystemExit: "it ends the program. Leave `exit` and `quit` out; a function ends with `return`.",
    KeyboardInterrupt: "that is for somebody who presses Ctrl-C.",
    RecursionError: "the function calls itself again and again. What ends that? A loop does not "
    "need it.",
    MemoryError: "it wants more than a gigabyte. What here grows at every step, or is far larger "
    "than `x`?",
}
ADVICE = {  # what to do about it, by words of the error
    "cannot access local variable": "Give it its first value before the loop.",
    "could not be broadcast": "Is one of your arrays made for one size only? An array as long as "
    "`x`, whatever its length, is `np.zeros_like(x)`.",
    "ufunc 'bitwise_xor' not supported": "A power is written `**`; `^` is something else.",
    "unsupported operand type(s) for ^": "A power is written `**`; `^` is something else.",
}


def _line_of(error: BaseException) -> str:
    """The learner's own line that an error came through, the innermost one."""
    while error:  # of a chain of errors the last one may have come in code of ours
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if not set(OURS) & set(Path(frame.filename).parents)]
        lines = [f.line for f in theirs if f.filename == theirs[0].filename and f.line]
        if lines:
            return f"Your line `{lines[-1]}`"
        error = error.__context__
    return "Your code"


def called(function: object, *args: object, **kwargs: object) -> object:
    """The learner's function called with these arguments; to be used in ``learners_code``."""
    if not callable(function):
        raise Trouble(
            f"Give the check the function itself, without calling it. It got {_kind(function)}.",
            "no function",
        )
    try:
        return function(*args, **kwargs)
    except TypeError:  # of a call that does not fit, or of something in the function
        try:
            signature(function).bind(*args, **kwargs)
        except TypeError as error:
            raise Trouble(
                f"Keep the arguments of the function as the task has them. Python says: {error}.",
                "other arguments",
            ) from None
        raise


def result_of(function: object, *args: object, shape: tuple[int, ...] = ()) -> np.ndarray:
    """What a learner's function returns, as numbers of this shape; its arguments stay unchanged."""
    given = [np.array(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
    with learners_code():
        result = called(function, *given)
    if result is None:
        raise NotYet("The function returns nothing so far (None). It must `return` its result.")
    for before, after in zip(args, given, strict=True):
        if isinstance(before, np.ndarray) and not np.allclose(
            before, after, rtol=1e-9, equal_nan=True
        ):
            raise Trouble(
                "Your function changes the array that it is given. Change a copy: `x.copy()`.",
                "changes its argument",
            )
    return numbers(result, shape, "Your function returned")


def number(answer: object, case: Case = None) -> np.ndarray:
    """An answer that is one number."""
    return numbers(answer, (), "Your answer is")


def numbers(value: object, shape: tuple[int, ...], what: str) -> np.ndarray:
    """The value as an array of floats of this shape, or ``Trouble``, which begins with ``what``."""
    try:
        found = np.shape(value)
        if isinstance(value, np.ndarray) and shape == () and found == (1,):  # one number as well
            value, found = value[0], ()
        array = np.array(value, dtype=float) if found == shape else None  # it may be huge
    except Exception:  # of a learner's own type it may be any
        raise Trouble(f"{what} {_kind(value)}; it must be {_due(shape)}.", "wrong type") from None
    if value is None:  # which numpy would take for nan
        raise Trouble(f"{what} {_kind(value)}; it must be {_due(shape)}.", "returns nothing")
    if array is None:
        is_number = isinstance(value, int | float | complex | np.number)
        single = "a single number" if is_number else _kind(value)
        seen = f"an array of shape {found}" if found else single
        raise Trouble(f"{what} {seen}; it must be {_due(shape)}.", "wrong shape")
    return array


def _due(shape: tuple[int, ...]) -> str:
    if not shape:
        return "one number"
    array = f"an array of shape {shape}"
    return f"{shape[0]} numbers, {array}" if len(shape) == 1 else array


def _kind(value: object) -> str:
    name = type(value).__name__
    return "nothing (None)" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
