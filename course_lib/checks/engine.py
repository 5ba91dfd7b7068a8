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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from inspect import signature
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
VERDICTS = {"right": "✔ Right", "wrong": "✘ Not right yet", "not yet": "… Not yet"}
COLOURS = {"right": "#009E73", "wrong": "#D55E00", "not yet": "#8A97A3"}

Case = object
Observe = Callable[[object, Case], np.ndarray]


class Trouble(Exception):
    """Why an answer cannot be compared with the right one; the message is the learner's hint."""

    state = "wrong"


class NotYet(Trouble):
    """There is no answer so far."""

    state = "not yet"

    def __init__(self, hint: str = "Write your answer in the cell above, then run this one again."):
        super().__init__(hint)


class Hint(str):
    """Text that a notebook shows as it is, without quotes."""

    __repr__ = str.__str__


@dataclass(frozen=True, repr=False)
class Report:
    """What a check found, shown as one message with at most one hint.

    state:   "right", "wrong" or "not yet"
    mistake: the name of the mistake, where it is a known one
    picture: an SVG, or ""
    """

    state: str
    points: int
    message: str
    hints: tuple[str, ...]
    mistake: str = ""
    picture: str = ""

    @property
    def passed(self) -> bool:
        return self.state == "right"

    @property
    def score(self) -> int:
        """The points earned: all or none."""
        return self.points if self.passed else 0

    @property
    def verdict(self) -> str:
        return f"{VERDICTS[self.state]}{', ' + in_points(self.points) if self.passed else ''}."

    def hint(self, level: int = 1) -> Hint:
        """More help: 1 a nudge, 2 a pointer, 3 the line itself."""
        return hint_of(self.hints, level)

    def __repr__(self) -> str:
        if "NBGRADER_EXECUTION" in os.environ:  # nbgrader reads the score from this text
            return str(self.score)
        return f"{self.verdict} {self.message}"

    def _repr_html_(self) -> str:
        message = re.sub("`([^`]+)`", r"<code>\1</code>", escape(self.message))
        return (
            f'<div role="status" style="border-left: 4px solid {COLOURS[self.state]}; '
            f'padding: 0.2em 0.8em"><b>{self.verdict}</b> {message}{self._img()}</div>'
        )

    def _img(self) -> str:
        if not self.picture:
            return ""
        alt = escape(re.search("<title>(.*)</title>", self.picture)[1])
        data = b64encode(self.picture.encode()).decode()
        return f'<br><img alt="{alt}" src="data:image/svg+xml;base64,{data}">'


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
    otherwise: the hint for an unknown mistake, from what was seen and what is right in each case
    picture:   an SVG that shows what the answer does
    rtol:      how far, relatively, the numbers of a right answer may be off
    """

    name: str
    points: int
    right: object
    mistakes: Sequence[Mistake]
    observe: Observe
    praise: str
    hints: tuple[str, str, str]
    cases: Callable[[np.random.Generator], Sequence[Case]] = lambda rng: [None]
    otherwise: Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], str] = something_else
    picture: Callable[[object], str] = lambda answer: ""
    rtol: float = 1e-9

    def __repr__(self) -> str:
        return f"<check.{self.name}(…): call it with your answer; {in_points(self.points)}>"

    def __call__(self, answer: object) -> Report:
        cases = self.cases(np.random.default_rng())
        try:
            if answer is None or answer is ...:
                raise NotYet
            seen = [self.observe(answer, case) for case in cases]
            picture = self.picture(answer)
        except Trouble as trouble:
            return self._report(trouble.state, str(trouble))
        if self._agree(seen, self.right, cases):
            return self._report("right", self.praise, picture=picture)
        for known in self.mistakes:
            if self._agree(seen, known.answer, cases):
                return self._report("wrong", known.hint, known.name, picture)
        right = [self.observe(self.right, case) for case in cases]
        return self._report("wrong", self.otherwise(seen, right), picture=picture)

    def hint(self, level: int = 1) -> Hint:
        """Help without a check: 1 a nudge, 2 a pointer, 3 the line itself."""
        return hint_of(self.hints, level)

    def _agree(self, seen: Sequence[np.ndarray], other: object, cases: Sequence[Case]) -> bool:
        """Whether another answer does in all cases what was seen (the same nan included)."""
        tolerance = {"rtol": self.rtol, "atol": 1e-3 * self.rtol, "equal_nan": True}
        return all(
            np.allclose(numbers, self.observe(other, case), **tolerance)
            for numbers, case in zip(seen, cases, strict=True)
        )

    def _report(self, state: str, message: str, mistake: str = "", picture: str = "") -> Report:
        return Report(state, self.points, message, self.hints, mistake, picture)


def in_points(n: int) -> str:
    return f"{n} point{'s' if n > 1 else ''}"


def hint_of(hints: Sequence[str], level: int) -> Hint:
    if level not in range(1, len(hints) + 1):
        raise ValueError(f"level must be 1, 2 or 3 (a nudge, a pointer, the line), got {level!r}")
    return Hint(f"Hint {level} of {len(hints)}: {hints[level - 1]}")


# Trying a learner's code


@contextmanager
def learners_code() -> Iterator[None]:
    """Around the learner's code: warnings are silent, and what it raises becomes ``Trouble``."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    except Trouble:
        raise
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise Trouble(f"{_line_of(error)} raised {what}") from error


def _line_of(error: BaseException) -> str:
    """The learner's own line that an error came through, the innermost one."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if Path(frame.filename).parent != HERE]
    lines = [frame.line for frame in theirs if frame.filename == theirs[0].filename and frame.line]
    return f"Your line `{lines[-1]}`" if lines else "Your code"


def called(function: object, *args: object, **kwargs: object) -> object:
    """The learner's function called with these arguments; to be used in ``learners_code``."""
    if not callable(function):
        raise Trouble(
            f"Give the check the function itself, without calling it. It got {_kind(function)}."
        )
    try:
        signature(function).bind(*args, **kwargs)
    except TypeError as error:
        raise Trouble(
            f"Keep the arguments of the function as the task has them. Python says: {error}."
        ) from None
    return function(*args, **kwargs)


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
                "Your function changes the array that it is given. Change a copy: `x.copy()`."
            )
    return numbers(result, shape, "Your function returned")


def number(answer: object, case: Case = None) -> np.ndarray:
    """An answer that is one number."""
    return numbers(answer, (), "Your answer is")


def numbers(value: object, shape: tuple[int, ...], what: str) -> np.ndarray:
    """The value as an array of floats of this shape, or ``Trouble``, which begins with ``what``."""
    due = f"an array of shape {shape}" if shape else "one number"
    if len(shape) == 1:
        due = f"{shape[0]} numbers, {due}"
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        array = None
    if array is None or value is None:  # which numpy would take for nan
        raise Trouble(f"{what} {_kind(value)}; it must be {due}.")
    if array.shape != shape:
        found = f"an array of shape {array.shape}" if array.shape else "a single number"
        raise Trouble(f"{what} {found}; it must be {due}.")
    return array


def _kind(value: object) -> str:
    name = type(value).__name__
    return "nothing (None)" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
