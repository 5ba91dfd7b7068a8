"""The small picture in a report: a learner's path on the ravine x²/20 + y², and the right one.

Written as SVG, without matplotlib: quick, and the same text on every machine, so that stored
reports can be compared.
"""

from collections.abc import Callable

import numpy as np

from course_lib.checks.runs import Run, points_of

START = np.array([-7.0, 2.0])
HESSIAN = np.diag([0.1, 2.0])
RINGS = (0.4, 0.9, 1.4, 1.9, 2.4, 2.9)  # where the contours cross the y axis


def path_picture(right: Callable, **settings: float) -> Callable[[object], str]:
    """For ``Task.picture``: draws an answer's path over that of the right rule."""

    def draw(answer: object) -> str:
        run = Run(HESSIAN, np.zeros(2), START, settings, steps=30)
        return _svg(points_of(answer, run), points_of(right, run))

    return draw


def _svg(yours: np.ndarray, right: np.ndarray) -> str:
    rings = "".join(f'<ellipse rx="{r * 20**0.5:.3f}" ry="{r}"/>' for r in RINGS)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="180" viewBox="-8 -3 16 6">'
        "<title>Your path on the ravine x²/20 + y², and dashed the right one.</title>"
        '<rect x="-8" y="-3" width="16" height="6" fill="white"/>'
        '<g transform="scale(1, -1)" fill="none" stroke-linejoin="round">'
        f'<g stroke="#C3CDD5" stroke-width=".03">{rings}</g>'
        f'<polyline points="{_coordinates(yours)}" stroke="black" stroke-width=".06"/>'
        f'<polyline points="{_coordinates(right)}" stroke="#D55E00" stroke-width=".1"'
        ' stroke-dasharray=".15 .2"/>'
        f'<circle cx="{START[0]}" cy="{START[1]}" r=".13" fill="black"/></g>'
        '<text x="7.8" y="2.8" font-size=".42" font-family="sans-serif" text-anchor="end">'
        "your path; dashed: the right one</text></svg>"
    )


def _coordinates(points: np.ndarray) -> str:
    """The start and the points after it, up to where they leave the representable numbers."""
    lost = ~np.isfinite(points).all(axis=-1)
    kept = points[: np.argmax(lost)] if lost.any() else points
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in np.clip([START, *kept], -1000, 1000))
