"""``explore``: sliders, the path and the loss of one rule."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist

from course_lib import theory
from course_lib.descent import Path, descend
from course_lib.family import RULES, title_of
from course_lib.labs.controls import (
    Given,
    controls_for,
    entry_of,
    linear_slider,
    says_html,
    step_slider,
)
from course_lib.labs.start_point import MOVED, nearest_curve, start_point, step_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures.ground import (
    FLOOR,
    Trace,
    draw_ground,
    draw_loss_axes,
    floor_for,
    highest,
    set_loss_limits,
)
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, labels_of, looks_of, new_figure, theme
from course_lib.validation import (
    Rule,
    checked_start,
    checked_steps,
    hyperparameters_of,
    unwrapped,
)
from course_lib.wording import in_words, settings_in_words


class Explorer(Panel):
    """Sliders and a live picture: the path of ``rule`` on a landscape, and its loss.

    The start goes where the ground is pointed at; dragging along the loss shows more or less steps.

    goal:       a value for f − f* to get below and stay there; ``stars`` are the numbers of steps
                within which that earns one, two, three stars, from the given start
    move_start: give the starting point sliders of its own
    fixed:      hyperparameters that get no slider, with their values
    forecast:   say and draw what theory predicts, where it can
    beside:     other rules, drawn thinly from the same start, or pairs (rule, its own
                hyperparameters); hyperparameters of the same name follow the sliders
    **hyperparameters: where a slider starts, or (start, low, high) for a linear one

    ``controls`` are the sliders by name, ``path`` is what they give, ``others`` are the paths of
    the rules beside it.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape,
        start: tuple[float, ...] | None = None,
        steps: int = 100,
        goal: float | None = None,
        stars: Sequence[int] = (100, 50, 25),
        move_start: bool = False,
        fixed: Mapping[str, float] | None = None,
        forecast: bool = True,
        beside: Sequence[Rule | tuple[Rule, Mapping[str, float]]] = (),
        **hyperparameters: Given,
    ):
        self.rule, self.landscape, self.steps = rule, landscape_of(on), checked_steps(steps)
        self.fixed = dict(fixed or {})
        self.given_start = checked_start(start, self.landscape)
        self.start = self.given_start
        _check_goal(self.landscape, goal, stars)
        self.goal, self.stars_at, self.forecasts = goal, tuple(stars), forecast
        self.beside = tuple(beside)
        sliders = controls_for(rule, hyperparameters, self.fixed)
        self.hyperparameters = tuple(sliders)
        self.start_controls = self._start_controls() if move_start else ()
        self.controls = {**sliders, "steps": step_slider("steps shown", steps, 0, steps)}
        self.controls |= self._more_controls()
        for control in self.controls.values():
            control.observe(self.control_moved, "value")
        self.readout = widgets.HTML()
        self._run()
        figure = self._draw()
        super().__init__([figure.image, *self.controls.values(), self.readout], figure)
        self._show()

    def _start_controls(self) -> tuple[widgets.FloatSlider, ...]:
        names = [f"start {name}" for name in self.landscape.coordinates[: self.landscape.dim]]
        return tuple(
            linear_slider(name, x, *limits)
            for name, x, limits in zip(names, self.start, self.landscape.window, strict=True)
        )

    def _more_controls(self) -> dict[str, widgets.Widget]:
        return {control.description: control for control in self.start_controls}

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure, (ground, loss) = new_figure()
            draw_ground(ground, self.landscape)
            paths = [self.path, *self.others]
            self._floor, self._top, self._loss_axes = (
                floor_for(paths, self.goal),
                highest(paths),
                loss,
            )
            draw_loss_axes(loss, self.landscape, self.steps, self._floor, self._top)
            self._traces = [
                Trace(look, ground, loss, label, thin=i > 0)
                for i, (look, label) in enumerate(zip(looks_of(paths), self._labels(), strict=True))
            ]
            ground.set_title(title_of(self.path.rule))
            self._settings = ground.set_title("M", loc="right", size=10, weight="normal")
            self._loss_title = loss.set_title("M")
            if self.beside:
                loss.legend(loc="upper right")
            dashes = {"color": theme().soft, "lw": 1.2, "ls": (0, (4, 3))}
            (self._predicted,) = loss.plot([], [], **dashes)
            (self._border,) = ground.plot([], [], **dashes | {"color": theme().ink, "lw": 1.6})
            self._border_name = ground.annotate(
                "", (0, 0), xytext=(6, 5), textcoords="offset points", fontsize=9, color=theme().ink
            )
            self._warning = ground.text(
                0.5, 0.03, "", transform=ground.transAxes, ha="center", va="bottom", fontsize=9,
                bbox={"boxstyle": "round", "fc": theme().paper, "ec": theme().signal},
            )  # fmt: skip
            if self.goal is not None:
                loss.axhline(self.goal, color=theme().soft, lw=1)
                loss.annotate(  # beside the axes: inside, a curve would cross it
                    f"goal\n{in_words(self.goal)}", (1, self.goal),
                    xycoords=("axes fraction", "data"), xytext=(8, 0),
                    textcoords="offset points", va="center", color=theme().soft, fontsize=9,
                )  # fmt: skip
            for step in self.landscape.spikes:
                loss.axvline(step, color=theme().signal, lw=1, ls=(0, (1, 1.6)), zorder=0)
                loss.annotate(
                    "spike", (step, 0), xycoords=("data", "axes fraction"), xytext=(3, 4),
                    textcoords="offset points", color=theme().signal, fontsize=9,
                )  # fmt: skip
        traces = [artist for trace in reversed(self._traces) for artist in trace.artists]
        traces.sort(key=Artist.get_zorder)  # where a run stands is seen over the paths of others
        moving = [
            self._predicted,
            self._border,
            self._border_name,
            *traces,
            self._warning,
            self._loss_title,
        ]
        areas = [
            start_point(ground, self.landscape, lambda: self.start, self.begin_at),
            step_point(loss, lambda: self.controls["steps"].value, self._show_steps,
                       self.steps, self._curve_at),
        ]  # fmt: skip
        return LiveFigure(figure, moving, stored=[self._settings], areas=areas)

    def begin_at(self, start: Sequence[float]) -> None:
        """Begin at another point; its sliders, where there are some, go with it."""
        self.start = checked_start(start, self.landscape)
        with self.moved_together():
            for control, x in zip(self.start_controls, self.start, strict=False):
                control.value = float(x)

    def _show_steps(self, shown: int) -> None:
        self.controls["steps"].value = shown

    def _curve_at(self, step: float, height: float) -> str:
        paths = [self.path, *self.others]
        curves = [(label, p.gap) for label, p in zip(self._labels(), paths, strict=True)]
        return nearest_curve(self._loss_axes, curves, step, height)

    def _labels(self) -> list[str]:
        """The legend: the rules, and the settings of their own that those beside it have."""
        others = zip(self.beside, self.others, strict=True)
        own = [replace(path, hyperparameters=entry_of(entry, {})[1]) for entry, path in others]
        return labels_of([replace(self.path, hyperparameters={}), *own])

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters as the sliders stand, and the fixed ones."""
        return {name: self.controls[name].value for name in self.hyperparameters} | self.fixed

    def update(self, change: object = None) -> None:
        """Run the rule with the sliders' values and show the result."""
        self._run()
        self._show()

    def _show(self) -> None:
        self._make_room()
        shown = self.controls["steps"].value
        for trace, path in zip(self._traces, [self.path, *self.others], strict=True):
            trace.show(path, shown)
        forecast = forecast_of(self.rule, self.path) if self.forecasts else Forecast()
        self._predicted.set_data(*forecast.curve(self.path, self.steps))
        self._border.set_data(*forecast.border())
        self._border_name.set_text(forecast.border_name)
        if forecast.border_name:
            self._border_name.xy = np.min(forecast.border(), axis=1)
        self._settings.set_text(settings_in_words(self.settings))
        at = min(shown, len(self.path))
        self._loss_title.set_text(f"step {at}: {self._value_of(self.path, at)}")
        self._warning.set_text(forecast.warning(self.path))
        self._warning.set_visible(bool(self._warning.get_text()))
        self.figure.redraw()
        self._tell(self.path.summary, self._comparison(), forecast.sentence, self.verdict)

    def _tell(self, *sentences: str) -> None:
        self._said = list(sentences)
        now = settings_in_words(self.settings)  # where a run is lost at once, only this changes
        first = f"With {now}: {self._said[0]}" if now else self._said[0]
        self.readout.value = says_html(*map(escape, [first, *self._said[1:]]))

    def _run(self) -> None:
        if self.start_controls:
            self.start = np.array([control.value for control in self.start_controls])
        entries = [(self.rule, self.settings)]
        entries += [entry_of(entry, self.settings) for entry in self.beside]
        self.path, *self.others = (
            descend(rule, self.landscape, self.start, self.steps, **settings)
            for rule, settings in entries
        )

    def _make_room(self) -> None:
        """Let the loss picture reach as far as the runs do; it never gets smaller again."""
        if self.landscape.lowest is None:
            return
        paths = [self.path, *self.others]
        floor, top = min(self._floor, floor_for(paths, self.goal)), max(self._top, highest(paths))
        if (floor, top) != (self._floor, self._top):
            self._floor, self._top = floor, top
            set_loss_limits(self._loss_axes, floor, top)
            self.figure.refresh()

    def _value_of(self, path: Path, step: int) -> str:
        what = "f" if self.landscape.lowest in (None, 0.0) else "f − f*"
        return f"{what} = {in_words(path.gap[min(step, len(path))])}"

    def _comparison(self) -> str:
        if not self.others:
            return ""
        ends = (
            f"{label}: diverged at step {path.diverged}" if path.diverged
            else f"{label}: {self._value_of(path, self.steps)}"
            for label, path in zip(self._labels()[1:], self.others, strict=True)
        )  # fmt: skip
        return f"Beside it, after {self.steps} steps: {'; '.join(ends)}."

    @property
    def moved(self) -> bool:
        """Whether the run begins somewhere else than where it was given."""
        return not np.array_equal(self.start, self.given_start)

    @property
    def stars(self) -> int:
        """How many stars the run earns: 0 to 3; none where the start was moved."""
        step = None if self.goal is None or self.moved else self.path.settled(self.goal)
        return 0 if step is None else sum(step <= within for within in self.stars_at)

    @property
    def verdict(self) -> str:
        """The goal, and how the run stands to it."""
        if self.goal is None:
            return ""
        if self.moved:
            return f"Goal, to stay below {in_words(self.goal)}: {MOVED}"
        got, best = self.stars, len(self.stars_at)
        text = f"Goal, to stay below {in_words(self.goal)} within {self.stars_at[0]} steps: "
        text += "★" * got + "☆" * (best - got)
        step = self.path.settled(self.goal)
        text += " not yet." if not got else f" there from step {step}."
        if 0 < got < best:
            text += f" Next star: within {self.stars_at[got]} steps."
        return text

    @property
    def says(self) -> str:
        return " ".join(filter(None, self._said))


