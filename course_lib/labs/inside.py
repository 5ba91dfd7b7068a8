"""``inside``: one run from the inside, its gradients, memories and steps under its path."""

from collections.abc import Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from course_lib.descent import Step, dissect
from course_lib.family import title_of
from course_lib.labs.controls import (
    Given,
    controls_for,
    linear_slider,
    row,
    says_html,
    step_slider,
)
from course_lib.labs.start_point import start_point, step_point
from course_lib.landscapes import Landscape, landscape_of, with_noise
from course_lib.pictures import style
from course_lib.pictures.ground import Trace, draw_ground
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, theme
from course_lib.validation import Rule, checked_start, rule_name
from course_lib.wording import in_words, settings_in_words

MEANS = {"m_hat": "m̂", "m": "m"}  # what a rule may know of the direction, the best first
SIZES = {"s_hat": "√ŝ", "s": "√s", "u": "u"}  # and of the size
PART = 30  # steps at the beginning, and at the end, whose typical length is told
HEIGHTS = (1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10.5)  # of axes, times a power of ten
NAMES = "xy"


class Inside(Panel):
    """A run on noisy gradients, and under its path, per coordinate, what the rule sees and does.

    Above: the gradients g as dots, the rule's mean m̂ of them, and ±√ŝ, its measure of their size.
    Below: the step in units of η. A rule that keeps only one of the two shows that one.

    noise: where its slider begins: the standard deviation of the gradient, per coordinate
    steps: how many are made; at: the step that is shown first, without it the last
    **hyperparameters: where a slider starts, or (start, low, high) for a linear one

    ``path`` is the run; ``means``, ``sizes``, ``gradients`` and ``moves`` are (steps, 2), the moves
    in units of η, and None for what the rule does not keep.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape,
        noise: float = 1.0,
        steps: int = 150,
        at: int | None = None,
        seed: int = 0,
        **hyperparameters: Given,
    ):
        self.rule, self.landscape, self.steps, self.seed = rule, landscape_of(on), steps, seed
        if self.landscape.dim != 2:
            raise ValueError(f"inside needs a landscape of 2 coordinates, not {self.landscape.dim}")
        self.start = checked_start(None, self.landscape)
        sliders = controls_for(rule, hyperparameters)
        if "lr" not in sliders:
            raise ValueError(f"inside shows steps in units of η, and {rule_name(rule)} has no lr")
        self.hyperparameters = tuple(sliders)
        self.controls = {
            **sliders,
            "noise": linear_slider("noise", noise, 0.0, max(3.0, 2 * noise)),
            "step": step_slider("step", steps if at is None else at, 1, steps),
        }
        for control in self.controls.values():
            control.observe(self.control_moved, "value")
        self.readout = widgets.HTML()
        self._heights: list[float] = []
        self._run()
        figure = self._draw()
        super().__init__([figure.image, row(*self.controls.values()), self.readout], figure)
        self._show()

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters as the sliders stand."""
        return {name: self.controls[name].value for name in self.hyperparameters}

    def _run(self) -> None:
        noisy = with_noise(self.landscape, self.controls["noise"].value, seed=self.seed)
        self.path, taken = dissect(self.rule, noisy, self.start, self.steps, **self.settings)
        if not taken:
            raise ValueError(f"{self.path.summary} There is no step to show: make lr smaller.")
        self._mean = next((name for name in MEANS if name in taken[0].after), None)
        self._size = next((name for name in SIZES if name in taken[0].after), None)
        if self._mean is None and self._size is None:
            raise ValueError(
                "inside shows a mean of gradients, m or m_hat, and their size, s, s_hat or u; "
                f"{rule_name(self.rule)} keeps neither"
            )
        self.gradients = np.array([step.gradients[-1][1] for step in taken])
        self.moves = np.diff(self.path.points, axis=0) / self.settings["lr"]
        self.means = _kept(taken, self._mean)
        sizes = _kept(taken, self._size)
        self.sizes = np.sqrt(sizes) if self._size in ("s", "s_hat") else sizes

    # The picture

    def _draw(self) -> LiveFigure:
        look = look_of(rule_name(self.rule))
        with rc_context(STYLE):
            figure = Figure(figsize=(9.2, 5.2), dpi=style.DPI, layout="constrained")
            grid = figure.add_gridspec(3, 6, height_ratios=[1.75, 1.25, 0.8])
            ground, key = figure.add_subplot(grid[0, :4]), figure.add_subplot(grid[0, 4:])
            draw_ground(ground, self.landscape, shape=2.4)
            ground.set_anchor("W")
            self._trace = Trace(look, ground)
            self._title = ground.set_title("M")
            self._seen = [figure.add_subplot(grid[1, 3 * i : 3 * i + 3]) for i in range(2)]
            self._done = [figure.add_subplot(grid[2, 3 * i : 3 * i + 3]) for i in range(2)]
            self._lines = [self._draw_seen(ax, i) for i, ax in enumerate(self._seen)]
            self._bars = [self._draw_done(ax) for ax in self._done]
            axes = [*self._seen, *self._done]
            self._cursors = [ax.axvline(1, color=theme().signal, lw=1.2) for ax in axes]
            self._draw_key(key)
        marks = [mark for lines in self._lines for mark in lines.values()]
        moving = [*self._trace.artists, self._title, *marks, *self._bars, *self._cursors]
        areas = [start_point(ground, self.landscape, lambda: self.start, self.begin_at)]
        areas += [
            step_point(ax, lambda: self.controls["step"].value, self._go_to, self.steps)
            for ax in axes
        ]
        return LiveFigure(figure, moving, areas=areas)

    def _draw_seen(self, ax: Axes, i: int) -> dict[str, object]:
        """The axes of what the rule sees along a coordinate."""
        colour = look_of(rule_name(self.rule)).colour
        nothing = np.zeros(self.steps + 1)
        band = ax.stairs(nothing, np.arange(self.steps + 2) + 0.5, baseline=nothing, fill=True)
        band.set(color=theme().faint, alpha=0.35)
        (dots,) = ax.plot([], [], ls="", marker=".", ms=4, color=theme().ink, alpha=0.75)
        (mean,) = ax.plot([], [], color=colour, lw=2.2)
        self._frame(ax)
        ax.tick_params(labelbottom=False)
        ax.set_title(f"Along {NAMES[i]}: what it sees")
        if i == 0:
            ax.set_ylabel("gradient")
        return {"band": band, "dots": dots, "mean": mean}

    def _draw_done(self, ax: Axes) -> object:
        """The axes of the steps along a coordinate, in units of η."""
        self._frame(ax)
        for height in (-1, 1):
            ax.axhline(height, color=theme().soft, lw=1, ls=(0, (4, 3)))
        ax.set_xlabel("step t")
        if ax is self._done[0]:
            ax.set_ylabel("step ÷ η")
        look = {"fill": True, "color": look_of(rule_name(self.rule)).colour}
        return ax.stairs(np.zeros(self.steps), np.arange(self.steps + 1) + 0.5, **look)

    def _frame(self, ax: Axes) -> None:
        ax.set_xlim(0.5, self.steps + 0.5)
        ax.set_ylim(-0.0039, 0.0039)  # long numbers, so that the layout keeps room for all
        ax.axhline(0, color=theme().faint, lw=0.8)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))

    def _draw_key(self, ax: Axes) -> None:
        colour = look_of(rule_name(self.rule)).colour
        marks = [(Line2D([], [], ls="", marker=".", color=theme().ink), "g, the noisy gradient")]
        if self._mean:
            mean = f"{MEANS[self._mean]}, its running mean"
            marks.append((Line2D([], [], color=colour, lw=2.2), mean))
        if self._size:
            size = f"±{SIZES[self._size]}, its usual size"
            marks.append((Patch(color=theme().faint, alpha=0.35), size))
        marks += [
            (Patch(color=colour), "the step"),
            (Line2D([], [], color=theme().soft, lw=1, ls=(0, (4, 3))), "a step of η"),
            (Line2D([], [], color=theme().signal, lw=1.2), "now"),
        ]
        ax.set_axis_off()
        ax.legend(*zip(*marks, strict=True), loc="center", fontsize=9.5, frameon=False)

    # What moves it

    def begin_at(self, start: Sequence[float]) -> None:
        """Begin the run at another point."""
        self.start = checked_start(start, self.landscape)
        self.update()

    def _go_to(self, step: int) -> None:
        self.controls["step"].value = max(step, 1)

    def update(self, change: object = None) -> None:
        """Run with the sliders' values and show the run."""
        self._run()
        self._show()

    def _show(self) -> None:
        steps, shown = np.arange(1, len(self.path) + 1), self.controls["step"].value
        self._make_room()
        for i, (lines, bars) in enumerate(zip(self._lines, self._bars, strict=True)):
            lines["dots"].set_data(steps, self.gradients[:, i])
            if self._mean:
                lines["mean"].set_data(steps, self.means[:, i])
            if self._size:
                sizes, edges = self.sizes[:, i], np.arange(len(steps) + 1) + 0.5
                lines["band"].set_data(sizes, edges, baseline=-sizes)
            bars.set_data(self.moves[:, i], np.arange(len(steps) + 1) + 0.5)
        for cursor in self._cursors:
            cursor.set_xdata([shown, shown])
        self._trace.show(self.path, shown)
        noise = self.controls["noise"].value
        told = f"{settings_in_words(self.settings)}, noise {noise:.3g}"
        self._title.set_text(f"{title_of(self.path.rule)}: {told}")
        self.figure.redraw()
        self._said = self._sentences(min(shown, len(steps)))
        self.readout.value = says_html(*map(escape, self._said))

    def _make_room(self) -> None:
        """Give each of the axes the height that its marks need, where it has another one."""
        seen = [kept for kept in (self.gradients, self.means, self.sizes) if kept is not None]
        needed = [*np.abs(seen).max(axis=(0, 1)), *np.abs(self.moves).max(axis=0)]
        heights = [_height(most) for most in needed]
        heights[2:] = [max(1.25, *heights[2:])] * 2
        if heights != self._heights:
            for ax, height in zip([*self._seen, *self._done], heights, strict=True):
                ax.set_ylim(-height, height)
            self._heights = heights
            self.figure.refresh()

    def _sentences(self, t: int) -> list[str]:
        along = [self._at(t, i) for i in range(2)]
        first, last = (_typical(part) for part in (self.moves[:PART], self.moves[-PART:]))
        typical = (
            f"{NAMES[i]} {first[i]:.2f} η in the first {PART} steps, {last[i]:.2f} η in the last"
            f" {PART}"
            for i in range(2)
        )
        return [f"Step {t}: {'; '.join(along)}.", f"Typical step: {'; '.join(typical)}."]

    def _at(self, t: int, i: int) -> str:
        parts = [f"g = {in_words(self.gradients[t - 1, i])}"]
        for name, kept in (
            (MEANS.get(self._mean), self.means),
            (SIZES.get(self._size), self.sizes),
        ):
            if name:
                parts.append(f"{name} = {in_words(kept[t - 1, i])}")
        return f"along {NAMES[i]} {', '.join(parts)}, step {self.moves[t - 1, i]:+.2f} η"

    @property
    def says(self) -> str:
        noise = f"gradients with noise {self.controls['noise'].value:.3g}"
        who = title_of(self.path.rule)
        return f"{who} on {self.landscape.name}, {noise}, from the inside. {' '.join(self._said)}"


inside = Inside


def _kept(taken: Sequence[Step], name: str | None) -> np.ndarray | None:
    """(steps, 2), a variable of the rule after each step."""
    return None if name is None else np.array([step.after[name] for step in taken])


def _height(most: float) -> float:
    """A little more than ``most``, in round numbers: so it seldom changes."""
    decade = 10.0 ** np.floor(np.log10(np.clip(most, 1e-300, 1e250)))
    return float(decade * next(n for n in HEIGHTS if n * decade > 1.02 * most))


def _typical(moves: np.ndarray) -> np.ndarray:
    """(2,), the root mean square of each column."""
    with np.errstate(over="ignore"):
        return np.sqrt(np.mean(moves**2, axis=0))
