"""``microscope``: one step of a rule taken apart."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from course_lib.descent import Path, Step, dissect
from course_lib.family import title_of
from course_lib.labs.controls import entry_of, row, says_html, step_buttons, step_slider
from course_lib.labs.start_point import start_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures import style
from course_lib.pictures.beside import place_beside
from course_lib.pictures.ground import heights, mark_minima, widened
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, settle, shade, theme
from course_lib.validation import Rule, checked_start, rule_name

SCALES = (1, 1.5, 2, 3, 5, 7, 10)  # data units per inch, times a power of ten
INSET = (0.68, 0.66, 0.31, 0.32)  # where on the ground this is, in parts of the axes
ROOM = (0.62, 0.72)  # the part of the axes, from the left, that the arrows may fill
LEFT = 0.19  # the part that is kept free left of them, where a name may have to stand
FIRST_LIMITS = (-3.5e-4, 3.5e-4)  # the longest numbers: the layout keeps room for them

UNITS = {  # of a rule's variables, by the names of the course
    **dict.fromkeys(("g", "m", "m_hat", "u", "c"), "g"),
    **dict.fromkeys(("s", "s_hat"), "g²"),
    **dict.fromkeys(("v", "delta", "y", "z"), "x"),
    "d": "x²",
}


class Microscope(Panel):
    """One step taken apart: its arrows, its state, and its code with this step's numbers.

    ``microscope(momentum, on=ravine())``, or several rules side by side, to one scale:
    ``microscope(momentum, nesterov, on=ravine())``. Forward, back and scrub through the first
    ``steps`` steps of any rule on a landscape of two coordinates, beginning with step ``at``; the
    state is read from the rule's own local variables. The start can be moved on the small ground.

    rules: rules, or pairs (rule, its own hyperparameters)
    same_state: every rule takes its step from where the first one stands, after the gradients that
           the first one got. For rules that ask for the gradient where they stand, at x
    **hyperparameters: for every rule; of several rules, for each that has one of that name

    ``parts`` are the arrows it shows; they add up to the step. path, steps, parts: of the first
    rule; ``views`` has those of each.
    """

    def __init__(
        self,
        *rules: Rule | tuple[Rule, Mapping[str, float]] | Landscape,
        on: Landscape | None = None,
        start: tuple[float, ...] | None = None,
        steps: int = 20,
        at: int = 1,
        same_state: bool = False,
        **hyperparameters: float,
    ):
        if on is None and rules:
            *rules, on = rules
        landscape = landscape_of(on)
        if not rules:
            raise ValueError("microscope needs a rule, e.g. microscope(momentum, on=ravine())")
        if landscape.dim != 2:
            raise ValueError(f"microscope needs a landscape of 2 coordinates, not {landscape.dim}")
        if at not in range(1, steps + 1):
            raise ValueError(f"at must be a step from 1 to steps = {steps!r}, got {at!r}")
        self.landscape, self.start = landscape, checked_start(start, landscape)
        several = len(rules) > 1 or isinstance(rules[0], tuple)
        entries = [entry_of(rule, hyperparameters) if several else (rule, hyperparameters)
                   for rule in rules]  # fmt: skip
        self.views = []
        for rule, own in entries:
            first = self.views[0] if same_state and self.views else None
            self.views.append(_View(rule, landscape, start, steps, own, several, first))
        last = min(len(view.steps) for view in self.views)
        slider = step_slider("step", min(at, last), 1, last)
        slider.observe(self.control_moved, "value")
        back, forward = step_buttons(slider)
        self.controls = {"step": slider, "back": back, "forward": forward}
        self.readout = widgets.HTML()
        figure = self._draw()
        super().__init__([figure.image, row(back, forward, slider), self.readout], figure)
        self.update()

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure = Figure(figsize=(9.2, 3.9), dpi=style.DPI, layout="constrained")
            n = len(self.views)
            grid = figure.add_gridspec(1, max(n, 2), width_ratios=[1.45, 1] if n == 1 else [1] * n)
            for place, view in zip(grid, self.views, strict=False):
                view.draw(figure.add_subplot(place))
            self._state = _Bars(figure, grid[1], self.views[0]) if n == 1 else None
            settle(figure)
            for view in self.views:
                view.draw_inset()
        moving = [artist for view in self.views for artist in (view.ax, view.inset)]
        moving += self._state.artists if self._state else []
        areas = [
            start_point(view.inset, self.landscape, lambda: self.start, self.begin_at)
            for view in self.views
        ]
        return LiveFigure(figure, moving, areas=areas)

    def begin_at(self, start: Sequence[float]) -> None:
        """Take the runs from another point apart, and show the step of the slider, if it is one."""
        begun = checked_start(start, self.landscape)
        for view in self.views:
            view.begin_at(begun)
        self.start = begun
        if self._state:
            self._state.follow(self.steps)
        with self.moved_together():
            self.controls["step"].max = min(len(view.steps) for view in self.views)

    @property
    def rule(self) -> Rule:
        return self.views[0].rule

    @property
    def path(self) -> Path:
        return self.views[0].path

    @property
    def steps(self) -> list[Step]:
        return self.views[0].steps

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """The vectors that add up to the step of the first rule, by name."""
        return self.views[0].parts_of(self._step_of(self.views[0]))

    def _step_of(self, view: "_View") -> Step:
        return view.steps[self.controls["step"].value - 1]

    def update(self, change: object = None) -> None:
        """Show the step of the slider."""
        shown = [(view, self._step_of(view)) for view in self.views]
        corners = [view.corners(step) for view, step in shown]
        if all(np.array_equal(step.start, shown[0][1].start) for _, step in shown):
            corners = [np.concatenate(corners)] * len(shown)  # steps from one place, one window
        scale = max(
            view.scale_for(step, seen) for (view, step), seen in zip(shown, corners, strict=True)
        )
        with rc_context(STYLE):
            for (view, step), seen in zip(shown, corners, strict=True):
                view.show(step, scale, seen)
            if self._state:
                self._state.show(shown[0][1])
        self.figure.redraw()
        self.readout.value = self._told()

    def _told(self) -> str:
        """The sentences, and of one rule alone the lines of its code; always of one height."""
        sentences = [escape(view.total(self._step_of(view))) for view in self.views]
        if len(self.views) > 1:
            return says_html(*sentences)
        (view,) = self.views
        rows = "".join(
            f"<tr><td><code>{escape(code)}</code></td><td style='padding:0 1em'><code>"
            f"= {escape(numbers)}</code></td><td><code>= {escape(result)}</code></td></tr>"
            for code, numbers, result in lines_with_numbers(view.lines, self._step_of(view))
        )
        tall = 21 * max(len(view.lines), 1) + 16  # with a bar to scroll long lines
        box = f"height:{tall}px;overflow-x:auto;overflow-y:hidden;white-space:nowrap"
        return says_html(
            f"<div tabindex='0' style='{box}'><table style='line-height:1.4'>{rows}</table></div>",
            *sentences,
        )

    @property
    def says(self) -> str:
        return " ".join(view.says(self._step_of(view)) for view in self.views)


class _View:
    """One rule under the microscope: its run, and the axes that show a step of it.

    The axes count from where the step begins, so their numbers are those of the arrows.
    """

    def __init__(
        self,
        rule: Rule,
        landscape: Landscape,
        start: Sequence[float] | None,
        length: int,
        settings: Mapping[str, float],
        compared: bool = False,
        first: "_View | None" = None,
    ):
        self.rule, self.landscape = rule, landscape
        self.length, self.settings, self._first = length, settings, first
        self.parts_of = parts_of_mean if compared else parts_of
        self._way: Line2D | None = None
        self.begin_at(start)
        self.lines = loop_lines(rule)
        self._look = look_of(self.path.rule)

    def begin_at(self, start: Sequence[float] | None) -> None:
        """Run from this start."""
        if self._first is None:
            path, steps = dissect(self.rule, self.landscape, start, self.length, **self.settings)
        else:
            path = replace(self._first.path, rule=rule_name(self.rule))
            steps = steps_from(self._first.steps, self.rule, self.landscape, **self.settings)
        if not steps:
            raise ValueError(f"{path.summary} There is no step to show: make lr smaller.")
        self.path, self.steps = path, steps
        if self._way is not None:
            self._draw_way()

    def _draw_way(self) -> None:
        far = 10 * np.array(self.inset_window).T
        self._way.set_data(*np.clip(self.path.points, *far).T)

    def draw(self, ax: Axes) -> None:
        self.ax, colour = ax, self._look.colour
        across, up = (f"{name}, from the start of the step" for name in self.landscape.coordinates)
        ax.set(xlabel=across, ylabel=up)
        ax.set(xlim=FIRST_LIMITS, ylim=FIRST_LIMITS)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.3g}".replace("-", "−")))
        for side in ("top", "right"):
            ax.spines[side].set_visible(True)
        self._contours = []
        trail = (self._first or self)._look.colour  # whose run it is
        (self._run,) = ax.plot([], [], color=trail, lw=1, alpha=0.4, marker=".", ms=5, zorder=2)
        arrow = {"angles": "xy", "scale_units": "xy", "scale": 1, "units": "inches"}
        self.arrows = [
            ax.quiver([0], [0], [0], [0], color=colour, width=width, zorder=order, **arrow)
            for width, order in ((0.065, 3), (0.027, 4), (0.027, 4))
        ]
        spot = {"ls": "", "mec": theme().ink, "mew": 1.2, "zorder": 5}
        (self._here,) = ax.plot([0], [0], "o", ms=8, color=theme().paper, **spot)
        (self.ahead,) = ax.plot([], [], "o", ms=7, color="none", **spot)
        self.title = ax.set_title("M")
        rim = {"fc": theme().paper, "ec": "none", "alpha": 0.75, "pad": 1}
        self.names = [
            ax.text(0, 0, "", fontsize=10, weight="bold", ha="center", va="center", bbox=rim,
                    zorder=6)
            for _ in range(4)
        ]  # fmt: skip

    def draw_inset(self) -> None:
        """The whole ground, small, with a frame where the microscope looks."""
        box = self.ax.get_position()
        x, y, wide, tall = INSET
        self.inset = self.ax.figure.add_axes(
            (box.x0 + x * box.width, box.y0 + y * box.height, wide * box.width, tall * box.height)
        )
        inside, inch = self.inset.get_position(), self.ax.figure.get_size_inches()
        shape = inside.width * inch[0] / (inside.height * inch[1])
        window = widened(self.landscape.window, shape)
        x, y, z = heights(self.landscape, 61, window)
        low, high = z.min(), z.max()
        power = 2 if self.landscape.hessian is not None else 4
        self.inset.contour(
            x, y, z, low + (high - low) * np.linspace(0.1, 0.9, 8) ** power,
            colors=theme().contour, linewidths=0.5, linestyles="-",
        )  # fmt: skip
        self.inset.set(xlim=window[0], ylim=window[1], xticks=[], yticks=[])
        self.inset.set_facecolor(theme().paper)
        for spine in self.inset.spines.values():
            spine.set(visible=True, color=theme().soft)
        mark_minima(self.inset, self.landscape)
        for cross in self.inset.lines:
            cross.set(markersize=4, markeredgewidth=1.2)
        self.inset_window = window
        trail = (self._first or self)._look.colour
        (self._way,) = self.inset.plot([], [], color=trail, lw=1)
        self._draw_way()
        self._frame = self.inset.add_patch(
            Rectangle((0, 0), 0, 0, fc="none", ec=theme().signal, lw=1.6, zorder=7)
        )
        self._shape = np.ptp(window, axis=1)

    def corners(self, step: Step) -> np.ndarray:
        """(n, 2), what has to be seen of a step, from where it begins."""
        ends = np.cumsum([np.zeros(2), *self.parts_of(step).values()], axis=0)
        looked = [at - step.start for at, _ in step.gradients]
        return np.array([*ends, step.move, *looked])

    def scale_for(self, step: Step, corners: np.ndarray) -> float:
        """Data units per inch, in round numbers, at which the step's corners fill its room."""
        span = np.ptp(corners, axis=0)
        needed = float((span / (self._inches() * ROOM * 0.85)).max())
        needed = max(needed, 1e-13 * np.abs(step.start).max(), 1e-300)
        decade = 10.0 ** np.floor(np.log10(needed))
        return next((n * decade for n in SCALES if n * decade >= needed), 10 * decade)

    def _inches(self) -> np.ndarray:
        box = self.ax.get_position()
        return np.array([box.width, box.height]) * self.ax.figure.get_size_inches()

    def show(self, step: Step, scale: float, corners: np.ndarray) -> None:
        """Show a step at a scale, in data units per inch, with these corners in view."""
        size = scale * self._inches()
        low = (corners.min(axis=0) + corners.max(axis=0)) / 2 - size * np.array([ROOM[0] / 2, 0.5])
        parts = self.parts_of(step)
        if "gradient" in parts:  # its name may stand left of its arrow
            low[0] = min(low[0], corners[:, 0].min() - LEFT * size[0])
        self.ax.set(xlim=(low[0], low[0] + size[0]), ylim=(low[1], low[1] + size[1]))
        self._draw_contours(step, low, size)
        far = 50 * size.max()
        self._run.set_data(*np.clip(self.path.points - step.start, -far, far).T)
        tails = np.cumsum([np.zeros(2), *parts.values()], axis=0)[:-1]
        shown = [(np.zeros(2), step.move, self._look.colour)]
        shown += [
            (tail, vector, shade(PART_COLOURS[name]))
            for tail, (name, vector) in zip(tails, parts.items(), strict=True)
        ]
        while len(shown) < len(self.arrows):
            shown.append((np.zeros(2), np.zeros(2), "none"))
        for arrow, (tail, vector, colour) in zip(self.arrows, shown, strict=True):
            arrow.set_offsets([tail])
            arrow.set_UVC(*vector[:, np.newaxis])
            arrow.set_color(colour)
        ahead = [at - step.start for at, _ in step.gradients if np.any(at != step.start)]
        self.ahead.set_data(*np.reshape(ahead, (-1, 2)).T)
        self.title.set_text(f"{title_of(self.path.rule)}, step {step.t}")
        self._name(["the step" if len(parts) > 1 else "", *parts], shown, ahead)
        self._show_frame(step.start + low, size)

    def _draw_contours(self, step: Step, low: np.ndarray, size: np.ndarray) -> None:
        for drawn in self._contours:
            drawn.remove()
        x, y = np.meshgrid(*(np.linspace(a, a + d, 41) for a, d in zip(low, size, strict=True)))
        with np.errstate(all="ignore"):
            z = self.landscape(step.start + np.stack([x, y], axis=-1))
        # of a step so small that f is only rounding there, no contours can be told
        if not np.isfinite(z).all() or np.ptp(z) <= 1e-12 * np.abs(z).max():
            self._contours = []
            return
        levels = np.linspace(z.min(), z.max(), 14)
        colours = theme().ground(np.linspace(0.1, 0.9, 13))
        self._contours = [
            self.ax.contourf(x, y, z, levels, colors=colours, zorder=0),
            self.ax.contour(
                x, y, z, levels[1:-1], colors=theme().contour, linewidths=0.6, linestyles="-",
                zorder=1,
            ),
        ]  # fmt: skip

    def _name(self, names: Sequence[str], shown: list, ahead: list) -> None:
        """Names beside their arrows, and where the gradient was taken, if not at the start."""
        named = [
            (name, tail, tail + vector, colour)
            for name, (tail, vector, colour) in zip(names, shown, strict=False)
            if name and np.any(vector)
        ]
        if ahead:
            named.append(("gradient here", ahead[-1], ahead[-1], theme().ink))
        for label in self.names:
            label.set_text("")
        for label, (name, _, _, colour) in zip(self.names, named, strict=False):
            label.set(text=name, color=colour)
        lines = [(tail, tail + vector) for tail, vector, _ in shown if np.any(vector)]
        place_beside(self.names, [(a, b) for _, a, b, _ in named], lines, [self.inset])

    def _show_frame(self, corner: np.ndarray, size: np.ndarray) -> None:
        least = 0.05 * self._shape  # a smaller frame could not be seen
        bigger = np.maximum(size, least)
        self._frame.set_bounds(*(corner + size / 2 - bigger / 2), *bigger)

    def total(self, step: Step) -> str:
        terms = " + ".join(f"{name} {_number(v)}" for name, v in self.parts_of(step).items())
        return f"Step {step.t}: x moves by {_number(step.move)} = {terms}."

    def says(self, step: Step) -> str:
        terms = ", ".join(f"{name} {_number(v)}" for name, v in self.parts_of(step).items())
        return (
            f"Step {step.t} of {title_of(self.path.rule)} on {self.landscape.name}: "
            f"from {_number(step.start)} by {_number(step.move)}, the sum of {terms}."
        )