def _check_goal(landscape: Landscape, goal: float | None, stars: Sequence[int]) -> None:
    if goal is None:
        return
    if landscape.lowest is None:
        raise ValueError(f"goal is a value of f − f*, but {landscape.name} has no minimum f*")
    if not goal > 0:
        raise ValueError(f"goal must be larger than 0, for it is a value of f − f*; got {goal!r}")
    if not stars or list(stars) != sorted(stars, reverse=True):
        raise ValueError(
            f"stars must be numbers of steps, the most first, such as (100, 50, 25); got {stars!r}"
        )


explore = Explorer


class Forecast:
    """What theory says before the run: nothing, or the rate on this quadratic."""

    sentence = ""
    border_name = ""

    def curve(self, path: Path, steps: int) -> tuple[np.ndarray, np.ndarray]:
        return np.array([]), np.array([])

    def border(self) -> tuple[np.ndarray, np.ndarray]:
        """A line on the ground that the run cannot stay beyond; empty if there is none."""
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
            does = "shrinks by" if self.rate < 1 else "grows by"
            told = f"in the long run the error {does} ρ = {self.rate:.3g} per step"
            self.sentence = f"Theory: {told}. {limit}"

    def curve(self, path: Path, steps: int) -> tuple[np.ndarray, np.ndarray]:
        t = np.arange(steps + 1)
        with np.errstate(over="ignore", under="ignore"):
            growth = np.minimum(self.rate ** (2.0 * t), 1e250)
        return t, np.clip(path.gap[0] * growth, FLOOR / 10, 1e250)

    def warning(self, path: Path) -> str:
        above = f"η = {self.lr:.4g} is above {self.formula} = {self.limit:.4g}"
        if path.diverged:
            return f"diverged at step {path.diverged}:\n{above}"
        return f"diverges in the long run:\n{above}" if self.lr > self.limit else ""


