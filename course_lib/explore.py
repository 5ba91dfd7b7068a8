"""What a lesson calls: ``explore``, ``race``, ``microscope``, ``predict``.

Each returns a ``Panel``: as the last expression of a cell it shows itself. All work for every rule
of the course and for any generator function that keeps its contract. Sliders come from the rule's
signature: a keyword with a numeric default is a hyperparameter, its name decides the scale.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib import theory
from course_lib.descent import (
    Path,
    Rule,
    check_hyperparameters,
    check_range,
    descend,
    dissect,
    hyperparameters_of,
    in_words,
    rule_name,
)
from course_lib.landscapes import Landscape, landscape_of
from course_lib.live import LiveFigure, Panel
from course_lib.plots import (
    FLOOR,
    STYLE,
    SYMBOLS,
    Picture,
    Trace,
    draw_ground,
    draw_loss_axes,
    look_of,
    new_figure,
    title_of,
)

LABELS = SYMBOLS | {"lr": "learning rate η", "weight_decay": "weight decay λ"}
HIDDEN = ("eps", "psi")  # hyperparameters that get no slider unless a lesson names them
BETAS = np.concatenate(
    [np.arange(0, 99) / 100, np.arange(990, 999) / 1000, np.arange(9990, 10000) / 10000]
)
WIDE = widgets.Layout(width="440px", max_width="100%")
Given = float | tuple[float, float, float]


# Controls


def control_for(name: str, given: Given) -> widgets.Widget:
    """A slider for one hyperparameter.

    ``given`` is where it starts, or (start, low, high) for a linear slider. By name: ``lr`` and
    others are logarithmic, ``beta…`` denser towards 1.
    """
    look = {"description": LABELS.get(name, name), "layout": WIDE}
    look["style"] = {"description_width": "120px"}
    if isinstance(given, tuple):
        start, low, high = given
        check_range(name, np.array(given))
        return widgets.FloatSlider(
            start, min=low, max=high, step=(high - low) / 100, readout_format=".3g", **look
        )
    check_range(name, given)
    if name.startswith("beta"):
        options = sorted({*BETAS.tolist(), float(given)})
        return widgets.SelectionSlider(
            options=[(f"{b:.6g}", b) for b in options], value=float(given), **look
        )
    exponent = np.log10(given) if given > 0 else -4.0
    return widgets.FloatLogSlider(
        given or 1e-4,
        min=min(-4.0, np.floor(exponent)),
        max=max(1.0, np.ceil(exponent)),
        step=0.02,
        readout_format=".3g",
        **look,
    )


def controls_for(rule: Rule, given: Mapping[str, Given]) -> dict[str, widgets.Widget]:
    """The sliders of a rule, by hyperparameter, in the order of its signature."""
    known = hyperparameters_of(rule)
    starts = {k: v[0] if isinstance(v, tuple) else v for k, v in given.items()}
    check_hyperparameters(rule, starts)
    return {
        name: control_for(name, given.get(name, default))
        for name, default in known.items()
        if name in given or (_is_number(default) and name not in HIDDEN)
    }


def _is_number(default: object) -> bool:
    return isinstance(default, int | float) and not isinstance(default, bool)


def step_slider(steps: int, label: str = "steps shown") -> widgets.IntSlider:
    return widgets.IntSlider(
        steps, 0, steps, description=label, layout=WIDE, style={"description_width": "120px"}
    )


def says_html(*sentences: str) -> str:
    """Sentences as a read-out that screen readers announce when it changes."""
    lines = "".join(f"<div>{s}</div>" for s in sentences if s)
    return f'<div role="status" aria-live="polite" style="line-height:1.5">{lines}</div>'


# explore


def explore(
    rule: Rule,
    on: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 100,
    goal: float | None = None,
    stars: Sequence[int] = (100, 50, 25),
    move_start: bool = False,
    **hyperparameters: Given,
) -> "Explorer":
    """Sliders and a live picture: the path of ``rule`` on a landscape, and its loss.

    goal:       a value for f − f* to get below; ``stars`` are the numbers of steps within which
                that earns one, two, three stars
    move_start: give the starting point sliders of its own
    **hyperparameters: where a slider starts, or (start, low, high) for a linear one
    """
    return Explorer(rule, on, start, steps, goal, stars, move_start, hyperparameters)


class Explorer(Panel):
    """The panel of ``explore``. ``controls`` are its sliders by name, ``path`` what they give."""

    def __init__(self, rule, on, start, steps, goal, stars, move_start, hyperparameters):
        self.rule, self.landscape, self.steps = rule, landscape_of(on), steps
        self.start = descend(rule, self.landscape, start, 0, **_starts(hyperparameters)).points[0]
        self.goal, self.stars_at = goal, tuple(stars)
        sliders = controls_for(rule, hyperparameters)
        self.hyperparameters = tuple(sliders)
        self.start_controls = self._start_controls() if move_start else ()
        self.controls = {**sliders, "steps": step_slider(steps)}
        self.controls |= {c.description: c for c in self.start_controls}
        for control in self.controls.values():
            control.observe(self.update, "value")
        self.readout = widgets.HTML()
        figure = self._draw()
        super().__init__([figure.image, *self.controls.values(), self.readout], figure)
        self.update()

    def _start_controls(self) -> tuple[widgets.FloatSlider, ...]:
        names = ("start x", "start y")[: self.landscape.dim]
        return tuple(
            widgets.FloatSlider(
                x, min=low, max=high, step=(high - low) / 100, description=name, layout=WIDE,
                readout_format=".3g", style={"description_width": "120px"},
            )
            for name, x, (low, high) in zip(names, self.start, self.landscape.window, strict=True)
        )  # fmt: skip

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure, (ground, loss) = new_figure()
            draw_ground(ground, self.landscape)
            draw_loss_axes(loss, self.landscape, self.steps)
            self._trace = Trace(look_of(rule_name(self.rule)), ground, loss)
            self._title = ground.set_title("M")
            self._loss_title = loss.set_title("M")
            (self._predicted,) = loss.plot([], [], color="#444444", lw=1.2, ls=(0, (4, 3)))
            self._warning = ground.text(
                0.5, 0.03, "", transform=ground.transAxes, ha="center", va="bottom", fontsize=9,
                bbox={"boxstyle": "round", "fc": "#FFF1E8", "ec": "#D55E00"},
            )  # fmt: skip
            if self.goal is not None:
                loss.axhline(self.goal, color="#009E73", lw=1)
                loss.annotate(
                    f"goal {in_words(self.goal)}", (1, self.goal),
                    xycoords=("axes fraction", "data"), xytext=(-2, 3),
                    textcoords="offset points", ha="right", color="#00704F", fontsize=9,
                )  # fmt: skip
        moving = [self._predicted, *self._trace.artists]
        return LiveFigure(figure, [*moving, self._warning, self._title, self._loss_title])

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters as the sliders stand."""
        return {name: self.controls[name].value for name in self.hyperparameters}

    def update(self, change: object = None) -> None:
        """Run the rule with the sliders' values and show the result."""
        start = [c.value for c in self.start_controls] or self.start
        self.path = descend(self.rule, self.landscape, start, self.steps, **self.settings)
        shown = self.controls["steps"].value
        self._trace.show(self.path, shown)
        forecast = forecast_of(self.rule, self.path)
        self._predicted.set_data(*forecast.curve(self.path, self.steps))
        self._title.set_text(f"{title_of(self.path.rule)}: {settings_in_words(self.settings)}")
        at = min(shown, len(self.path))
        what = "f" if self.landscape.lowest in (None, 0.0) else "f − f*"
        self._loss_title.set_text(f"after {at} steps: {what} = {in_words(self.path.gap[at])}")
        self._warning.set_text(forecast.warning(self.path))
        self._warning.set_visible(bool(self._warning.get_text()))
        self.figure.redraw()
        self._said = [self.path.summary, forecast.sentence, self.verdict]
        self.readout.value = says_html(*map(escape, self._said))

    @property
    def stars(self) -> int:
        """How many stars the run earns: 0 to 3."""
        step = None if self.goal is None else self.path.reached(self.goal)
        return 0 if step is None else sum(step <= within for within in self.stars_at)

    @property
    def verdict(self) -> str:
        """The goal, and how the run stands to it."""
        if self.goal is None:
            return ""
        got, best = self.stars, len(self.stars_at)
        text = f"Goal, below {in_words(self.goal)} within {self.stars_at[0]} steps: "
        text += "★" * got + "☆" * (best - got)
        step = self.path.reached(self.goal)
        text += " not yet." if not got else f" reached at step {step}."
        if 0 < got < best:
            text += f" Next star: within {self.stars_at[got]} steps."
        return text

    @property
    def says(self) -> str:
        return " ".join(filter(None, self._said))