class _Bars:
    """The gradient and the state as bars: those of one unit on one axis, the old ones outlined.

    Every axis keeps its scale, that of the whole run, so that steps can be compared; where the bars
    of a step would be too short to be seen, it is ten times finer, or a hundred times, ...
    """

    def __init__(self, figure: Figure, place: object, view: _View):
        self._steps, self._coordinates = view.steps, view.landscape.coordinates
        groups: dict[str, list[str]] = {}
        for name in self._names():
            groups.setdefault(UNITS.get(name, name), []).append(name)
        parts = place.subgridspec(
            len(groups), 1, height_ratios=[2 * len(names) + 1 for names in groups.values()]
        )
        self.rows: list[tuple[str, int]] = []
        self.bars, self.old, self.labels = [], [], []
        self._limits: list[tuple[Axes, tuple[float, float]]] = []
        self._groups: list[list[str]] = []
        small = 8 if sum(map(len, groups.values())) > 3 else 9
        for i, (part, (unit, names)) in enumerate(zip(parts, groups.items(), strict=True)):
            ax = figure.add_subplot(part)
            self._draw_group(ax, unit, names, look_of(view.path.rule).colour, small)
            if i == 0:
                ax.set_title("Gradient and state")
                ax.set_xlabel(f"in units of {unit}; outlined: before", fontsize=8, labelpad=1)
        self.artists = [ax for ax, _ in self._limits]

    def _draw_group(self, ax: Axes, unit: str, names: list[str], colour: str, small: float) -> None:
        rows = [(name, i) for name in names for i in range(2)]
        limits = self._limits_of(names)
        self._groups.append(names)
        self._limits.append((ax, limits))
        ax.set_xlim(limits)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_yticks(range(len(rows)), [self._called(name, i) for name, i in rows], fontsize=small)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(3))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.3g}".replace("-", "−")))
        ax.tick_params(axis="x", labelsize=8, pad=1)
        ax.set_xlabel(f"in units of {unit}", fontsize=8, labelpad=1)
        ax.axvline(0, color=theme().faint, lw=1)
        nothing = [0.0] * len(rows)
        where = range(len(rows))
        self.bars += ax.barh(where, nothing, height=0.56, color=colour, alpha=0.65)
        self.old += ax.barh(where, nothing, height=0.8, fc="none", ec=theme().ink, lw=1)
        self.labels += [ax.text(0, i, "", va="center", fontsize=small) for i in where]
        self.rows += rows

    def _called(self, name: str, i: int) -> str:
        along = self._coordinates[i]
        return f"{name} along {along}" if len(along) < 4 else f"{name} along\n{along}"

    def follow(self, steps: Sequence[Step]) -> None:
        """Show another run of the same rule, each axis to the scale of that run."""
        self._steps = steps
        axes = [ax for ax, _ in self._limits]
        limits = map(self._limits_of, self._groups)
        self._limits = list(zip(axes, limits, strict=True))

    def _limits_of(self, names: Sequence[str]) -> tuple[float, float]:
        """The ends of an axis for these variables, over the whole run, with room for numbers."""
        values = np.array([[self._value(step, name) for name in names] for step in self._steps])
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        room = 0.42 * (high - low or 1.0)
        return low - room * (low < 0), high + room * (high > 0 or low == 0)

    def _names(self) -> list[str]:
        after = self._steps[0].after
        state = [name for name, value in after.items() if np.shape(value) == (2,)]
        return ["g", *(name for name in state if name not in ("g", "x"))]

    def _value(self, step: Step | None, name: str, when: str = "after") -> np.ndarray:
        if step is None:
            return np.zeros(2)
        if name == "g":
            return step.gradients[-1][1] if step.gradients else np.zeros(2)
        value = np.asarray(getattr(step, when).get(name, np.zeros(2)), dtype=float)
        return np.clip(value, -1e150, 1e150)  # a square may overflow in a run that diverges

    def show(self, step: Step) -> None:
        previous = self._steps[step.t - 2] if step.t > 1 else None
        now = [self._value(step, name)[i] for name, i in self.rows]
        before = [
            self._value(previous if name == "g" else step, name, "before")[i]
            for name, i in self.rows
        ]
        for ax, limits in self._limits:
            pairs = zip(now, before, self.labels, strict=True)
            shown = [v for *both, text in pairs if text.axes is ax for v in both]
            ax.set_xlim(np.array(limits) * _finer(shown, limits))
        for bar, old, text, value, was in zip(
            self.bars, self.old, self.labels, now, before, strict=True
        ):
            bar.set_width(value)
            old.set_width(was)
            text.set_text(f"{value:.3g}".replace("-", "−"))
            end = max(value, was) if value >= 0 else min(value, was)
            low, high = text.axes.get_xlim()
            text.set_x(end + (0.02 if value >= 0 else -0.02) * (high - low))
            text.set_ha("left" if value >= 0 else "right")


