"""Bug hunts: programs with numbered lines, of which one is wrong, and the learner names it.

An answer is the number of a line for each program, such as ``{"unrolled": 4, "shrinkage": 3}``.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from exercise_lib.engine import Case, NotYet, Trouble


def _line(program: str, given: object) -> float:
    """The number of a line, also out of "line 3" or "# 3"."""
    found = re.fullmatch(r"\D*(\d+)\D*", given) if isinstance(given, str) else None
    try:
        return float(found[1] if found else given)
    except (TypeError, ValueError):
        raise Trouble(
            f"For `{program}` give the number of one line, such as 2; it got {given!r:.40}.",
            "no such answer",
        ) from None


def bug_hunt(**innocent: Mapping[int, str]) -> dict[str, object]:
    """What a ``Task`` needs for a bug hunt, by keyword: ``Task(…, **bug_hunt(…))``.

    innocent: for each program, by its name, why the lines without the bug are right
    """

    def lines(answer: object, case: Case) -> np.ndarray:
        """The lines named, in the order of the programs."""
        if not isinstance(answer, Mapping) or set(answer) != set(innocent):
            raise Trouble(
                f"Answer with a line for each of {', '.join(map(repr, innocent))}.",
                "no such answer",
            )
        if any(answer[name] is None for name in innocent):
            raise NotYet("Give the number of a line for each program, then run this cell again.")
        return np.array([_line(name, answer[name]) for name in innocent], dtype=float)

    def acquittal(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
        """Of the first program whose bug was not found: why the line named is right."""
        triples = zip(innocent, seen[0], right[0], strict=True)
        name, line = next((name, line) for name, line, bug in triples if line != bug)
        if line not in innocent[name]:
            return f"`{name}` has no line {line:g}. The numbers stand at the end of the lines."
        return f"In `{name}` line {line:g} is right: {innocent[name][line]}."

    return {"observe": lines, "otherwise": acquittal, "mistakes": ()}