def _starts(hyperparameters: Mapping[str, Given]) -> dict[str, float]:
    return {k: v[0] if isinstance(v, tuple) else v for k, v in hyperparameters.items()}


def settings_in_words(settings: Mapping[str, float]) -> str:
    """``η = 0.1, β = 0.9``."""
    return ", ".join(f"{SYMBOLS.get(k, k)} = {v:.3g}" for k, v in settings.items())


class Forecast:
    """What theory says before the run: nothing, or the rate on this quadratic."""

    sentence = ""

    def curve(self, path: Path, steps: int) -> tuple[np.ndarray, np.ndarray]:
        return np.array([]), np.array([])

    def warning(self, path: Path) -> str:
        """Why the run goes wrong, in a few words; empty if it does not."""
        return f"diverged at step {path.diverged}" if path.diverged else ""


class QuadraticForecast(Forecast):
    """The exact rate ρ and stability limit of gradient descent, momentum and Nesterov."""

    def __init__(self, rule: str, landscape: Landscape, settings: Mapping[str, float]):
        self.lr, beta = settings["lr"], settings.get("beta", 0.0)
        curvatures = landscape.curvatures
        self.rate = float(theory.rate(rule, curvatures, self.lr, beta))
        self.limit = float(theory.stability_limit(rule, curvatures[-1], beta))
        self.formula = theory.limit_formula(rule)
        limit = f"Stable below {self.formula} = {self.limit:.3g}."
        if rule == "gradient_descent":
            factors = sorted({round(float(1 - self.lr * c), 12): c for c in curvatures}.items())
            told = ", ".join(f"{f:.3g} (λ = {c:.3g})" for f, c in reversed(factors))
            self.sentence = f"Each step multiplies the error by 1 − ηλ = {told}. {limit}"
        else:
            self.sentence = f"Theory: the error shrinks by ρ = {self.rate:.3g} a step. {limit}"

    def curve(self, path: Path, steps: int) -> tuple[np.ndarray, np.ndarray]:
        t = np.arange(steps + 1)
        with np.errstate(over="ignore", under="ignore"):
            return t, np.clip(path.gap[0] * self.rate ** (2.0 * t), FLOOR / 10, 1e250)

    def warning(self, path: Path) -> str:
        above = f"η = {self.lr:.3g} is above {self.formula} = {self.limit:.3g}"
        if path.diverged:
            return f"diverged at step {path.diverged}: {above}"
        return f"every step leads further away: {above}" if self.lr > self.limit else ""