def _finer(values: Sequence[float], limits: tuple[float, float]) -> float:
    """1, or the power of ten that makes an axis fine enough for its longest bar to be seen."""
    low, high = limits
    longest = max(v / high if v > 0 else v / low if v < 0 else 0.0 for v in values)
    if not 0 < longest < 0.08:
        return 1.0
    return float(10 ** np.ceil(np.log10(longest / 0.7)))


microscope = Microscope


PART_COLOURS = {"β v": "#7A5195", "−η g": "#00805D", "along x": "#7A5195", "along y": "#00805D"}
PART_COLOURS |= {"−η m̂/√ŝ": "#00805D", "−ηλ x": "#7A5195"}
PART_COLOURS |= {"momentum": "#7A5195", "next momentum": "#7A5195", "gradient": "#00805D"}


def parts_of(step: Step) -> dict[str, np.ndarray]:
    """The vectors that add up to the step, by name, in the order in which they are drawn.

    A rule with a velocity ``v`` and a ``beta`` keeps β v and adds −η g, the last where the gradient
    was taken: at the start of the step (momentum) or at the look-ahead x + β v (Nesterov). A rule
    whose step is −η g has that one part, and AdamW's has Adam's step and the decay −ηλ x; any other
    rule's step is split into its coordinates.
    """
    before, move = step.before, step.move
    if step.gradients and "lr" in before:
        at, g = step.gradients[-1]
        rounding = 8 * np.finfo(float).eps * np.abs(step.start).max()
        downhill = -before["lr"] * g
        kept = before["beta"] * before["v"] if {"v", "beta"} <= before.keys() else np.zeros(2)
        if np.allclose(kept + downhill, move, rtol=1e-12, atol=rounding):
            parts = {"β v": kept, "−η g": downhill} if np.any(kept) else {"−η g": downhill}
            looks_ahead = np.any(at != step.start)
            return parts if looks_ahead else dict(reversed(parts.items()))
    if {"m_hat", "s_hat", "eps", "weight_decay"} <= step.after.keys():
        decay = -before["lr"] * before["weight_decay"] * step.start
        adams = -before["lr"] * step.after["m_hat"] / (np.sqrt(step.after["s_hat"]) + before["eps"])
        if np.any(decay) and np.allclose(adams + decay, move, rtol=1e-9):
            return {"−η m̂/√ŝ": move - decay, "−ηλ x": decay}
    return {"along x": move * [1, 0], "along y": move * [0, 1]}


