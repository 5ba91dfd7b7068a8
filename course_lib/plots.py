"""Still pictures: landscapes, paths, losses, heat maps.

Nothing here computes a run or knows about widgets. Functions named ``draw_…`` put marks on given
axes and serve the live figures too; the others return a finished ``Picture``.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from itertools import cycle
from os import PathLike

import matplotlib
import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from PIL import Image

from course_lib.descent import Grid, Path, in_words, setting_in_words, title_of
from course_lib.landscapes import Landscape, landscape_of
from course_lib.optimizers import RULES

STYLE = matplotlib.rc_params_from_file(
    str(files("course_lib") / "course.mplstyle"), use_default_template=False
)
DPI = 125  # shown at 100 pixels an inch: sharper than a usual screen, and quick to send
PNG = {"format": "PNG", "colours": 256}
GROUND = LinearSegmentedColormap.from_list("ground", ["#FFFFFF", "#E2E8EC", "#C3CDD5"])
SYMBOLS = {"lr": "η", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "tau": "τ"}
SYMBOLS |= {"weight_decay": "λ"}
FLOOR = 1e-12  # gaps below this are drawn at the bottom of a loss picture
FLOORS = (1e-3, 1e-6, 1e-9, FLOOR)  # where a loss picture may end below


@dataclass(frozen=True)
class Look:
    """Colour, marker and line of an optimizer: the same in the whole course."""

    colour: str
    marker: str
    line: str = "-"


LOOKS = {  # Okabe–Ito colours; relatives share a hue and differ in marker and line
    "gradient_descent": Look("#000000", "o"),
    "momentum": Look("#E69F00", "s"),
    "nesterov": Look("#D55E00", "D", "--"),
    "adagrad": Look("#009E73", "^"),
    "rmsprop": Look("#56B4E9", "v"),
    "adadelta": Look("#009E73", "<", "--"),
    "adam": Look("#0072B2", "P"),
    "adamax": Look("#CC79A7", "X"),
    "nadam": Look("#0072B2", "p", "--"),
    "nadam_scheduled": Look("#0072B2", "h", ":"),
    "nadamax": Look("#CC79A7", "d", "--"),
    "adamw": Look("#56B4E9", ">", "--"),
    "amsgrad": Look("#0072B2", "8", "-."),
    "lion": Look("#E69F00", "H", "--"),
    "muon": Look("#D55E00", "p", "-."),
    "schedule_free": Look("#000000", "d", "-."),
}
OTHERS = (Look("#882255", "*"), Look("#882255", "*", "--"), Look("#882255", "*", ":"))


def look_of(rule: str, index: int = 0) -> Look:
    """The look of a rule by name; rules that are not the course's share a wine red star."""
    return LOOKS.get(rule, OTHERS[index % len(OTHERS)])


class Picture:
    """A finished still picture: a PNG and one sentence that says what it shows.

    The sentence is the alternative text, and the text that tests compare.
    """

    def __init__(self, figure: Figure, alt: str):
        self.figure, self.alt = figure, alt

    def __repr__(self) -> str:
        return self.alt

    def png(self) -> bytes:
        canvas = FigureCanvasAgg(self.figure)
        with rc_context(STYLE):
            canvas.draw()
        return encoded(canvas, **PNG)

    def save(self, file: str | PathLike[str]) -> None:
        """Write the picture to a file; its ending says how: .pdf and .svg to print, or .png."""
        with rc_context(STYLE):
            self.figure.savefig(file, metadata={"Title": self.alt})

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        data = {"text/plain": self.alt, "image/png": b64encode(self.png()).decode()}
        return data, {"image/png": png_metadata(self.figure, self.alt)}


def encoded(canvas: FigureCanvasAgg, colours: int | None = None, **how: object) -> bytes:
    """What the canvas shows, as a file: ``how`` goes to Pillow; few ``colours`` make it small."""
    size, pixels = canvas.get_width_height(), canvas.buffer_rgba()
    picture = Image.frombuffer("RGBX", size, pixels, "raw", "RGBX", 0, 1)  # the pixels, no copy
    if colours:
        picture = picture.convert("RGB").quantize(colours, method=Image.Quantize.FASTOCTREE)
    out = BytesIO()
    picture.save(out, **how)
    return out.getvalue()


