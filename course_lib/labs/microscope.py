"""``microscope``: one step of a rule taken apart."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes

from course_lib.descent import Step, dissect
from course_lib.family import title_of
from course_lib.labs.controls import row, says_html, step_buttons, step_slider
from course_lib.labs.start_point import start_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures.ground import draw_ground
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure
from course_lib.validation import Rule, checked_start


class Microscope(Panel):
    """One step taken apart: its arrows, its state, and its code with this step's numbers.

    Forward, back and scrub through the first ``steps`` steps of any rule on a landscape of two
    coordinates, beginning with step ``at``; the state is read from the rule's own local variables.

    ``parts`` are the arrows it shows; they add up to the step.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape,
        start: tuple[float, ...] | None = None,
        steps: int = 20,
        at: int = 1,
        **hyperparameters: float,
    ):
        landscape = landscape_of(on)
        if landscape.dim != 2:
            raise ValueError(f"microscope needs a landscape of 2 coordinates, not {landscape.dim}")
        if at not in range(1, steps + 1):
            raise ValueError(f"at must be a step from 1 to steps = {steps!r}, got {at!r}")
        self.rule, self.landscape, self.settings = rule, landscape, hyperparameters
        self.length, self.start = steps, checked_start(start, landscape)
        self.path, self.steps = dissect(rule, landscape, start, steps, **hyperparameters)
        if not self.steps:
            raise ValueError(f"{self.path.summary} There is no step to show: make lr smaller.")
        self._lines = loop_lines(rule)
        slider = step_slider("step", min(at, len(self.steps)), 1, len(self.steps))
        slider.observe(self.control_moved, "value")
        back, forward = step_buttons(slider)
        self.controls = {"step": slider, "back": back, "forward": forward}
        self.readout = widgets.HTML()
        figure = self._draw()
        super().__init__([figure.image, row(back, forward, slider), self.readout], figure)
        self.update()

    def _draw(self) -> LiveFigure:
        look = look_of(self.path.rule)
        with rc_context(STYLE):
            figure, (ground, bars) = new_figure(gridspec_kw={"width_ratios": [1.7, 1]})
            draw_ground(ground, self.landscape)
            (self._way,) = ground.plot(*self.path.points.T, color=look.colour, lw=1, alpha=0.25)
            arrow = {"angles": "xy", "scale_units": "xy", "scale": 1, "units": "inches"}
            self._arrows = [
                ground.quiver([0], [0], [0], [0], color=colour, width=width, zorder=4, **arrow)
                for colour, width in ((look.colour, 0.05), *[(look.colour, 0.022)] * 2)
            ]
            (self._here,) = ground.plot([], [], "o", ms=7, color="white", mec="#222222", zorder=5)
            (self._ahead,) = ground.plot([], [], "o", ms=6, color="none", mec="#222222", zorder=5)
            self._title = ground.set_title("M")
            self._names = [
                ground.annotate(
                    "", (0, 0), xytext=(0, 0), textcoords="offset points", fontsize=10,
                    weight="bold", va="center",
                    bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 1},
                )
                for _ in range(2)
            ]  # fmt: skip
            self._bars, self._bar_labels = self._draw_bars(bars)
        moving = [*self._arrows, self._here, self._ahead, self._title, *self._names]
        start = start_point(ground, self.landscape, lambda: self.start, self.begin_at)
        return LiveFigure(
            figure, [self._way, *moving, *self._bars, *self._bar_labels], areas=[start]
        )

    def begin_at(self, start: Sequence[float]) -> None:
        """Take the run from another point apart, and show the step of the slider, if it has one."""
        path, steps = dissect(self.rule, self.landscape, start, self.length, **self.settings)
        if not steps:
            raise ValueError(f"{path.summary} There is no step to show.")
        self.start, self.path, self.steps = path.points[0], path, steps
        self._way.set_data(*path.points.T)
        self._scale = self._scales()
        with self.moved_together():
            self.controls["step"].max = len(steps)

    def _draw_bars(self, ax: Axes) -> tuple[list, list]:
        """Bars for each state variable and coordinate, on the scale of its largest value."""
        self._rows = [(name, i) for name in self._state_names() for i in range(2)]
        self._scale = self._scales()
        labels = [f"{name} along {'xy'[i]}" for name, i in self._rows]
        ax.set_yticks(range(len(labels)), labels)
        ax.set(xlim=(-1.05, 1.05), ylim=(len(labels) - 0.4, -0.6), xticks=[0])
        ax.set_xticklabels(["0"])
        ax.set_xlabel("each on its own scale")
        ax.axvline(0, color="#888888", lw=1)
        ax.set_title("Gradient and state")
        colour = look_of(self.path.rule).colour
        bars = ax.barh(range(len(labels)), [0.0] * len(labels), height=0.6, color=colour, alpha=0.6)
        texts = [ax.text(0, i, "", va="center", fontsize=8) for i in range(len(labels))]
        return list(bars), texts

    def _scales(self) -> dict[str, float]:
        return {
            name: max(np.abs(self._value(step, name)).max() for step in self.steps) or 1.0
            for name in self._state_names()
        }

    def _state_names(self) -> list[str]:
        after = self.steps[0].after
        state = [name for name, value in after.items() if np.shape(value) == (2,)]
        return ["g", *(name for name in state if name not in ("g", "x"))]

    def _value(self, step: Step, name: str) -> np.ndarray:
        if name == "g":
            return step.gradients[-1][1] if step.gradients else np.zeros(2)
        value = np.asarray(step.after.get(name, np.zeros(2)), dtype=float)
        return np.clip(value, -1e300, 1e300)  # a square may overflow in a run that diverges

    def update(self, change: object = None) -> None:
        """Show the step of the slider."""
        step = self.steps[self.controls["step"].value - 1]
        self.parts = parts_of(step)
        zoom = self._zoom(step)
        ends, at = [(step.start, step.move)], step.start
        for vector in self.parts.values():
            ends.append((at, vector))
            at = at + vector * zoom
        for arrow, (tail, vector) in zip(self._arrows, _padded(ends, 3), strict=True):
            arrow.set_offsets([tail])
            arrow.set_UVC(*(vector * zoom)[:, np.newaxis])
        self._here.set_data(*step.start[:, np.newaxis])
        looked = (at - step.start for at, _ in step.gradients if np.any(at != step.start))
        ahead = [step.start + zoom * offset for offset in looked]
        self._ahead.set_data(*np.reshape(ahead, (-1, 2)).T)
        for arrow, name in zip(self._arrows[1:], self.parts, strict=False):
            arrow.set_color(PART_COLOURS[name])
        for label, name, (tail, vector) in zip(
            self._names, [*self.parts, "", ""], _padded(ends[1:], 2), strict=False
        ):
            label.set_text(name)
            label.set_color(PART_COLOURS.get(name, "black"))
            label.set_visible(bool(np.any(vector)))
            label.xy = tail + vector * zoom / 2
        self._place_names(step.start + step.move * zoom / 2)
        enlarged = "" if zoom == 1 else f", arrows {zoom:.2g} × enlarged"
        self._title.set_text(f"{title_of(self.path.rule)}, step {step.t}{enlarged}")
        self._show_bars(step)
        self.figure.redraw()
        self.readout.value = self._code_with_numbers(step)

    def _place_names(self, middle: np.ndarray) -> None:
        """Names beside their arrows, away from the ``middle`` of the step, inside the window."""
        (left, right), _ = self.landscape.window
        for label, vector in zip(self._names, self.parts.values(), strict=False):
            away = label.xy - middle
            level = abs(vector[0]) > abs(vector[1])
            near_edge = label.xy[0] - left < 0.15 * (right - left)
            aside = 1 if away[0] >= 0 or near_edge else -1
            label.set_position((0, 10 if away[1] >= 0 else -10) if level else (7 * aside, 0))
            label.set_ha("center" if level else "left" if aside > 0 else "right")

    def _zoom(self, step: Step) -> float:
        """How much to enlarge the arrows of small steps, so that they can be seen: 1, 2, 5, 10…"""
        span = np.ptp(np.array(self.landscape.window), axis=1).min()
        longest = max(np.abs(v).max() for v in (*self.parts.values(), step.move))
        wanted = 0.3 * span / longest if longest > 1e-300 else 1.0
        if wanted <= 1:
            return 1.0
        decade = 10 ** np.floor(np.log10(wanted))
        return float(max(n for n in (1, 2, 5) if n * decade <= wanted) * decade)

    def _show_bars(self, step: Step) -> None:
        for bar, text, (name, i) in zip(self._bars, self._bar_labels, self._rows, strict=True):
            value = self._value(step, name)[i]
            share = value / self._scale[name]
            bar.set_width(share)
            text.set_text(f"{value:.3g}")
            beyond = abs(share) < 0.6  # else the number stands on the other side of the zero line
            rightwards = (share >= 0) == beyond
            text.set_x((share if beyond else 0) + (0.03 if rightwards else -0.03))
            text.set_ha("left" if rightwards else "right")

    def _code_with_numbers(self, step: Step) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(code)}</code></td><td style='padding:0 1em'><code>"
            f"= {escape(numbers)}</code></td><td><code>= {escape(result)}</code></td></tr>"
            for code, numbers, result in lines_with_numbers(self._lines, step)
        )
        total = f"Step {step.t}: x moves by {_number(step.move)}"
        terms = " + ".join(f"{name} {_number(vector)}" for name, vector in self.parts.items())
        return says_html(f"<table>{rows}</table>", escape(f"{total} = {terms}."))

    @property
    def says(self) -> str:
        step = self.steps[self.controls["step"].value - 1]
        terms = ", ".join(f"{name} {_number(vector)}" for name, vector in self.parts.items())
        return (
            f"Step {step.t} of {title_of(self.path.rule)} on {self.landscape.name}: "
            f"from {_number(step.start)} by {_number(step.move)}, the sum of {terms}."
        )


microscope = Microscope


PART_COLOURS = {"β v": "#7A5195", "−η g": "#00805D", "along x": "#7A5195", "along y": "#00805D"}
PART_COLOURS |= {"−η m̂/√ŝ": "#00805D", "−ηλ x": "#7A5195"}


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


def _padded(items: list, n: int) -> list:
    return (items + [(items[0][0], np.zeros(2))] * n)[:n]