def parts_of_mean(step: Step) -> dict[str, np.ndarray]:
    """The same, for rules that are compared: of a step −η m̂/divisor, the two parts of m̂.

    Adam and its relatives have a part kept from earlier gradients, β₁ mₜ₋₁/(1 − β₁ᵗ), and the
    newest gradient's, (1 − β₁) g/(1 − β₁ᵗ). Nadam has in place of the first that of the next step,
    β₁ mₜ/(1 − β₁ᵗ⁺¹), which comes after the gradient. Of other rules: ``parts_of``.
    """
    before, after = step.before, step.after
    if {"m_hat", "m", "lr", "beta1", "t"} <= after.keys() and after.keys() & {"s_hat", "u"}:
        beta1, t = after["beta1"], after["t"]
        divisor = after["u"] if "u" in after else np.sqrt(after["s_hat"]) + after["eps"]
        scale = -after["lr"] / divisor
        gradient = scale * (1 - beta1) * step.gradients[-1][1] / (1 - beta1**t)
        kept = scale * beta1 * before["m"] / (1 - beta1**t)
        coming = scale * beta1 * after["m"] / (1 - beta1 ** (t + 1))
        for parts in (
            {"momentum": kept, "gradient": gradient},
            {"gradient": gradient, "next momentum": coming},
        ):
            if np.allclose(sum(parts.values()), step.move, rtol=1e-9, atol=0):
                return {name: part for name, part in parts.items() if np.any(part)}
    return parts_of(step)