def png_metadata(figure: Figure, alt: str) -> dict[str, object]:
    """Width in CSS pixels and alternative text, for the metadata of an output."""
    return {"width": round(figure.get_figwidth() * 100), "alt": alt}


def new_figure(columns: int = 2, width: float = 9.2, height: float = 3.9, **kwargs: object):
    """A figure in the style of the course, and its axes: one Axes, or a list of them."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        axes = figure.subplots(1, columns, **kwargs)
    return figure, axes


# Marks on axes


@lru_cache(maxsize=32)
def _heights(landscape: Landscape, n: int = 161) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    x, y, z = _heights(landscape)
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
        else _heights(landscape)[2]
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


# Finished pictures


def trajectory(*paths: Path, title: str = "") -> Picture:
    """Paths on their common landscape, and the loss of each over the steps."""
    if not paths:
        raise ValueError("trajectory needs at least one path, made by descend(…)")
    landscape = paths[0].landscape
    with rc_context(STYLE):
        figure, (ground, loss) = new_figure()
        draw_ground(ground, landscape)
        draw_loss_axes(loss, landscape, max(len(p) for p in paths), floor_for(paths))
        for path, look, label in zip(paths, looks_of(paths), labels_of(paths), strict=True):
            Trace(look, ground, loss, label).show(path)
        ground.set_title(title or capitalised(landscape.name))
        loss.legend(loc="best")
    return Picture(figure, " ".join(path.summary for path in paths))


def capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def labels_of(paths: Sequence[Path]) -> list[str]:
    """Legend entries: the rule, its settings, and the start where the starts differ."""
    same_start = len({tuple(path.points[0]) for path in paths}) == 1
    return [
        title_of(path.rule)
        + "".join(
            f", {SYMBOLS.get(k, k)} = {setting_in_words(v)}"
            for k, v in path.hyperparameters.items()
        )
        + ("" if same_start else f" from ({', '.join(f'{x:g}' for x in path.points[0])})")
        for path in paths
    ]


def looks_of(paths: Sequence[Path]) -> list[Look]:
    """A look for each path: its rule's, paler and with another line where the rule comes again."""
    names = [path.rule for path in paths]
    strangers = [name for name in dict.fromkeys(names) if name not in LOOKS]
    looks = []
    for i, name in enumerate(names):
        look = look_of(name, strangers.index(name) if name in strangers else 0)
        before = names[:i].count(name)
        looks.append(_again(look, before) if before else look)
    return looks


def _again(look: Look, before: int) -> Look:
    paler = np.array(to_rgb(look.colour)) * (1 - (share := min(0.2 * before, 0.6))) + share
    return replace(look, colour=to_hex(paler), line=("-", "--", ":", "-.")[before % 4])


def curves(
    x: np.ndarray,
    lines: Mapping[str, np.ndarray],
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str,
    log: str = "",
    marks: Mapping[str, float] | None = None,
    dashed: Sequence[str] = (),
) -> Picture:
    """Lines over a common x, each with its name beside it in the legend.

    lines:  by name, (n,), or (k, n): k lines of one look, with one entry in the legend
    log:    the axes that are logarithmic: "", "x", "y" or "xy"
    marks:  named values of x, drawn as thin vertical lines
    dashed: the names of lines that are predictions, drawn dashed and dark over the measured ones
    alt:    one sentence that says what the picture shows
    """
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=7.2, height=3.7)
        for name, style in _line_styles(lines, dashed).items():
            for i, line in enumerate(np.atleast_2d(lines[name])):
                ax.plot(x, line, label=None if i else name, **style)
        for i, (name, at) in enumerate((marks or {}).items()):
            side = -1 if i < len(marks) - 1 else 1  # names left of their lines, the last one right
            ax.axvline(at, color="#888888", lw=1, ls=":")
            ax.annotate(
                name, (at, 1), xycoords=("data", "axes fraction"), xytext=(4 * side, -2),
                textcoords="offset points", va="top", ha="right" if side < 0 else "left",
                fontsize=9, color="#555555",
            )  # fmt: skip
        if "x" in log:
            ax.set_xscale("log")
        if "y" in log:
            ax.set_yscale("log")
        ax.grid(True)
        ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
        if len(lines) > 1:
            ax.legend(loc="best")
    return Picture(figure, alt)


