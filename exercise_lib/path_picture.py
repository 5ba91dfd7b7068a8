"""The small pictures in a report: what a learner's answer does, and dashed what the right one does.

Written as SVG, without matplotlib: quick, and the same text on every machine, so that stored
reports can be compared.
"""

from collections.abc import Callable, Sequence

import numpy as np

from exercise_lib.engine import result_of
from exercise_lib.rule_runs import Run, points_of

START = np.array([-7.0, 2.0])
HESSIAN = np.diag([0.1, 2.0])
RINGS = (0.4, 0.9, 1.4, 1.9, 2.4, 2.9)  # where the contours cross the y axis
STEPS = 30
Observe = Callable[[object, Run], np.ndarray]


def path_picture(
    right: Callable,
    observe: Observe = points_of,
    start: np.ndarray = START,
    **settings: float,
) -> Callable[[object], str]:
    """For ``Task.picture``: draws an answer's path on the ravine over that of the right rule."""

    def draw(answer: object) -> str:
        run = Run(HESSIAN, np.zeros(2), start, settings, STEPS)
        return _paths(observe(answer, run), observe(right, run))

    return draw


def _paths(yours: np.ndarray, right: np.ndarray) -> str:
    rings = "".join(f'<ellipse rx="{r * 20**0.5:.3f}" ry="{r}"/>' for r in RINGS)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="180" viewBox="-8 -3 16 6">'
        "<title>Your path on the ravine x²/20 + y², and dashed the right one."
        f"{_sentence(_what_became_of(yours))}</title>"
        '<rect x="-8" y="-3" width="16" height="6" fill="white"/>'
        '<g transform="scale(1, -1)" fill="none" stroke-linejoin="round">'
        f'<g stroke="#C3CDD5" stroke-width=".03">{rings}</g>'
        f'<polyline points="{_coordinates(yours)}" stroke="black" stroke-width=".06"/>'
        f'<polyline points="{_coordinates(right)}" stroke="#D55E00" stroke-width=".1"'
        ' stroke-dasharray=".15 .2"/>'
        f'<circle cx="{START[0]}" cy="{START[1]}" r=".13" fill="black"/></g>'
        '<text x="7.8" y="2.8" font-size=".42" font-family="sans-serif" text-anchor="end">'
        f"{_what_became_of(yours) or 'your path'}; dashed: the right one</text></svg>"
    )


def _sentence(words: str) -> str:
    return f" {words.capitalize()}." if words else ""


def _what_became_of(points: np.ndarray) -> str:
    """Where a path is not seen to its end, or is hardly seen: why."""
    lost = ~np.isfinite(points).all(axis=-1)
    if lost.all():
        return "your path is nan or inf from its first step on"
    if lost.any():
        return f"your path is lost at step {np.argmax(lost) + 1}"
    outside = (np.abs(points) > (8, 3)).any(axis=-1)
    if outside.any():
        return f"your path leaves the picture at step {np.argmax(outside) + 1}"
    return "" if np.ptp([START, *points], axis=0).max() > 0.2 else "your path hardly moves"


def _coordinates(points: np.ndarray) -> str:
    """The start and the points after it, up to where they leave the representable numbers."""
    lost = ~np.isfinite(points).all(axis=-1)
    kept = points[: np.argmax(lost)] if lost.any() else points
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in np.clip([START, *kept], -1000, 1000))


def schedule_picture(
    right: Callable, times: Sequence[int], **settings: float
) -> Callable[[object], str]:
    """For ``Task.picture``: draws an answer's learning rates at these times over the right ones.

    Both functions take the step and then the settings, in their order.
    """

    def draw(answer: object) -> str:
        rates = (
            np.array([result_of(function, t, *settings.values()) for t in times])
            for function in (answer, right)
        )
        return _curves(*rates, settings["lr"])

    return draw


def _curves(yours: np.ndarray, right: np.ndarray, lr: float) -> str:
    """Two curves of rates, in units of η; what is above 1.25 or below −0.1 leaves the picture."""
    outside = not (np.isfinite(yours) & (yours < 1.3 * lr) & (yours > -0.1 * lr)).all()
    became = "your rates, where they are in the picture" if outside else "your rates"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="180" viewBox="0 0 480 180">'
        "<title>Your learning rate in each step, and dashed the right one."
        f"{' Yours leaves the picture.' if outside else ''}</title>"
        '<rect width="480" height="180" fill="white"/>'
        '<g stroke="#C3CDD5"><path d="M40 35H460M40 155H460"/></g>'
        '<g fill="none" stroke-linejoin="round">'
        f'<polyline points="{_heights(yours / lr)}" stroke="black" stroke-width="2"/>'
        f'<polyline points="{_heights(right / lr)}" stroke="#D55E00" stroke-width="3"'
        ' stroke-dasharray="5 6"/></g>'
        '<g font-size="13" font-family="sans-serif">'
        '<text x="32" y="39" text-anchor="end">η</text>'
        '<text x="32" y="159" text-anchor="end">0</text>'
        '<text x="40" y="173">first step</text><text x="460" y="173" text-anchor="end">last</text>'
        f'<text x="460" y="16" text-anchor="end">{became}; dashed: the right ones</text></g></svg>'
    )


def _heights(shares: np.ndarray) -> str:
    across = np.linspace(40, 460, len(shares))
    up = 155 - 120 * np.clip(shares, -20, 20)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True) if np.isfinite(y))