def forecast_of(rule: Rule, path: Path) -> Forecast:
    """The forecast for a run: exact where the rule and the landscape allow it."""
    curvatures = path.landscape.curvatures
    exact = curvatures is not None and curvatures[0] > 0 and theory.is_known(path.rule)
    if not exact or path.landscape.noise:
        return Forecast()
    defaults = {k: v for k, v in hyperparameters_of(rule).items() if isinstance(v, float)}
    return QuadraticForecast(path.rule, path.landscape, {**defaults, **path.hyperparameters})


# race


def race(
    rules: Sequence[Rule | tuple[Rule, Mapping[str, float]]],
    on: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 100,
    **hyperparameters: float,
) -> "Race":
    """Several rules on one landscape at once: play, pause, step, scrub.

    rules: rules, or pairs (rule, its own hyperparameters)
    **hyperparameters: for every rule that has one of that name
    """
    return Race(rules, on, start, steps, hyperparameters)


class Race(Panel):
    """The panel of ``race``. ``paths`` are the runs; ``controls["step"]`` is where they stand."""

    def __init__(self, rules, on, start, steps, hyperparameters):
        if not rules:
            raise ValueError("race needs at least one rule, e.g. race([gradient_descent, adam], …)")
        landscape = landscape_of(on)
        self.paths = [
            descend(rule, landscape, start, steps, **settings)
            for rule, settings in (_entry(entry, hyperparameters) for entry in rules)
        ]
        step = step_slider(steps, "step")
        play = widgets.Play(min=0, max=steps, interval=60, show_repeat=False)
        speed = widgets.SelectionSlider(
            options=[("slow", 200), ("normal", 60), ("fast", 20)], value=60, description="speed",
            style={"description_width": "50px"}, layout=widgets.Layout(width="240px"),
        )  # fmt: skip
        back = widgets.Button(description="◀ step", tooltip="one step back")
        forward = widgets.Button(description="step ▶", tooltip="one step forward")
        for button, by in ((back, -1), (forward, 1)):
            button.layout.width = "80px"
            button.on_click(lambda _, by=by: setattr(step, "value", step.value + by))
        widgets.jslink((play, "value"), (step, "value"))
        speed.observe(lambda change: setattr(play, "interval", change.new), "value")
        step.observe(self.update, "value")
        self.controls = {"step": step, "speed": speed}
        self.readout = widgets.HTML()
        figure = self._draw(landscape, steps)
        buttons = widgets.HBox([play, back, forward, speed], layout={"flex_flow": "row wrap"})
        super().__init__([figure.image, buttons, step, self.readout], figure)
        self.update()

    def _draw(self, landscape: Landscape, steps: int) -> LiveFigure:
        with rc_context(STYLE):
            figure, (ground, loss) = new_figure()
            draw_ground(ground, landscape)
            draw_loss_axes(loss, landscape, steps)
            self._traces = [
                Trace(look_of(path.rule, i), ground, loss, title_of(path.rule))
                for i, path in enumerate(self.paths)
            ]
            name = landscape.name
            ground.set_title(f"{name[:1].upper()}{name[1:]}")
            self._title = loss.set_title("M")
            loss.legend(loc="lower left")
        return LiveFigure(
            figure, [a for trace in self._traces for a in trace.artists] + [self._title]
        )

    def update(self, change: object = None) -> None:
        """Show the runs up to the step of the slider."""
        step = self.controls["step"].value
        for trace, path in zip(self._traces, self.paths, strict=True):
            trace.show(path, step)
        self._title.set_text(f"step {step}")
        self.figure.redraw()
        order = sorted(self.paths, key=lambda path: path.gap[min(step, len(path))])
        ranks = (
            f"{title_of(p.rule)} {in_words(p.gap[min(step, len(p))])}"
            + (f" (diverged at step {p.diverged})" if p.diverged and step >= p.diverged else "")
            for p in order
        )
        self.readout.value = says_html(escape(f"Step {step}, lowest first: " + "; ".join(ranks)))

    @property
    def says(self) -> str:
        return " ".join(path.summary for path in self.paths)


