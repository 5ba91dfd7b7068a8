"""The ground that a path is drawn on, the axes of its loss, and the marks of a run."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from course_lib.descent import Path
from course_lib.family import Look
from course_lib.landscapes import Landscape
from course_lib.pictures.style import theme

FLOOR = 1e-12  # gaps below this are drawn at the bottom of a loss picture

FLOORS = (1e-3, 1e-6, 1e-9, FLOOR)  # where a loss picture may end below

SHAPES = (1.2, 1.5)  # width : height of a ground beside a loss picture, at least and at most

TALL = 3.1  # the height in inches that is left for the axes of a usual picture
NAMES = 1.6  # the width in inches that two axes side by side need for numbers and names

LEVELS = 15  # steps of height between the lowest and the highest place of a window

APART = 0.012  # steps nearer than this part of the picture share a marker

Window = tuple[tuple[float, float], tuple[float, float]]


def widened(window: Window, shape: float) -> Window:
    """The window with as much added on two sides as makes it ``shape``, width : height."""
    (x0, x1), (y0, y1) = window
    more_x = max(shape * (y1 - y0) - (x1 - x0), 0) / 2
    more_y = max((x1 - x0) / shape - (y1 - y0), 0) / 2
    return (x0 - more_x, x1 + more_x), (y0 - more_y, y1 + more_y)


@lru_cache(maxsize=32)
def heights(
    landscape: Landscape, n: int = 161, window: Window | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and f, each (n, n), over the window of the landscape or over another one."""
    (x0, x1), (y0, y1) = window or landscape.window
    x, y = np.meshgrid(np.linspace(x0, x1, n), np.linspace(y0, y1, n))
    return x, y, landscape(np.stack([x, y], axis=-1))


def draw_ground(ax: Axes, landscape: Landscape, shape: float | None = None) -> None:
    """What a path is drawn on: contours of f (d = 2) or its curve (d = 1), minima as crosses.

    Both axes of a ground of two coordinates have one scale, so that a step against the gradient
    stands at a right angle on the contours. For that the window is widened to the ``shape``, width
    : height, of its axes; without a ``shape`` it gets one, and the picture beside it the rest.
    """
    if landscape.dim == 1:
        _draw_curve(ax, landscape)
    elif landscape.dim == 2:
        draw_contours(ax, landscape, shape or _made_room(ax, landscape))
    else:
        raise ValueError(f"only landscapes of 1 or 2 coordinates can be drawn, not {landscape.dim}")
    mark_minima(ax, landscape)


def _made_room(ax: Axes, landscape: Landscape) -> float:
    """The shape of a ground: near its window's; what stands beside it gets the rest of the width.

    One that stands alone keeps the shape of its window.
    """
    wide, tall = np.ptp(np.array(landscape.window), axis=1)
    grid = ax.get_subplotspec().get_gridspec()
    if (grid.nrows, grid.ncols) != (1, 2):
        return float(wide / tall)
    shape = float(np.clip(wide / tall, *SHAPES))
    grid.set_width_ratios([shape * TALL, ax.figure.get_figwidth() - NAMES - shape * TALL])
    return shape


def _draw_curve(ax: Axes, landscape: Landscape) -> None:
    ((x0, x1),) = landscape.window
    x = np.linspace(x0, x1, 201)
    y = landscape(x[:, np.newaxis])
    ax.plot(x, y, color=theme().faint, lw=2)
    ax.set(xlim=(x0, x1), ylim=(y.min() - 0.05 * np.ptp(y), y.max()))
    ax.set(xlabel=landscape.coordinates[0], ylabel=f"f({landscape.coordinates[0]})")


def draw_contours(ax: Axes, landscape: Landscape, shape: float) -> None:
    """The shades and lines of equal height, in a window of this shape, width : height."""
    z = heights(landscape)[2]
    low, high = z.min(), z.max()
    power = 2 if landscape.hessian is not None else 4  # lines spread evenly over the window
    window = widened(landscape.window, shape)
    x, y, z = heights(landscape, window=window)
    most = ((max(z.max(), high) - low) / (high - low)) ** (1 / power)
    parts = np.arange(0, max(most, 1) + 1e-9, 1 / LEVELS)
    part = (np.maximum(z - low, 0) / (high - low)) ** (1 / power)
    ax.contourf(x, y, part, parts[: LEVELS + 1], cmap=theme().ground, extend="max", vmin=0, vmax=1)
    ax.contour(
        x, y, z, low + (high - low) * parts[1:] ** power, colors=theme().contour,
        linewidths=0.6, linestyles="-",
    )  # fmt: skip
    (x0, x1), (y0, y1) = window
    across, up = landscape.coordinates
    ax.set(xlim=(x0, x1), ylim=(y0, y1), ylabel=up)
    ax.set_xlabel(across, loc="left" if len(across) > 3 else "center")  # a note stands at the right
    ax.set_aspect("equal", adjustable="box")
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)