def step_size_curves(
    sizes: Mapping[str, np.ndarray],
    coordinates: Sequence[str] = ("x", "y"),
    title: str = "",
    log: str = "y",
) -> Picture:
    """Effective step sizes over the steps: a line for each rule and coordinate.

    sizes:       by the rule's name, (steps, d) as ``step_sizes`` returns them; the rule gives the
                 line its colour, the coordinate its style (beyond four: its shade)
    coordinates: the names of the d coordinates
    log:         the axes that are logarithmic: "", "x", "y" or "xy"
    """
    told = []
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=7.2, height=3.7)
        for i, (rule, factors) in enumerate(sizes.items()):
            if factors.ndim != 2 or factors.shape[1] != len(coordinates):
                raise ValueError(
                    f"step sizes of {rule} must be (steps, {len(coordinates)}), a column for each "
                    f"of the coordinates {tuple(coordinates)}, got {factors.shape}"
                )
            look = looks_of_coordinates(look_of(rule, i), len(coordinates))
            for name, column, style in zip(coordinates, factors.T, look, strict=True):
                label = f"{title_of(rule)}, {name}"
                ax.plot(np.arange(1, len(column) + 1), column, label=label, **style)
                told.append(f"{label}: {in_words(column[0])} to {in_words(column[-1])}")
        if "x" in log:
            ax.set_xscale("log")
        if "y" in log:
            ax.set_yscale("log")
        ax.grid(True)
        ax.set(title=title or "The step size of each coordinate", xlabel="step t")
        ax.set_ylabel("effective step size")
        ax.legend(loc="best")
    return Picture(figure, f"Effective step sizes, first to last step. {'; '.join(told)}.")


def looks_of_coordinates(look: Look, d: int) -> list[dict[str, object]]:
    """Line styles that tell d coordinates of one rule apart: dashes up to four, then shades."""
    if d <= 4:
        return [{"color": look.colour, "ls": line} for line in ("-", "--", ":", "-.")[:d]]
    colour = np.array(to_rgb(look.colour))
    return [{"color": to_hex(colour * (1 - s) + s)} for s in np.linspace(0, 0.75, d)]


def _line_styles(names: Iterable[str], predictions: Sequence[str]) -> dict[str, dict]:
    """Predictions are dark and dashed; a line named after a rule has the rule's colour and line.

    The others take the colours of the style that no rule of the picture has.
    """
    looks = {name: LOOKS.get(name.lower().replace(" ", "_")) for name in names}
    taken = {look.colour.lower() for look in looks.values() if look}
    colours = (to_hex(c) for c in STYLE["axes.prop_cycle"].by_key()["color"])
    free = cycle([c for c in colours if c not in taken])
    return {
        name: {"color": "#222222", "ls": (0, (4, 3)), "zorder": 3} if name in predictions
        else {"color": look.colour, "ls": look.line} if look
        else {"color": next(free)}
        for name, look in looks.items()
    }  # fmt: skip