def steps_from(
    first: Sequence[Step], rule: Rule, landscape: Landscape, **hyperparameters: float
) -> list[Step]:
    """The steps that ``rule`` would take from where each of ``first`` begins.

    It has seen the same gradients until then, and so has the same means of them; only its step is
    its own. Each begins where the other one begins, and nothing is walked on.

    A ValueError for rules that ask for more than one gradient per step, or for one ahead.
    """
    seen = iter([step.gradients[-1][1] for step in first])
    fed = replace(landscape, sampler=lambda rng: lambda x: next(seen, np.zeros(2)))
    _, steps = dissect(rule, fed, first[0].start, len(first), **hyperparameters)
    for step in (*first, *steps):
        if len(step.gradients) != 1 or np.any(step.gradients[0][0] != step.start):
            raise ValueError(
                "same_state needs rules that ask for one gradient per step, where they stand; "
                f"look at {rule_name(rule)} and the rule before it"
            )
    return [
        replace(own, start=step.start, end=step.start + own.move, gradients=step.gradients)
        for step, own in zip(first, steps, strict=False)
    ]


Line = tuple[str, ast.expr]  # a variable, and the expression assigned to it


def loop_lines(rule: Rule) -> list[Line]:
    """The assignments in a rule's loop, from its source; none where there is no source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    except (OSError, TypeError, SyntaxError):
        return []
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    return [
        (statement.targets[0].id, statement.value)
        for loop in loops[:1]
        for statement in loop.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    ]


def lines_with_numbers(lines: list[Line], step: Step) -> Iterator[tuple[str, str, str]]:
    """Each assignment of the loop as code, with this step's numbers put in, and its result."""
    values = {**step.before, "x": step.start}
    if "t" in step.after:
        values["t"] = step.after["t"]
    gradients = [g for _, g in step.gradients]
    for name, expression in lines:
        filled = _WithNumbers(values, gradients).visit(copy.deepcopy(expression))
        result = step.end if name == "x" else step.after.get(name)
        values[name] = result
        yield f"{name} = {ast.unparse(expression)}", ast.unparse(filled), _number(result)


class _WithNumbers(ast.NodeTransformer):
    """Puts values for names, and for each call of ``grad`` the gradient it gave."""

    def __init__(self, values: Mapping[str, object], gradients: list[np.ndarray]):
        self.values, self.gradients = values, gradients

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "grad" and self.gradients:
            return ast.Name(_number(self.gradients.pop(0)))
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self.values.get(node.id)
        return node if value is None else ast.Name(_number(value))


def _number(value: object) -> str:
    if value is None or np.ndim(value) > 1:
        return "…"
    if np.ndim(value) == 0:
        return f"{value:.4g}"
    return "(" + ", ".join(f"{v:.4g}" for v in value) + ")"