MINIMUM = "minimum"  # how the crosses are known among the lines of a ground


def mark_minima(ax: Axes, landscape: Landscape) -> None:
    """A cross at each minimum, with a rim: it is seen also where a walker stands on it."""
    rim = [withStroke(linewidth=4.5, foreground=theme().paper)]
    for minimum in landscape.minima:
        at = minimum if landscape.dim == 2 else (*minimum, landscape(np.array(minimum)))
        ax.plot(*at, "x", color=theme().ink, ms=7, mew=2, zorder=6, gid=MINIMUM, path_effects=rim)


def minima_of(ax: Axes) -> list[Line2D]:
    """The crosses of a ground, for who moves marks and draws the crosses over them."""
    return [line for line in ax.lines if line.get_gid() == MINIMUM]


def floor_for(paths: Sequence[Path], goal: float | None = None) -> float:
    """Where a loss picture of these paths ends below: it shows all of them, and below the goal."""
    lowest = min(path.gap.min() for path in paths)
    if goal is not None:
        lowest = min(lowest, goal / 10)
    return next((floor for floor in FLOORS if floor <= lowest), FLOOR)


def highest(paths: Sequence[Path]) -> float | None:
    """The highest f − f* that a loss picture of these paths has to show, or None: all.

    That is where they begin, and what runs that settle rise to; a run that grows leaves above.
    """
    if paths[0].landscape.lowest is None:
        return None
    settled = (path.gap for path in paths if not path.diverged and path.gap[-1] <= path.gap[0])
    begun = max(path.gap[0] for path in paths)
    return float(max(begun, max((gap.max() for gap in settled), default=0.0)))


def draw_loss_axes(
    ax: Axes,
    landscape: Landscape,
    steps: int,
    floor: float = FLOOR,
    top: float | None = None,
) -> None:
    """Empty axes for f − f* over the steps (logarithmic), or f where there is no minimum.

    top: the highest f − f* that has to be seen; without it, the highest in the window
    """
    ax.set(xlim=(0, max(steps, 1)), xlabel="step t")
    z = (
        landscape(np.linspace(*landscape.window[0], 201)[:, np.newaxis])
        if (landscape.dim == 1)
        else heights(landscape)[2]
    )
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 4, 5, 10]))
    ax.grid(True)
    if landscape.lowest is None:
        span = z.max() - z.min()
        ax.set(ylim=(z.min() - 0.1 * span, z.max() + 0.1 * span), ylabel="f")
        return
    ax.set_yscale("log")
    set_loss_limits(ax, floor, z.max() - landscape.lowest if top is None else top)
    ax.set_ylabel("f" if landscape.lowest == 0 else "f − f*")


def set_loss_limits(ax: Axes, floor: float, top: float) -> None:
    """Whole decades on the axis of f − f*, from ``floor`` to above ``top``."""
    ax.set_ylim(floor, 10 ** np.ceil(np.log10(2 * max(top, 10 * floor))))


class Unmarked:
    """The note under a ground that says how many steps have no marker of their own."""

    GID = "unmarked"

    def __init__(self, ground: Axes):
        self.text = ground.annotate(
            "", (1, 0), xycoords="axes fraction", xytext=(0, -18), textcoords="offset points",
            ha="right", va="top", fontsize=8, color=theme().soft, gid=self.GID,
            annotation_clip=False,
        )  # fmt: skip
        self.text.set_in_layout(False)
        self.text.counts = {}

    @staticmethod
    def of(ground: Axes) -> "Artist | None":
        return next((text for text in ground.texts if text.get_gid() == Unmarked.GID), None)