class BoxForecast(Forecast):
    """The box |xᵢ| ≤ 1/λ in which AdamW comes to rest, with exact gradients (lesson 11)."""

    def __init__(self, weight_decay: float):
        self.half = 1 / weight_decay
        self.border_name = f"|x|, |y| ≤ 1/λ = {self.half:.3g}"
        self.sentence = f"The box: no weight can rest beyond 1/λ = {self.half:.3g}."

    def border(self) -> tuple[np.ndarray, np.ndarray]:
        x, y = np.array([[-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1]]) * self.half
        return x, y


def forecast_of(rule: Rule, path: Path) -> Forecast:
    """The forecast for a run: exact where the rule and the landscape allow it."""
    curvatures = path.landscape.curvatures
    is_ours = RULES.get(path.rule) is unwrapped(rule)  # and not another one of the same name
    exact = curvatures is not None and curvatures[0] > 0 and theory.is_known(rule) and is_ours
    defaults = {k: v for k, v in hyperparameters_of(rule).items() if isinstance(v, float)}
    settings = {**defaults, **path.hyperparameters}
    if is_ours and path.rule == "adamw" and path.landscape.is_exact and path.landscape.dim == 2:
        return BoxForecast(settings["weight_decay"]) if settings["weight_decay"] else Forecast()
    if not (exact and path.landscape.is_exact and "lr" in settings):
        return Forecast()
    return QuadraticForecast(path.rule, path.landscape, settings)
