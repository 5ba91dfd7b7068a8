"""``agree``: the lines of a derivation, each executed against the one before."""

from numbers import Number

import numpy as np

Line = tuple[str, Number | np.ndarray, Number | np.ndarray]


def agree(*lines: Line, rtol: float = 1e-9, atol: float = 1e-12) -> None:
    """Say that all lines hold, or stop at the first that does not.

    lines: (words, left, right): what the line claims, and its two sides; numbers or arrays, which
           agree where |left − right| ≤ atol + rtol · |right|

    Prints ``✔ 6 lines agree``. A line that does not hold is an AssertionError that quotes it::

        agree(
            ("a geometric sum", 1 + b + b**2, (1 - b**3) / (1 - b)),
            ("which is below 1/(1 − b) by b³/(1 − b)", 1 + b + b**2, 1 / (1 - b) - b**3 / (1 - b)),
        )
    """
    if not lines:
        raise ValueError("agree needs one line or more, each (words, left, right)")
    for number, line in enumerate(lines, 1):
        if not (isinstance(line, tuple) and len(line) == 3 and isinstance(line[0], str)):
            raise TypeError(f"line {number} must be (words, left, right), got {line!r}")
        words, left, right = line
        if not np.allclose(left, right, rtol=rtol, atol=atol):
            raise AssertionError(f"line {number}, “{words}”: {_beside(left, right)}")
    print(f"✔ {len(lines)} lines agree" if len(lines) > 1 else "✔ 1 line agrees")


def _beside(left: object, right: object) -> str:
    """The two sides, where they are furthest apart."""
    left, right = np.broadcast_arrays(np.multiply(left, 1.0), np.multiply(right, 1.0))  # no bools
    apart = np.abs(np.asarray(left) - right).ravel()
    worst = int(np.argmax(apart))  # or the first that is nan
    place = "" if left.size == 1 else f" (number {worst + 1} of {left.size})"
    return f"{left.ravel()[worst]:.10g} is not {right.ravel()[worst]:.10g}{place}"