class Trace:
    """The marks of one run: its path on the ground and its curve in the loss picture.

    An arrow at the edge of the ground tells where a path leaves it that does not come back. Steps
    too near to each other share a marker, and a note under the ground says how many. The crosses of
    the minima and the note are moved with the marks of the first run on a ground, over all others.

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
        self.label, self._thin = label, thin
        paper, width = theme().paper, (1.1 if thin else 1.5) + 1.1 * nested
        style = {"color": look.colour, "ls": look.line, "label": label}
        size = 7 if look.marker == "*" else 4.5
        rim = {"mec": paper, "mew": 0.4}
        marks = {} if thin else {"marker": look.marker, "ms": size, **rim}
        (self._casing,) = ground.plot([], [], color=paper, lw=width + 2, alpha=0.8, zorder=2)
        (self._path,) = ground.plot([], [], lw=width, zorder=3, **marks, **style)
        head = {"ms": (1.4 if thin else 2) * size, "color": look.colour, "mec": paper}
        (self._head,) = ground.plot([], [], look.marker, zorder=4, **head)
        (self._leaves,) = ground.plot(
            [], [], marker="^", ms=12, color=look.colour, mec=paper, mew=1, zorder=5, ls=""
        )
        self.artists: list[Artist] = [self._casing, self._path, self._head, self._leaves]
        self._limits = np.array([ground.get_xlim(), ground.get_ylim()])
        self._note = Unmarked.of(ground)
        over = []
        if self._note is None:
            self._note = Unmarked(ground).text
            over = [*minima_of(ground), self._note]
        self._loss = None
        if loss is not None:
            before = len(loss.lines) // 2  # marks stand apart where curves lie on each other
            (self._loss,) = loss.plot(
                [], [], lw=(1.2 if thin else 1.8) + 1.1 * nested, marker=look.marker,
                ms=size + 0.5, **rim, **style,
            )  # fmt: skip
            self._every = max(1, round(loss.get_xlim()[1] / 6))
            self._first = round(self._every * (0.25 + 0.2 * (before % 4)))
            (self._now,) = loss.plot(
                [], [], look.marker, ms=7, color=look.colour, mec=paper, clip_on=False, zorder=4
            )
            self._now.set_in_layout(False)
            self.artists += [self._loss, self._now]
        self.artists += over

    def show(self, path: Path, upto: int | None = None) -> None:
        """Show the first ``upto`` steps of the path (all of it if None)."""
        end = len(path) if upto is None else min(upto, len(path))
        x, y, marked = self._on_ground(path, end)
        self._casing.set_data(x, y)
        self._path.set_data(x, y)
        self._path.set_markevery(marked)
        self._head.set_data(x[-1:], y[-1:])
        self._show_leaving(x, y)
        inside = np.count_nonzero(self._is_inside(x, y)) if not self._thin else len(marked)
        self._tell(inside - len(marked), end)
        if self._loss is not None:
            self._show_loss(path, end)

    def _show_loss(self, path: Path, end: int) -> None:
        gap = path.gap[: end + 1]
        if path.landscape.lowest is not None:
            below = gap < -FLOOR  # the minimum was only a local one: off the picture
            gap = np.where(below, np.nan, np.clip(gap, FLOOR, 1e250))
        self._loss.set_data(np.arange(end + 1), gap)
        self._loss.set_markevery((self._first, self._every))
        low, high = self._loss.axes.get_ylim()
        at = np.flatnonzero(~np.isnan(gap))[-1:]  # below a local minimum: where it was last seen
        inside = len(at) and low <= gap[at[0]] <= high
        self._now.set_data(*([at, gap[at]] if inside else [[], []]))

    def _show_leaving(self, x: np.ndarray, y: np.ndarray) -> None:
        """The arrow at the edge, where the last point shown is outside."""
        points, inside = np.column_stack([x, y]), self._is_inside(x, y)
        (low, high), span = self._limits.T, np.ptp(self._limits, axis=1)
        last = np.flatnonzero(inside)
        if inside[-1] or not len(last):
            self._leaves.set_data([], [])
            return
        here, way = points[last[-1]], points[last[-1] + 1] - points[last[-1]]
        with np.errstate(all="ignore"):
            parts = np.concatenate([(low - here) / way, (high - here) / way])
        edge = here + way * parts[parts > 0].min(initial=1.0)
        box = self._leaves.axes.get_window_extent()  # its shape, to turn the arrow as it is seen
        seen = way / span * [box.width, box.height]
        self._leaves.set_marker((3, 0, np.degrees(np.arctan2(*seen[::-1])) - 90))
        inset = 0.02 * span  # the whole arrow is inside
        self._leaves.set_data(*np.clip(edge, low + inset, high - inset)[:, np.newaxis])

    def _is_inside(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        (x0, x1), (y0, y1) = self._limits
        return (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)

    def _tell(self, unmarked: int, steps: int) -> None:
        counts = self._note.counts
        counts[self] = (unmarked, steps)
        left_out, most = (sum(c) for c in zip(*counts.values(), strict=True))
        self._note.set_text(f"{left_out} of {most} steps unmarked" if left_out else "")

    def clear(self) -> None:
        """Show no run."""
        self._path.set_markevery(None)
        for line in (self._casing, self._path, self._head, self._leaves):
            line.set_data([], [])
        if self._loss is not None:
            self._loss.set_data([], [])
            self._now.set_data([], [])
        self._tell(0, 0)

    def _on_ground(self, path: Path, end: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """x, y and the steps that get a marker: one in each ``APART`` of the picture, inside it.

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
        far = np.diff(np.floor(length / APART), prepend=-1) > 0
        marked = np.flatnonzero(far & (np.abs(share) <= 0.5 + 1e-9).all(axis=1))
        return *(centre + share * span).T, marked.tolist()
