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
SAME = 1e-5  # paths are one as long as they are no further apart, relatively
YOURS = 'stroke="black" stroke-width="2"'
RIGHT = 'stroke="#D55E00" stroke-width="3" stroke-dasharray="5 6"'
Observe = Callable[[object, Run], np.ndarray]


def path_picture(
    right: Callable | None,
    observe: Observe = points_of,
    start: np.ndarray = START,
    hessian: np.ndarray = HESSIAN,
    **settings: float,
) -> Callable[[object], str]:
    """For ``Task.picture``: draws an answer's path on a ravine over that of the right answer.

    A ring marks the place from which they go different ways. Without a right answer the path is
    drawn alone.
    """

    def draw(answer: object) -> str:
        run = Run(hessian, np.zeros(2), start, settings, STEPS)
        return _paths(run, observe(answer, run), None if right is None else observe(right, run))

    return draw


def parting(yours: np.ndarray, right: np.ndarray) -> int:
    """The first step at which two paths are not at the same place, or 0."""
    apart = ~np.isclose(yours, right, rtol=SAME, atol=SAME, equal_nan=True).all(axis=-1)
    return int(np.argmax(apart)) + 1 if apart.any() else 0


def _paths(run: Run, yours: np.ndarray, right: np.ndarray | None) -> str:
    flat, steep = np.diag(run.hessian)
    wide = np.sqrt(steep / flat)
    rings = "".join(f'<ellipse rx="{r * wide:.3f}" ry="{r}"/>' for r in RINGS)
    step = 0 if right is None else parting(yours, right)
    right = None if right is None else np.array([run.start, *right])
    parted = f"the ring: they part at step {step}" if step else ""
    yours = np.array([run.start, *yours])
    became = _what_became_of(yours)
    dashed = "" if right is None else ", and dashed the right one"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="180" viewBox="-8 -3 16 6">'
        f"<title>Your path on the ravine {_formula(flat)} + {_formula(steep, 'y')}{dashed}."
        f"{_sentence(became)}{_sentence(parted.removeprefix('the ring: '))}</title>"
        '<rect x="-8" y="-3" width="16" height="6" fill="white"/>'
        '<g transform="scale(1, -1)" fill="none" stroke-linejoin="round">'
        f'<g stroke="#C3CDD5" stroke-width=".03">{rings}</g>'
        f'<polyline points="{_coordinates(yours)}" stroke="black" stroke-width=".06"/>'
        f"{_dashed(right)}{_ring(right, step)}"
        f'<circle cx="{yours[0, 0]:g}" cy="{yours[0, 1]:g}" r=".13" fill="black"/></g>'
        '<g font-size=".42" font-family="sans-serif" text-anchor="end">'
        f'<text x="7.8" y="2.8">{became or "your path"}'
        f"{'' if right is None else '; dashed: the right one'}</text>"
        f'{f"""<text x="7.8" y="-2.5">{parted}</text>""" if parted else ""}</g></svg>'
    )


def _formula(curvature: float, name: str = "x") -> str:
    """½ λ x² as one writes it: x²/20 for λ = 0.1, y² for λ = 2."""
    return f"{name}²" if curvature == 2 else f"{name}²/{2 / curvature:g}"


def _dashed(right: np.ndarray | None) -> str:
    if right is None:
        return ""
    return (
        f'<polyline points="{_coordinates(right)}" stroke="#D55E00" stroke-width=".1"'
        ' stroke-dasharray=".15 .2"/>'
    )


def _ring(right: np.ndarray | None, step: int) -> str:
    """Around the last point that both paths share."""
    if not step:
        return ""
    x, y = np.clip(right[step - 1], -1000, 1000)
    return f'<circle cx="{x:.2f}" cy="{y:.2f}" r=".28" stroke="#0072B2" stroke-width=".1"/>'


def _sentence(words: str) -> str:
    return f" {words[:1].upper()}{words[1:]}." if words else ""


def _what_became_of(points: np.ndarray) -> str:
    """Where a path, its start first, is not seen to its end, or is hardly seen: why."""
    lost = ~np.isfinite(points).all(axis=-1)
    if lost[1:].all():
        return "your path is nan or inf from its first step on"
    if lost.any():
        return f"your path is lost at step {np.argmax(lost)}"
    outside = (np.abs(points) > (8, 3)).any(axis=-1)
    if outside.any():
        return f"your path leaves the picture at step {np.argmax(outside)}"
    return "" if np.ptp(points, axis=0).max() > 0.2 else "your path hardly moves"


def _coordinates(points: np.ndarray) -> str:
    """The points up to where they leave the representable numbers."""
    lost = ~np.isfinite(points).all(axis=-1)
    kept = points[: np.argmax(lost)] if lost.any() else points
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in np.clip(kept, -1000, 1000))


def schedule_picture(
    right: Callable,
    times: Sequence[int],
    unit: str = "lr",
    label: str = "η",
    shape: tuple[int, ...] = (),
    what: str = "learning rate",
    **settings: float,
) -> Callable[[object], str]:
    """For ``Task.picture``: draws what an answer gives at these times over the right values.

    Both functions take the step and then the settings, in their order, and return numbers of this
    ``shape``. They are drawn in parts of the setting that ``unit`` names, and ``label`` stands at
    its height.
    """

    def draw(answer: object) -> str:
        yours, rights = (
            np.array([result_of(function, t, *settings.values(), shape=shape) for t in times])
            for function in (answer, right)
        )
        return _curves(yours / settings[unit], rights / settings[unit], label, what)

    return draw


def _curves(yours: np.ndarray, right: np.ndarray, label: str, what: str) -> str:
    """Curves in parts of a unit; what is above 1.25 or below −0.1 leaves the picture."""
    outside = not (np.isfinite(yours) & (yours < 1.3) & (yours > -0.1)).all()
    became = "yours, where it is in the picture" if outside else "yours"
    step = parting(yours.reshape(len(yours), -1), right.reshape(len(right), -1))
    parted = f"; they part at step {step}" if step else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="180" viewBox="0 0 480 180">'
        f"<title>Your {what} in each step, and dashed the right one."
        f"{' Yours leaves the picture.' if outside else ''}{_sentence(parted[2:])}</title>"
        '<rect width="480" height="180" fill="white"/>'
        '<g stroke="#C3CDD5"><path d="M40 35H460M40 155H460"/></g>'
        '<g fill="none" stroke-linejoin="round">'
        f"{_lines(yours, YOURS)}{_lines(right, RIGHT)}</g>"
        '<g font-size="13" font-family="sans-serif">'
        f'<text x="32" y="39" text-anchor="end">{label}</text>'
        '<text x="32" y="159" text-anchor="end">0</text>'
        '<text x="40" y="173">first step</text><text x="460" y="173" text-anchor="end">last</text>'
        f'<text x="460" y="16" text-anchor="end">{became}; dashed: the right one{parted}'
        "</text></g></svg>"
    )


def _lines(values: np.ndarray, look: str) -> str:
    columns = values.reshape(len(values), -1).T
    return "".join(f'<polyline points="{_heights(column)}" {look}/>' for column in columns)


def _heights(shares: np.ndarray) -> str:
    across = np.linspace(40, 460, len(shares))
    up = 155 - 120 * np.clip(shares, -20, 20)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True) if np.isfinite(y))