def _entry(entry, common: Mapping[str, float]) -> tuple[Rule, dict[str, float]]:
    rule, own = entry if isinstance(entry, tuple) else (entry, {})
    known = hyperparameters_of(rule)
    return rule, {**{k: v for k, v in common.items() if k in known}, **own}


# microscope


def microscope(
    rule: Rule,
    on: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 20,
    **hyperparameters: float,
) -> "Microscope":
    """One step taken apart: its arrows, its state, and its code with this step's numbers.

    Forward, back and scrub through the first ``steps`` steps of any rule on a landscape of two
    coordinates; the state is read from the rule's own local variables.
    """
    return Microscope(rule, on, start, steps, hyperparameters)


class Microscope(Panel):
    """The panel of ``microscope``. ``parts`` are the arrows it shows; they add up to the step."""

    def __init__(self, rule, on, start, steps, hyperparameters):
        landscape = landscape_of(on)
        if landscape.dim != 2:
            raise ValueError(f"microscope needs a landscape of 2 coordinates, not {landscape.dim}")
        if steps < 1:
            raise ValueError(f"steps must be 1 or larger, got {steps!r}")
        self.rule, self.landscape = rule, landscape
        self.path, self.steps = dissect(rule, landscape, start, steps, **hyperparameters)
        if not self.steps:
            raise ValueError(f"{self.path.summary} There is no step to show: make lr smaller.")
        self._lines = loop_lines(rule)
        slider = widgets.IntSlider(
            1, 1, len(self.steps), description="step", layout=WIDE,
            style={"description_width": "60px"},
        )  # fmt: skip
        slider.observe(self.update, "value")
        back = widgets.Button(description="◀ step", tooltip="one step back")
        forward = widgets.Button(description="step ▶", tooltip="one step forward")
        for button, by in ((back, -1), (forward, 1)):
            button.layout.width = "80px"
            button.on_click(lambda _, by=by: setattr(slider, "value", slider.value + by))
        self.controls = {"step": slider, "back": back, "forward": forward}
        self.readout = widgets.HTML()
        figure = self._draw()
        row = widgets.HBox([back, forward, slider], layout={"flex_flow": "row wrap"})
        super().__init__([figure.image, row, self.readout], figure)
        self.update()

    def _draw(self) -> LiveFigure:
        look = look_of(self.path.rule)
        with rc_context(STYLE):
            figure, (ground, bars) = new_figure(gridspec_kw={"width_ratios": [1.7, 1]})
            draw_ground(ground, self.landscape)
            ground.plot(*self.path.points.T, color=look.colour, lw=1, alpha=0.25)
            arrow = {"angles": "xy", "scale_units": "xy", "scale": 1, "units": "inches"}
            self._arrows = [
                ground.quiver([0], [0], [0], [0], color=colour, width=width, zorder=4, **arrow)
                for colour, width in ((look.colour, 0.05), *((c, 0.022) for c in PART_COLOURS))
            ]
            (self._here,) = ground.plot([], [], "o", ms=7, color="white", mec="#222222")
            self._title = ground.set_title("M")
            self._names = [
                ground.annotate(
                    "", (0, 0), xytext=(shift, 0), textcoords="offset points", fontsize=10,
                    color=c, weight="bold", va="center", ha="right" if shift < 0 else "left",
                    bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 1},
                )
                for c, shift in zip(PART_COLOURS, (-7, 7), strict=True)
            ]  # fmt: skip
            self._bars, self._bar_labels = self._draw_bars(bars)
        moving = [*self._arrows, self._here, self._title, *self._names]
        return LiveFigure(figure, [*moving, *self._bars, *self._bar_labels])

    def _draw_bars(self, ax) -> tuple[list, list]:
        """Bars for each state variable and coordinate, on the scale of its largest value."""
        self._rows = [(name, i) for name in self._state_names() for i in range(2)]
        self._scale = {
            name: max(np.abs(self._value(step, name)).max() for step in self.steps) or 1.0
            for name in self._state_names()
        }
        labels = [f"{name} along {'xy'[i]}" for name, i in self._rows]
        ax.set_yticks(range(len(labels)), labels)
        ax.set(xlim=(-1.05, 1.05), ylim=(len(labels) - 0.4, -0.6), xticks=[0])
        ax.set_xticklabels(["0"])
        ax.axvline(0, color="#888888", lw=1)
        ax.set_title("Gradient and state")
        colour = look_of(self.path.rule).colour
        bars = ax.barh(range(len(labels)), [0.0] * len(labels), height=0.6, color=colour, alpha=0.6)
        texts = [ax.text(0, i, "", va="center", fontsize=8) for i in range(len(labels))]
        return list(bars), texts

    def _state_names(self) -> list[str]:
        after = self.steps[0].after
        state = [name for name, value in after.items() if np.shape(value) == (2,)]
        return ["g", *(name for name in state if name not in ("g", "x"))]

    def _value(self, step, name: str) -> np.ndarray:
        if name == "g":
            return step.gradients[-1][1] if step.gradients else np.zeros(2)
        return np.asarray(step.after.get(name, np.zeros(2)), dtype=float)

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
        for label, name, (tail, vector) in zip(
            self._names, [*self.parts, "", ""], _padded(ends[1:], 2), strict=False
        ):
            label.set_text(name)
            label.set_visible(bool(np.any(vector)))
            label.xy = tail + vector * zoom / 2
        enlarged = "" if zoom == 1 else f", arrows {zoom:.2g} × enlarged"
        self._title.set_text(f"{title_of(self.path.rule)}, step {step.t}{enlarged}")
        self._show_bars(step)
        self.figure.redraw()
        self.readout.value = self._code_with_numbers(step)

    def _zoom(self, step) -> float:
        """How much to enlarge the arrows of small steps, so that they can be seen: 1, 2, 5, 10…"""
        span = np.ptp(np.array(self.landscape.window), axis=1).min()
        longest = max(np.abs(v).max() for v in (*self.parts.values(), step.move))
        wanted = 0.3 * span / longest if longest > 0 else 1.0
        if wanted <= 1:
            return 1.0
        decade = 10 ** np.floor(np.log10(wanted))
        return float(max(n for n in (1, 2, 5) if n * decade <= wanted) * decade)

    def _show_bars(self, step) -> None:
        for bar, text, (name, i) in zip(self._bars, self._bar_labels, self._rows, strict=True):
            value = self._value(step, name)[i]
            share = value / self._scale[name]
            bar.set_width(share)
            text.set_text(f"{value:.3g}")
            text.set_x(share + (0.03 if share >= 0 else -0.03) if abs(share) < 0.7 else 0.03)
            text.set_ha("left" if share >= 0 or abs(share) >= 0.7 else "right")

    def _code_with_numbers(self, step) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(code)}</code></td>"
            f"<td style='padding-left:2em'><code>{escape(name)} = {_number(value)}</code></td></tr>"
            for name, code in self._lines
            if (value := step.after.get(name)) is not None
        )
        total = f"Step {step.t}: x moves by {_number(step.move)}"
        terms = " + ".join(f"{name} {_number(vector)}" for name, vector in self.parts.items())
        return says_html(f"<table>{rows}</table>", escape(f"{total} = {terms}."))

    @property
    def says(self) -> str:
        step = self.steps[self.controls["step"].value - 1]
        terms = ", ".join(f"{name} {_number(vector)}" for name, vector in self.parts.items())
        return (
            f"Step {step.t} of {self.path.rule.replace('_', ' ')} on {self.landscape.name}: "
            f"from {_number(step.start)} by {_number(step.move)}, the sum of {terms}."
        )


