"""Bug hunts: programs with numbered lines, of which one is wrong, and the learner names it.

An answer is the number of a line for each program, such as ``{"unrolled": 4, "shrinkage": 3}``.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from exercise_lib.engine import Case, NotYet, Trouble, numbers


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
        named = [_number(answer[name]) for name in innocent]
        return numbers(named, (len(innocent),), "Your answer is")

    def acquittal(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
        """Of the first program whose bug was not found: why the line named is right."""
        triples = zip(innocent, seen[0], right[0], strict=True)
        name, line = next((name, line) for name, line, bug in triples if line != bug)
        if line not in innocent[name]:
            return f"`{name}` has no line {line:g}. The numbers stand at the end of the lines."
        return f"In `{name}` line {line:g} is right: {innocent[name][line]}."

    return {"observe": lines, "otherwise": acquittal, "mistakes": ()}


def _number(line: object) -> object:
    """A line as learners name it, also as a text: 3, "3", "# 3" or "line 3"."""
    told = re.fullmatch(r"\s*(?:#|line)?\s*(\d+)\s*", line) if isinstance(line, str) else None
    return int(told[1]) if told else line
