"""The start of a run as a point of the picture: it goes where it is put."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from course_lib.landscapes import Landscape
from course_lib.pictures.touch import Point
from course_lib.wording import in_words

MOVED = "The start was moved: stars count from the given one."


def start_point(
    axes: Axes,
    landscape: Landscape,
    at: Callable[[], Sequence[float]],
    to: Callable[[np.ndarray], None],
) -> Point:
    """The start on the ground that ``axes`` show; under the pointer it tells f and the slope.

    at: the start, d coordinates; to: begins at another one, inside the window
    """
    low, high = np.array(landscape.window, dtype=float).T
    finest = 10 ** np.floor(np.log10((high - low) / 500))  # short numbers, finer than a finger

    def stands() -> tuple[float, float]:
        x = np.asarray(at(), dtype=float)
        return float(x[0]), float(x[1] if landscape.dim == 2 else landscape.f(x))

    def put(*place: float) -> None:
        x = np.clip(np.array(place[: landscape.dim]), low, high)
        to(np.clip(np.round(np.round(x / finest) * finest, 12), low, high))

    def tell(*place: float) -> str:
        x = np.array(place[: landscape.dim])
        with np.errstate(all="ignore"):
            f, slope = float(landscape.f(x)), landscape.grad(x)
        where = ", ".join(f"{c:.3g}" for c in x)
        told = ", ".join(f"{c:.3g}" for c in slope)
        if landscape.dim == 1:
            return f"x = {where}\nf = {in_words(f)}, slope {told}"
        return f"({where})\nf = {in_words(f)}, ∇f = ({told})"

    return Point(axes, "start", stands, put, tell=tell)


def step_point(
    axes: Axes,
    at: Callable[[], float],
    to: Callable[[int], None],
    most: int,
    tell: Callable[[float, float], str] | None = None,
) -> Point:
    """The step of a run in a picture over the steps: dragging along its curve moves it."""

    def put(step: float, _: float) -> None:
        to(int(np.clip(round(step), 0, most)))

    point = Point(axes, "step", lambda: (at(), 0.0), put, (1.0, 0.0), tell, ringed=False)
    point.cursor = "ew-resize"
    return point


def nearest_curve(
    axes: Axes, curves: Sequence[tuple[str, np.ndarray]], step: float, height: float
) -> str:
    """Which of the curves passes closest above or below a place, and its value there.

    curves: (name, values by step), as drawn
    """
    t = max(round(step), 0)
    there = [(name, values[t]) for name, values in curves if t < len(values)]
    if not there:
        return f"step {t}"
    log = axes.get_yscale() == "log"
    with np.errstate(all="ignore"):
        far = [
            abs(np.log(max(v, 1e-300)) - np.log(max(height, 1e-300))) if log else abs(v - height)
            for _, v in there
        ]
    name, value = there[int(np.argmin(far))]
    return f"{name}\nstep {t}: {in_words(value)}"