PART_COLOURS = ("#7A5195", "#009E73")


def parts_of(step) -> dict[str, np.ndarray]:
    """The vectors that add up to the step, by name.

    A rule with a velocity ``v`` and a ``beta`` keeps β v and adds −η g; a rule whose step is −η g
    has that one part; any other rule's step is split into its coordinates.
    """
    before, g = step.before, step.gradients[-1][1] if step.gradients else np.zeros_like(step.move)
    downhill = -before["lr"] * g if "lr" in before else np.zeros_like(g)
    if "v" in before and "beta" in before:
        kept = before["beta"] * before["v"]
        if np.allclose(kept + downhill, step.move, rtol=1e-12, atol=0):
            return {"β v": kept, "−η g": downhill}
    if np.allclose(downhill, step.move, rtol=1e-9, atol=0):
        return {"−η g": downhill}
    return {"along x": step.move * [1, 0], "along y": step.move * [0, 1]}


def loop_lines(rule: Rule) -> list[tuple[str, str]]:
    """The assignments in a rule's loop: (name assigned, line of code), from its source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    except (OSError, TypeError, SyntaxError):
        return []
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    return [
        (statement.targets[0].id, ast.unparse(statement))
        for loop in loops[:1]
        for statement in loop.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    ]


def _number(value: object) -> str:
    if np.ndim(value) == 0:
        return f"{value:.4g}"
    return "(" + ", ".join(f"{v:.4g}" for v in value) + ")"


def _padded(items: list, n: int) -> list:
    return (items + [(items[0][0], np.zeros(2))] * n)[:n]


# predict


def predict(
    question: str,
    choices: Mapping[str, str] | None = None,
    answer: Callable[[], object] | None = None,
    number: tuple[float, float] | None = None,
    within: float = 0.0,
    reveal: Callable[[], object] | None = None,
    why: str = "",
) -> "Prediction":
    """Ask before showing: nothing is computed or revealed until the reader has committed.

    choices: each choice with the feedback it gets; or
    number:  (lowest, highest) for an answer that is a number, right if off by at most ``within``
    answer:  called after the reader has answered; runs the experiment and returns the right
             choice or number
    reveal:  called after the answer; returns a picture or panel to show
    why:     the explanation, shown after the answer
    """
    return Prediction(question, choices, answer, number, within, reveal, why)


class Prediction(Panel):
    """The panel of ``predict``: ``state`` is "open" until ``submit`` makes it "answered"."""

    def __init__(self, question, choices, answer, number, within, reveal, why):
        if (choices is None) == (number is None):
            raise ValueError("predict needs either choices={…} or number=(lowest, highest)")
        if not callable(answer):
            raise TypeError("answer must be a function that runs the experiment")
        self.question, self.feedback = question, dict(choices or {})
        self._answer, self._reveal, self._within, self._why = answer, reveal, within, why
        self.state, self.right = "open", None
        if choices is None:
            low, high = number
            self.entry = widgets.BoundedFloatText(
                value=low, min=low, max=high, description="your number:",
                style={"description_width": "initial"},
            )  # fmt: skip
        else:
            self.entry = widgets.RadioButtons(
                options=list(choices), value=None, layout={"width": "max-content"}
            )
        self.button = widgets.Button(
            description="Commit", button_style="primary", disabled=choices is not None
        )
        self.entry.observe(self._ready, "value")
        self.button.on_click(lambda _: self.submit())
        self.readout, self.shown = widgets.HTML(), widgets.VBox()
        ask = widgets.HTML(f"<b>Predict.</b> {escape(question)}")
        super().__init__([ask, self.entry, self.button, self.readout, self.shown])

    def _ready(self, change: object) -> None:
        self.button.disabled = self.state == "answered" or self.entry.value is None

    def submit(self) -> None:
        """Commit to the answer as it stands: run the experiment, give feedback, reveal."""
        if self.state == "answered":
            return
        given = self.entry.value
        if given is None:
            self.readout.value = says_html("Choose an answer first.")
            return
        truth = self._answer()
        if self.feedback and truth not in self.feedback:
            raise ValueError(f"answer must be one of the choices, got {truth!r}")
        self.state = "answered"
        self.entry.disabled = self.button.disabled = True
        if self.feedback:
            self.right = given == truth
            told = [self.feedback[given]]
            if not self.right:
                told.append(f"What happens: {truth}. {self.feedback[truth]}")
        else:
            self.right = abs(given - truth) <= self._within
            told = [f"You said {given:g}; the experiment says {truth:g}."]
        mark = "✔ Right." if self.right else "✘ Not so."
        self.readout.value = says_html(f"<b>{mark}</b> {escape(told[0])}", *map(escape, told[1:]),
                                       escape(self._why))  # fmt: skip
        if self._reveal is not None:
            self.shown.children = [_as_widget(self._reveal())]

    @property
    def says(self) -> str:
        options = "".join(f"\n  ( ) {choice}" for choice in self.feedback) or "\n  (a number)"
        return f"Predict. {self.question}{options}"


def _as_widget(shown: object) -> widgets.Widget:
    if isinstance(shown, Picture):
        width = f"{shown.figure.get_figwidth() * 100:.0f}px"
        return widgets.Image(value=shown.png(), layout={"width": width, "max_width": "100%"})
    return shown if isinstance(shown, widgets.Widget) else widgets.HTML(escape(str(shown)))