def heatmap(grid: Grid, title: str = "") -> Picture:
    """A sweep over two hyperparameters: log₁₀ of f − f* after the last step.

    Settings that end no lower than they began are grey; a star marks the best.
    """
    if len(grid.axes) != 2:
        raise ValueError(f"heatmap needs a sweep over two hyperparameters, got {list(grid.axes)}")
    (xname, x), (yname, y) = grid.axes.items()
    height = np.log10(np.maximum(np.abs(grid.final), FLOOR)).T
    lost = (grid.final >= grid.gap[..., 0]).T
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=6.4, height=4.2)
        ax.set_facecolor("#BBBBBB")
        shown = np.ma.masked_where(lost, height)
        mesh = ax.pcolormesh(x, y, shown, cmap="viridis_r", vmin=np.log10(FLOOR), rasterized=True)
        figure.colorbar(mesh, ax=ax, label="log₁₀ (f − f*)")
        if _is_geometric(x):
            ax.set_xscale("log")
        bx, by = grid.best[xname], grid.best[yname]
        ax.plot(bx, by, "*", ms=13, color="white", mec="black")
        ax.text(0.98, 0.02, "grey: ends no lower than it began", transform=ax.transAxes, ha="right",
                fontsize=8)  # fmt: skip
        ax.set(xlabel=SYMBOLS.get(xname, xname), ylabel=SYMBOLS.get(yname, yname))
        ax.set_title(title or f"{title_of(grid.rule)} on {grid.landscape.name}")
    return Picture(
        figure,
        f"{title_of(grid.rule)} on {grid.landscape.name} over {xname} and {yname}: lowest, "
        f"{in_words(float(grid.final.min()))}, at {xname} {bx:.3g}, {yname} {by:.3g}; "
        f"{lost.mean():.0%} of the settings end no lower than they began.",
    )


def maps(
    x: np.ndarray,
    y: np.ndarray,
    panels: Mapping[str, np.ndarray],
    title: str,
    xlabel: str,
    ylabel: str,
    label: str,
    alt: str,
    top: float | None = None,
) -> Picture:
    """Numbers over two logarithmic axes, a panel for each name, on one scale of colours.

    x, y:   (nx,) and (ny,); each panel is (nx, ny). Its smallest number gets a star
    label:  what the colours mean; numbers above ``top`` have the last colour
    alt:    one sentence that says what the picture shows
    """
    numbers = np.concatenate([values.ravel() for values in panels.values()])
    low, high = np.nanmin(numbers), np.nanmax(numbers) if top is None else top
    with rc_context(STYLE):
        figure, axes = new_figure(columns=len(panels), sharey=True)
        for ax, (name, values) in zip(np.atleast_1d(axes), panels.items(), strict=True):
            mesh = ax.pcolormesh(x, y, values.T, cmap="viridis_r", vmin=low, vmax=high)
            i, j = np.unravel_index(np.nanargmin(values), values.shape)
            ax.plot(x[i], y[j], "*", ms=13, color="white", mec="black")
            ax.set(title=name, xscale="log", yscale="log", xlabel=xlabel)
        np.atleast_1d(axes)[0].set_ylabel(ylabel)
        figure.colorbar(mesh, ax=axes, label=label, extend="neither" if top is None else "max")
        figure.suptitle(title)
    return Picture(figure, alt)


def _is_geometric(x: np.ndarray) -> bool:
    return len(x) > 2 and x[0] > 0 and np.allclose(x[1:] / x[:-1], x[1] / x[0])


def surface(landscape: Landscape, *paths: Path, title: str = "") -> Picture:
    """f as a surface over its window, with paths on it; no path is hidden behind the surface."""
    landscape = landscape_of(landscape)
    if landscape.dim != 2:
        raise ValueError(f"surface needs a landscape of 2 coordinates, not {landscape.dim}")
    x, y, z = _heights(landscape, 61)
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=6.4, height=4.6, subplot_kw={"projection": "3d"})
        ax.computed_zorder = False
        ax.plot_surface(x, y, z, cmap=GROUND, edgecolor="#97A5B1", lw=0.2, rcount=40, ccount=40)
        for path, look, label in zip(paths, looks_of(paths), labels_of(paths), strict=True):
            ax.plot(*path.points.T, path.values, color=look.colour, ls=look.line, zorder=5,
                    marker=look.marker, label=label)  # fmt: skip
        ax.set(xlabel="x", ylabel="y", zlabel="f")
        ax.set_title(title or capitalised(landscape.name))
        if paths:
            ax.legend(loc="upper left")
    told = " ".join(path.summary for path in paths)
    return Picture(figure, f"Surface of {landscape.name}. {told}".strip())


