"""The ground that a path is drawn on, the axes of its loss, and the marks of a run."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from course_lib.descent import Path
from course_lib.family import Look
from course_lib.landscapes import Landscape
from course_lib.pictures.style import GROUND

FLOOR = 1e-12  # gaps below this are drawn at the bottom of a loss picture

FLOORS = (1e-3, 1e-6, 1e-9, FLOOR)  # where a loss picture may end below


@lru_cache(maxsize=32)
def heights(landscape: Landscape, n: int = 161) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    (x0, x1), (y0, y1) = landscape.window
    x, y = np.meshgrid(np.linspace(x0, x1, n), np.linspace(y0, y1, n))
    return x, y, landscape(np.stack([x, y], axis=-1))


def draw_ground(ax: Axes, landscape: Landscape) -> None:
    """What a path is drawn on: contours of f (d = 2) or its curve (d = 1), minima as crosses."""
    if landscape.dim == 1:
        _draw_curve(ax, landscape)
    elif landscape.dim == 2:
        _draw_contours(ax, landscape)
    else:
        raise ValueError(f"only landscapes of 1 or 2 coordinates can be drawn, not {landscape.dim}")


def _draw_curve(ax: Axes, landscape: Landscape) -> None:
    ((x0, x1),) = landscape.window
    x = np.linspace(x0, x1, 201)
    y = landscape(x[:, np.newaxis])
    ax.plot(x, y, color="#8A97A3", lw=2)
    ax.set(xlim=(x0, x1), ylim=(y.min() - 0.05 * np.ptp(y), y.max()), xlabel="x", ylabel="f(x)")
    for minimum in landscape.minima:
        ax.plot(*minimum, landscape(np.array(minimum)), "x", color="#222222", ms=7, mew=2)


def _draw_contours(ax: Axes, landscape: Landscape) -> None:
    x, y, z = heights(landscape)
    low, high = z.min(), z.max()
    power = 2 if landscape.hessian is not None else 4  # lines spread evenly over the window
    levels = low + (high - low) * np.linspace(0, 1, 16) ** power
    ax.contourf(x, y, (z - low) ** (1 / power), (levels - low) ** (1 / power), cmap=GROUND)
    ax.contour(x, y, z, levels[1:-1], colors="#97A5B1", linewidths=0.6, linestyles="-")
    for minimum in landscape.minima:
        ax.plot(*minimum, "x", color="#222222", ms=7, mew=2)
    (x0, x1), (y0, y1) = landscape.window
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="x", ylabel="y")
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)


def floor_for(paths: Sequence[Path], goal: float | None = None) -> float:
    """Where a loss picture of these paths ends below: it shows all of them, and below the goal."""
    lowest = min(path.gap.min() for path in paths)
    if goal is not None:
        lowest = min(lowest, goal / 10)
    return next((floor for floor in FLOORS if floor <= lowest), FLOOR)


def draw_loss_axes(ax: Axes, landscape: Landscape, steps: int, floor: float = FLOOR) -> None:
    """Empty axes for f − f* over the steps (logarithmic), or f where there is no minimum."""
    ax.set(xlim=(0, max(steps, 1)), xlabel="step t")
    z = (
        landscape(np.linspace(*landscape.window[0], 201)[:, np.newaxis])
        if (landscape.dim == 1)
        else heights(landscape)[2]
    )
    ax.grid(True)
    if landscape.lowest is None:
        span = z.max() - z.min()
        ax.set(ylim=(z.min() - 0.1 * span, z.max() + 0.1 * span), ylabel="f")
        return
    top = 10 ** np.ceil(np.log10(z.max() - landscape.lowest))
    ax.set_yscale("log")
    ax.set(ylim=(floor, 10 * top), ylabel="f" if landscape.lowest == 0 else "f − f*")


class Trace:
    """The marks of one run: its path on the ground and its curve in the loss picture.

    thin:   for a run that another one is compared with: no markers but the last
    nested: how many paths are drawn over this one in the same place. It is made that much wider,
            so that it is seen around them
    """

    def __init__(
        self,
        look: Look,
        ground: Axes,
        loss: Axes | None = None,
        label: str = "",
        thin: bool = False,
        nested: int = 0,
    ):
        self.label = label
        width = (1.1 if thin else 1.5) + 1.1 * nested
        style = {"color": look.colour, "ls": look.line, "label": label}
        size = 7 if look.marker == "*" else 4.5
        marks = {} if thin else {"marker": look.marker, "ms": size, "mec": "white", "mew": 0.4}
        (self._casing,) = ground.plot([], [], color="white", lw=width + 2, alpha=0.8, zorder=2)
        (self._path,) = ground.plot([], [], lw=width, zorder=3, **marks, **style)
        head = {
            "ms": (1.4 if thin else 2) * size,
            "color": look.colour,
            "mec": "white",
            "zorder": 4,
        }
        (self._head,) = ground.plot([], [], look.marker, **head)
        self.artists: list[Artist] = [self._casing, self._path, self._head]
        self._limits = np.array([ground.get_xlim(), ground.get_ylim()])
        self._loss = None
        if loss is not None:
            (self._loss,) = loss.plot([], [], lw=1.2 if thin else 1.8, **style)
            (self._now,) = loss.plot([], [], look.marker, ms=7, color=look.colour, mec="white")
            self.artists += [self._loss, self._now]

    def show(self, path: Path, upto: int | None = None) -> None:
        """Show the first ``upto`` steps of the path (all of it if None)."""
        end = len(path) if upto is None else min(upto, len(path))
        x, y, marked = self._on_ground(path, end)
        self._casing.set_data(x, y)
        self._path.set_data(x, y)
        self._path.set_markevery(marked)
        self._head.set_data(x[-1:], y[-1:])
        if self._loss is not None:
            gap = path.gap[: end + 1]
            if path.landscape.lowest is not None:
                below = gap < -FLOOR  # the minimum was only a local one: off the picture
                gap = np.where(below, np.nan, np.clip(gap, FLOOR, 1e250))
            self._loss.set_data(np.arange(end + 1), gap)
            self._now.set_data([end], gap[-1:])

    def clear(self) -> None:
        """Show no run."""
        self._path.set_markevery(None)
        for line in self.artists:
            line.set_data([], [])

    def _on_ground(self, path: Path, end: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """x, y and the steps that get a marker: not more than one each hundredth of the picture.

        Of a path that leaves the window, the step that leads out is drawn, but not the zig-zag of
        a diverging run from one far side to the other.
        """
        points = path.points[: end + 1]
        if path.landscape.dim == 1:
            points = np.column_stack([points[:, 0], path.values[: end + 1]])
        centre, span = self._limits.mean(axis=1), np.ptp(self._limits, axis=1)
        with np.errstate(over="ignore"):
            share = np.clip((points - centre) / span, -1e4, 1e4)
        outside = (np.abs(share) > 0.6).any(axis=1)
        share[1:][outside[1:] & outside[:-1]] = np.nan
        length = np.cumsum(np.nan_to_num(np.hypot(*np.diff(share, axis=0, prepend=share[:1]).T)))
        marked = np.flatnonzero(np.diff(np.floor(length / 0.012), prepend=-1))
        return *(centre + share * span).T, marked.tolist()
