"""Still pictures: landscapes, paths, losses, heat maps.

Nothing here computes a run or knows about widgets. Functions named ``draw_…`` put marks on given
axes and serve the live figures too; the others return a finished ``Picture``.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import matplotlib
import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image

from course_lib.descent import Grid, Path, in_words
from course_lib.landscapes import Landscape, landscape_of

STYLE = matplotlib.rc_params_from_file(
    str(files("course_lib") / "course.mplstyle"), use_default_template=False
)
DPI = 150  # pictures are shown at 100 pixels an inch: crisp on screens of high density
PNG = {"format": "PNG", "colours": 64}
GROUND = LinearSegmentedColormap.from_list("ground", ["#FFFFFF", "#E2E8EC", "#C3CDD5"])
SYMBOLS = {"lr": "η", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "weight_decay": "λ"}
FLOOR = 1e-12  # gaps below this are drawn at the bottom of a loss picture


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
}
OTHERS = (Look("#882255", "*"), Look("#882255", "*", "--"), Look("#882255", "*", ":"))


def look_of(rule: str, index: int = 0) -> Look:
    """The look of a rule by name; rules that are not the course's share a wine red star."""
    return LOOKS.get(rule, OTHERS[index % len(OTHERS)])


def title_of(rule: str) -> str:
    """``gradient_descent`` to ``Gradient descent``, ``adamw`` to ``AdamW``."""
    proper = {"adagrad": "AdaGrad", "rmsprop": "RMSProp", "adadelta": "AdaDelta"}
    proper |= {"adamax": "AdaMax", "nadamax": "NadaMax", "adamw": "AdamW"}
    words = rule.replace("_", " ")
    return proper.get(rule, words[:1].upper() + words[1:])


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

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        data = {"text/plain": self.alt, "image/png": b64encode(self.png()).decode()}
        return data, {"image/png": png_metadata(self.figure, self.alt)}


def encoded(canvas: FigureCanvasAgg, colours: int | None = None, **how: object) -> bytes:
    """What the canvas shows, as a file: ``how`` goes to Pillow; few ``colours`` make it small."""
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    if colours:
        picture = picture.quantize(colours, method=Image.Quantize.FASTOCTREE)
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


def draw_loss_axes(ax: Axes, landscape: Landscape, steps: int) -> None:
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
    ax.set(ylim=(FLOOR, 10 * top), ylabel="f" if landscape.lowest == 0 else "f − f*")


class Trace:
    """The marks of one run: its path on the ground and its curve in the loss picture."""

    def __init__(self, look: Look, ground: Axes, loss: Axes | None = None, label: str = ""):
        self.label = label
        style = {"color": look.colour, "ls": look.line, "label": label}
        marks = {"marker": look.marker, "ms": 4.5, "mec": "white", "mew": 0.4}
        (self._casing,) = ground.plot([], [], color="white", lw=3.4, alpha=0.8)
        (self._path,) = ground.plot([], [], lw=1.5, **marks, **style)
        (self._head,) = ground.plot([], [], look.marker, ms=9, color=look.colour, mec="white")
        self.artists: list[Artist] = [self._casing, self._path, self._head]
        self._limits = np.array([ground.get_xlim(), ground.get_ylim()])
        self._loss = None
        if loss is not None:
            (self._loss,) = loss.plot([], [], **style)
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
                gap = np.clip(gap, FLOOR, 1e250)
            self._loss.set_data(np.arange(end + 1), gap)
            self._now.set_data([end], gap[-1:])

    def _on_ground(self, path: Path, end: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """x, y and the steps that get a marker: not more than one each hundredth of the picture.

        Of a path that leaves the window, the step that leads out is drawn, but not the zig-zag of
        a diverging run from one far side to the other.
        """
        points = path.points[: end + 1]
        if path.landscape.dim == 1:
            points = np.column_stack([points[:, 0], path.values[: end + 1]])
        centre, span = self._limits.mean(axis=1), np.ptp(self._limits, axis=1)
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
        draw_loss_axes(loss, landscape, max(len(p) for p in paths))
        for i, path in enumerate(paths):
            label = title_of(path.rule) + _settings(path)
            Trace(look_of(path.rule, i), ground, loss, label).show(path)
        ground.set_title(title or f"{landscape.name[:1].upper()}{landscape.name[1:]}")
        loss.legend(loc="best")
    return Picture(figure, " ".join(path.summary for path in paths))


def _settings(path: Path) -> str:
    return "".join(f", {SYMBOLS.get(k, k)} = {v:.3g}" for k, v in path.hyperparameters.items())


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

    log:    the axes that are logarithmic: "", "x", "y" or "xy"
    marks:  named values of x, drawn as thin vertical lines
    dashed: the names of lines that are predictions, drawn dashed and dark over the measured ones
    alt:    one sentence that says what the picture shows
    """
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=7.2, height=3.7)
        for name, y in lines.items():
            is_prediction = name in dashed
            style = {"color": "#222222", "ls": (0, (4, 3)), "zorder": 3} if is_prediction else {}
            ax.plot(x, y, label=name, **style)
        for name, at in (marks or {}).items():
            ax.axvline(at, color="#888888", lw=1, ls=":")
            ax.annotate(
                name, (at, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
                textcoords="offset points", va="top", fontsize=9, color="#555555",
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


def _is_geometric(x: np.ndarray) -> bool:
    return len(x) > 2 and x[0] > 0 and np.allclose(x[1:] / x[:-1], x[1] / x[0])


def surface(landscape: Landscape, *paths: Path, title: str = "") -> Picture:
    """f as a surface over its window, with paths on it; no path is hidden behind the surface."""
    landscape = landscape_of(landscape)
    x, y, z = _heights(landscape, 61)
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=6.4, height=4.6, subplot_kw={"projection": "3d"})
        ax.computed_zorder = False
        ax.plot_surface(x, y, z, cmap=GROUND, edgecolor="#97A5B1", lw=0.2, rcount=40, ccount=40)
        for i, path in enumerate(paths):
            look = look_of(path.rule, i)
            ax.plot(*path.points.T, path.values, color=look.colour, ls=look.line, zorder=5,
                    marker=look.marker, label=title_of(path.rule))  # fmt: skip
        ax.set(xlabel="x", ylabel="y", zlabel="f")
        ax.set_title(title or f"{landscape.name[:1].upper()}{landscape.name[1:]}")
        if paths:
            ax.legend(loc="upper left")
    told = " ".join(path.summary for path in paths)
    return Picture(figure, f"Surface of {landscape.name}. {told}".strip())