# The family tree

FAMILY = (  # child, parent, what changed
    ("momentum", "gradient_descent", "remember\nthe last step"),
    ("nesterov", "momentum", "look ahead first"),
    ("adagrad", "gradient_descent", "divide by all\npast slopes"),
    ("rmsprop", "adagrad", "forget old slopes"),
    ("adadelta", "rmsprop", "restore the units"),
    ("adam", "momentum", "average the slopes"),
    ("adam", "rmsprop", "correct the bias"),
    ("adamax", "adam", "largest slope,\nnot mean square"),
    ("nadam", "adam", "look ahead in m̂"),
    ("nadam", "nesterov", "the same look-ahead"),
    ("adamw", "adam", "decay kept apart"),
    ("nadamax", "nadam", "largest slope"),
    ("nadamax", "adamax", "look ahead"),
    ("amsgrad", "adam", "never forget\nthe largest"),
    ("lion", "momentum", "keep only\nthe signs"),
    ("muon", "momentum", "equalise\na matrix"),
    ("schedule_free", "gradient_descent", "hand out\nthe mean"),
)
_PLACES = {
    "gradient_descent": (0, 1.5),
    "momentum": (1.5, 2.6),
    "nesterov": (3.0, 3.2),
    "adagrad": (1.5, 0.4),
    "rmsprop": (3.0, 0.4),
    "adadelta": (4.5, -1.0),
    "adam": (3.0, 1.6),
    "nadam": (4.5, 2.7),
    "adamax": (4.5, 1.6),
    "adamw": (4.5, 0.7),
    "nadamax": (6.0, 2.15),
    "amsgrad": (4.5, -0.15),
    "lion": (3.0, 4.15),
    "muon": (1.5, 4.45),
    "schedule_free": (0, 3.4),
}


def year_of(rule: str) -> str:
    """The year in the first line of the rule's docstring; NadaMax, made in lesson 10, has none."""
    found = re.search(r"\(.*(\d{4})\)", RULES[rule].__doc__.splitlines()[0])
    return found.group(1) if found else "lesson 10"


def family_tree() -> Picture:
    """The optimizers of the course, each arrow naming what changed."""
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=9.2, height=6.0)
        ax.set_axis_off()
        boxes = {rule: _family_member(ax, rule, *place) for rule, place in _PLACES.items()}
        for child, parent, change in FAMILY:
            (x1, y1), (x0, y0) = _PLACES[child], _PLACES[parent]
            ax.annotate(
                "", (x1, y1), (x0, y0), zorder=4,  # after the boxes, which it must know drawn
                arrowprops={"arrowstyle": "-|>", "color": "#8A97A3", "shrinkA": 2, "shrinkB": 3,
                            "patchA": boxes[parent], "patchB": boxes[child]},
            )  # fmt: skip
            ax.text(
                (x0 + x1) / 2, (y0 + y1) / 2, change, ha="center", va="center", fontsize=8.5,
                style="italic", color="#333333", zorder=5,
                bbox={"fc": "white", "ec": "none", "pad": 1},
            )  # fmt: skip
        ax.set(xlim=(-0.5, 6.5), ylim=(-1.3, 4.8))
    told = "; ".join(
        f"{title_of(child)} ({year_of(child)}) from {title_of(parent)}: {' '.join(change.split())}"
        for child, parent, change in FAMILY
    )
    return Picture(figure, f"Family tree of the optimizers. {told}.")


def _family_member(ax: Axes, rule: str, x: float, y: float) -> Patch:
    look = LOOKS[rule]
    box = {"boxstyle": "round,pad=0.45", "fc": "white", "ec": look.colour, "ls": look.line, "lw": 2}
    text = ax.text(
        x, y, f"{title_of(rule)}\n{year_of(rule)}", ha="center", va="center", fontsize=9.5,
        linespacing=1.35, zorder=3, bbox=box,
    )  # fmt: skip
    return text.get_bbox_patch()
