"""Still pictures in one call: paths, curves, heat maps, a surface."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm, to_hex
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from course_lib.descent import Grid, Path
from course_lib.family import LOOKS, title_of
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures.ground import (
    FLOOR,
    Trace,
    draw_ground,
    draw_loss_axes,
    floor_for,
    heights,
    highest,
)
from course_lib.pictures.picture import Picture
from course_lib.pictures.same_place import nesting
from course_lib.pictures.style import (
    STYLE,
    capitalised,
    labels_of,
    look_of,
    looks_of,
    looks_of_coordinates,
    new_figure,
    shade,
    theme,
)
from course_lib.wording import in_words, symbol

PREDICTED = ((0, (4, 3)), (0, (1, 1.6)), (0, (6, 2, 1, 2)))  # dashes that tell predictions apart


def trajectory(*paths: Path, title: str = "") -> Picture:
    """Paths on their common landscape, and the loss of each over the steps."""
    if not paths:
        raise ValueError("trajectory needs at least one path, made by descend(…)")
    landscape = paths[0].landscape
    with rc_context(STYLE):
        below = -(-len(paths) // 3) if len(paths) > 3 else 0  # lines of a legend under the picture
        figure, (ground, loss) = new_figure(height=3.9 + 0.2 * below)
        draw_ground(ground, landscape)
        steps, top = max(len(p) for p in paths), highest(paths)
        draw_loss_axes(loss, landscape, steps, floor_for(paths), top)
        looks, nested = looks_of(paths), nesting(paths)
        for path, look, label, over in zip(paths, looks, labels_of(paths), nested, strict=True):
            Trace(look, ground, loss, label, nested=over).show(path)
        ground.set_title(title or capitalised(landscape.name))
        if below:
            handles = loss.get_legend_handles_labels()
            figure.legend(*handles, loc="outside lower center", ncols=3)
        else:
            loss.legend(loc="best")
    return Picture(figure, " ".join(path.summary for path in paths))


def grounds(panels: Mapping[str, Sequence[Path]]) -> Picture:
    """Paths on several landscapes side by side, each ground under its title, all square."""
    with rc_context(STYLE):
        figure, axes = new_figure(columns=len(panels), width=3.4 * len(panels), height=3.7)
        for ax, (title, paths) in zip(np.atleast_1d(axes), panels.items(), strict=True):
            draw_ground(ax, paths[0].landscape, shape=1.0)
            for path, look in zip(paths, looks_of(paths), strict=True):
                Trace(look, ax).show(path)
            ax.set_title(title)
            ax.set_xlabel(ax.get_xlabel(), loc="left")  # a note stands at the right
    told = (path.summary for paths in panels.values() for path in paths)
    return Picture(figure, " ".join(told))


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
    dots: Sequence[str] = (),
) -> Picture:
    """Lines over a common x, each with its name beside it in the legend.

    lines:  by name, (n,), or (k, n): k lines of one look, with one entry in the legend
    log:    the axes that are logarithmic: "", "x", "y" or "xy"
    marks:  named values of x, drawn as thin vertical lines
    dashed: the names of lines that are predictions, drawn dark over the measured ones, the first
            dashed, the next dotted
    dots:   the names of measurements that are few, drawn as marks without a line
    alt:    one sentence that says what the picture shows
    """
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=7.2, height=3.7)
        for name, style in _line_styles(lines, dashed).items():
            style |= {"ls": "", "marker": _marker_of(name), "ms": 7} if name in dots else {}
            for i, line in enumerate(np.atleast_2d(lines[name])):
                ax.plot(x, line, label=None if i else name, **style)
        if "x" in log:
            ax.set_xscale("log")
        if "y" in log:
            ax.set_yscale("log")
        ax.grid(True)
        if "x" not in log and np.issubdtype(np.asarray(x).dtype, np.integer):
            ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 4, 5, 10]))
        ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
        _draw_marks(ax, marks or {})
        if len(lines) > 1:
            ax.legend(loc="best")
    return Picture(figure, alt)


def small_multiples(
    panels: Mapping[str, Mapping[str, np.ndarray]],
    xlabel: str,
    ylabel: str,
    alt: str,
    log: bool = True,
) -> Picture:
    """Many small pictures, three or four in a row, each with its own title.

    panels: by title, the lines of one of them by name: (n,) over the steps from 0. The lines have
            the same names in all; the first is dark, the second blue and dashed
    log:    each has a logarithmic scale of its own, and what rises a thousand times above where it
            began leaves the picture; if not, all have one scale from 0
    """
    looks = ({"color": theme().ink, "lw": 1.8}, {"color": shade("#0072B2"), "ls": "--", "lw": 1.5})
    columns = 4 if len(panels) == 4 else 3
    rows = -(-len(panels) // columns)
    with rc_context(STYLE):
        figure, _ = new_figure(columns=1, height=0.7 + 1.9 * rows)
        figure.clear()
        axes = np.atleast_2d(figure.subplots(rows, columns, sharey=not log))
        for ax, (title, lines) in zip(axes.flat, panels.items(), strict=False):
            for look, (name, line) in zip(looks, lines.items(), strict=False):
                shown = np.where(np.isfinite(line) & ((line > 0) | (not log)), line, np.nan)
                ax.plot(shown, label=name, **look)
            ax.set_title(title)
            ax.set_xlim(left=0)
            ax.grid(True)
            if log:
                _scale_by_its_lines(ax, list(lines.values()))
        if not log:
            axes.flat[0].set_ylim(bottom=0)
        for ax in axes.flat[len(panels) :]:
            ax.remove()
        for ax in axes[:, 0]:
            ax.set_ylabel(ylabel)
        for ax in axes.flat[max(len(panels) - columns, 0) : len(panels)]:  # lowest of each column
            ax.set_xlabel(xlabel)
        if len(handles := axes.flat[0].get_legend_handles_labels()[0]) > 1:
            figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return Picture(figure, alt)


def _scale_by_its_lines(ax: Axes, lines: Sequence[np.ndarray]) -> None:
    """A logarithmic scale from the lowest to the highest that stays near where the first began."""
    every = np.concatenate([line[np.isfinite(line) & (line > 0)] for line in lines])
    low, high = every.min() / 1.5, min(1.5 * every.max(), 1e3 * every[0])
    ax.set(yscale="log", ylim=(low, high))
    narrow = high / low < 300
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if narrow else LogLocator(numticks=5))
    ax.yaxis.set_minor_locator(NullLocator())
    if narrow:
        ax.yaxis.set_major_formatter("{x:g}")


def _draw_marks(ax: Axes, marks: Mapping[str, float]) -> None:
    """Thin vertical lines, each with its own dashes, named in the numbers of the axis above."""
    if not marks:
        return
    dashes = cycle([(0, (1, 1.5)), (0, (5, 2)), (0, (7, 2, 1, 2))])
    names, right = sorted(marks, key=marks.get), []
    for name, line in zip(names, dashes, strict=False):
        ax.axvline(marks[name], color=theme().faint, lw=1.2, ls=line)
    ax.figure.draw_without_rendering()  # where the names stand has to be known
    for name in names:
        text = ax.annotate(
            name, (marks[name], 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
            textcoords="offset points", va="bottom", ha="center", fontsize=9, color=theme().soft,
        )  # fmt: skip
        box = text.get_window_extent()
        lines = next((i for i, x in enumerate(right) if box.x0 > x + 6), len(right))
        right[lines : lines + 1] = [box.x1]
        text.set_position((0, 3 + 12 * lines))
    ax.set_title(ax.get_title(loc="left"), pad=6 + 12 * len(right))


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


def _line_styles(names: Iterable[str], predictions: Sequence[str]) -> dict[str, dict]:
    """Predictions are dark, each with dashes of its own; a line named after a rule (``adamw``,
    ``AdamW``) has the rule's colour and line.

    The others take the colours of the style that no rule of the picture has.
    """
    known = {title_of(rule).lower(): rule for rule in (*LOOKS, "adam_l2")} | {r: r for r in LOOKS}
    rules = {name: known.get(name.lower()) for name in names}
    looks = {name: look_of(rule) if rule else None for name, rule in rules.items()}
    taken = {look.colour.lower() for look in looks.values() if look}
    colours = (to_hex(c) for c in STYLE["axes.prop_cycle"].by_key()["color"])
    free = cycle([c for c in colours if c not in taken])
    dashes = dict(zip(predictions, cycle(PREDICTED), strict=False))
    return {
        name: {"color": theme().ink, "ls": dashes[name], "zorder": 3} if name in predictions
        else {"color": look.colour, "ls": look.line} if look
        else {"color": next(free)}
        for name, look in looks.items()
    }  # fmt: skip


def _marker_of(name: str) -> str:
    """The marker of the rule that has this name, or a circle."""
    rule = name.lower().replace(" ", "_")
    return look_of(rule).marker if rule in LOOKS else "o"


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
        ax.set_facecolor(theme().lost)
        shown = np.ma.masked_where(lost, height)
        mesh = ax.pcolormesh(x, y, shown, cmap="viridis_r", vmin=np.log10(FLOOR), rasterized=True)
        figure.colorbar(mesh, ax=ax, label="log₁₀ (f − f*)")
        if _is_geometric(x):
            ax.set_xscale("log")
        bx, by = grid.best[xname], grid.best[yname]
        ax.plot(bx, by, "*", ms=13, color="white", mec="black")
        ax.set(xlabel=symbol(xname), ylabel=symbol(yname))
        figure.supxlabel("star: the best; grey: ends no lower than it began", fontsize=9)
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
    x, y, z = heights(landscape, 61)
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=6.4, height=4.6, subplot_kw={"projection": "3d"})
        ax.computed_zorder = False
        ax.plot_surface(
            x, y, z, cmap=theme().ground, norm=PowerNorm(0.3, z.min(), z.max()),
            edgecolor=theme().contour, lw=0.2, rcount=40, ccount=40,
        )  # fmt: skip
        for path, look, label in zip(paths, looks_of(paths), labels_of(paths), strict=True):
            ax.plot(*path.points.T, path.values, color=look.colour, ls=look.line, zorder=5,
                    marker=look.marker, label=label)  # fmt: skip
        ax.set(xlabel=landscape.coordinates[0], ylabel=landscape.coordinates[1], zlabel="f")
        ax.set_title(title or capitalised(landscape.name))
        if paths:
            ax.legend(loc="upper left")
    told = " ".join(path.summary for path in paths)
    return Picture(figure, f"Surface of {landscape.name}. {told}".strip())
