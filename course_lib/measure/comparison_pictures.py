"""How a fair comparison shows itself: a table, dots with quartiles, bars, and small maps."""

from collections.abc import Mapping, Sequence
from html import escape

import matplotlib
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from course_lib.family import title_of
from course_lib.measure.result import Result, decades_in_words
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import STYLE, look_of, new_figure, theme


def html_table(table: Sequence[Sequence[str]], caption: str) -> str:
    """The table of a comparison, its head first, with its protocol as the caption."""
    head, *rows = table
    style = 'style="text-align:left;padding:0.2em 0.8em"'
    top = "".join(f'<th scope="col" {style}>{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row" {style}>{escape(row[0])}</th>'
        + "".join(f"<td {style}>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<table><caption style="text-align:left">{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def steps_and_ranges(results: Sequence[Result], steps: int, alt: str) -> Picture:
    """Left every judged run, with median and quartiles; right the usable range of each rule.

    results: the rules in the order in which they are drawn; steps: the most that a run had
    """
    with rc_context(STYLE):
        height = 1.5 + 0.34 * len(results)
        figure, (left, right) = new_figure(height=height, sharey=True, width_ratios=(1.25, 1))
        _draw_steps(left, results, steps)
        _draw_ranges(right, results)
        left.set_yticks(range(len(results)), [title_of(r.rule) for r in results])
        left.set_ylim(len(results) - 0.4, -0.6)
        left.set_title("Steps to the target: each run, median, quartiles")
        right.set_title("Learning rates that get there")
    return Picture(figure, alt)


def _draw_steps(ax: Axes, results: Sequence[Result], most: int) -> None:
    reached = [r.steps[np.isfinite(r.steps)] for r in results]
    least = max(min((s.min() for s in reached if len(s)), default=1) * 0.8, 0.8)
    lost = most * 1.3
    ax.axvspan(most, lost * 1.3, color=theme().lost, alpha=0.5, lw=0, zorder=0)
    ax.text(
        lost, 0.98, "not there", transform=ax.get_xaxis_transform(), rotation=90, ha="center",
        va="top", fontsize=8, color=theme().soft,
    )  # fmt: skip
    for row, result in enumerate(results):
        look = look_of(result.rule)
        steps = np.where(np.isfinite(result.steps), result.steps, lost)
        spread = np.linspace(-0.2, 0.2, len(steps))
        ax.plot(steps, row + spread, look.marker, color=look.colour, ms=4, alpha=0.45, mew=0)
        low, high = np.minimum(result.quartiles, lost)
        middle = min(result.median, lost)
        ax.plot([low, high], [row, row], color=look.colour, lw=2.5, solid_capstyle="butt")
        ax.plot([middle, middle], [row - 0.3, row + 0.3], color=theme().ink, lw=2.5)
    ax.set(xscale="log", xlim=(least, lost * 1.3), xlabel="steps")
    ax.grid(True, axis="x")


def _draw_ranges(ax: Axes, results: Sequence[Result]) -> None:
    for row, result in enumerate(results):
        look = look_of(result.rule)
        low, high = result.usable
        if not np.isfinite(low) or result.dial == "eps":
            said = "no η" if not result.dial else "none"
            if result.dial == "eps":
                said = f"no η; {decades_in_words(result)}"
            ax.text(0.02, row, said, va="center", fontsize=8.5,
                    transform=ax.get_yaxis_transform())  # fmt: skip
            continue
        ax.plot([low, high], [row, row], color=look.colour, lw=6, alpha=0.55, solid_capstyle="butt")
        if result.is_cut:  # the search ended here, and not the range
            ax.plot(high, row, ">", color=look.colour, ms=9, mew=0)
        ax.plot(
            result.settings[result.dial],
            row,
            look.marker,
            color=look.colour,
            mec=theme().paper,
            ms=8,
        )
        ax.annotate(
            decades_in_words(result), (high, row), (9, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=theme().ink,
        )  # fmt: skip
    ax.set(xscale="log", xlabel="η (marker: chosen by tuning)")
    low, high = ax.get_xlim()
    ax.set_xlim(low, high * (high / low) ** 0.55)
    ax.grid(True, axis="x")


def robustness_maps(
    panels: Mapping[str, np.ndarray],
    lr: np.ndarray,
    betas: Sequence[float],
    steps: int,
    alt: str,
) -> Picture:
    """A small map (η, β) under each title, all on one scale of colours; grey: not there."""
    columns = min(4, len(panels))
    rows = -(-len(panels) // columns)
    reached = np.concatenate([m[np.isfinite(m)] for m in panels.values()])
    scale = LogNorm(max(reached.min(initial=steps), 1), steps)
    colours = matplotlib.colormaps["viridis_r"].with_extremes(bad=theme().lost)
    with rc_context(STYLE):
        figure, _ = new_figure(columns=1, height=0.9 + 1.75 * rows)
        figure.clear()
        axes = np.array(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False))
        for ax in axes.flat[len(panels) :]:
            ax.set_visible(False)
        for ax, (title, found) in zip(axes.flat, panels.items(), strict=False):
            shown = np.ma.masked_invalid(found.T)
            where = np.arange(len(betas))
            mesh = ax.pcolormesh(lr, where, shown, cmap=colours, norm=scale, shading="nearest")
            ax.set(xscale="log")
            ax.set_title(title, fontsize=9.5)
            ax.set_yticks(where, [f"{beta:g}" for beta in betas], fontsize=7)
        for ax in axes[:, 0]:
            ax.set_ylabel("β or β₁")
        for column in range(columns):
            last = max(r for r in range(rows) if r * columns + column < len(panels))
            axes[last, column].set_xlabel("η")
            axes[last, column].tick_params(labelbottom=True)
        figure.colorbar(mesh, ax=axes, label="median steps (grey: not there)")
    return Picture(figure, alt)
