"""``turned``: does a rule care how the ground is turned? The same ravine, at any angle."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse
from matplotlib.patheffects import withStroke

from course_lib.descent import Path, descend
from course_lib.family import title_of
from course_lib.labs.controls import WIDE, control_for, entry_of, linear_slider, says_html
from course_lib.labs.slider import LogSlider
from course_lib.labs.start_point import start_point
from course_lib.landscapes import Landscape, ravine
from course_lib.pictures.ground import Trace
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure, shade, theme
from course_lib.validation import (
    Rule,
    check_hyperparameters,
    checked_start,
    hyperparameters_of,
    rule_name,
)
from course_lib.wording import in_words

REACH, BEYOND = 8.6, 3.0  # how far each ground goes: on the side of the start, and past the minimum
ALONG = "#C2002F"  # the unturned path, turned along
RINGS = np.linspace(1, 0.08, 12)  # the levels' radii across the ravine, in parts of REACH


def turned_along(points: np.ndarray, angle: float) -> np.ndarray:
    """Points (n, 2) turned by ``angle`` degrees, counter-clockwise, around the origin."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return points @ np.array([[cos, sin], [-sin, cos]])


class Turned(Panel):
    """Rules on a ravine that turns: each beside its own path of the unturned ravine, turned along.

    A rule that sees only the ground, and not its axes, makes the same path on the turned ravine,
    turned: the two coincide. A rule that treats each coordinate by itself does not.

    rules:     rules, or pairs (rule, its own hyperparameters); each gets a ground, and a slider
               for its learning rate if it has one
    condition: κ of the ravine x²/κ + y²; angle: in degrees, counter-clockwise, where it begins
    **hyperparameters: for every rule that has one of that name

    ``paths`` are the runs on the turned ravine.

    apart: for each rule the largest distance between its path and the unturned one turned along
    """

    def __init__(
        self,
        rules: Sequence[Rule | tuple[Rule, Mapping[str, float]]],
        condition: float = 20.0,
        angle: float = 30.0,
        steps: int = 60,
        **hyperparameters: float,
    ):
        self.entries = [entry_of(entry, hyperparameters) for entry in rules]
        if not self.entries:
            raise ValueError("turned needs at least one rule, e.g. turned([momentum, adagrad])")
        if not 0 <= angle <= 90:
            raise ValueError(f"angle must be in degrees, from 0 to 90, got {angle!r}")
        self.steps = steps
        self.start = checked_start(None, ravine(condition))  # complains about a condition below 1
        self.controls = {
            "angle": linear_slider("angle in degrees", angle, 0.0, 90.0),
            **self._learning_rates(),
            "condition": LogSlider(
                condition, min=0, max=max(3, np.log10(condition)), step=0.01,
                description="condition κ", **WIDE,
            ),
        }  # fmt: skip
        self.assemble()

    def _learning_rates(self) -> dict[str, widgets.Widget]:
        """A slider for each rule that has a learning rate: ``lr``, or ``lr 1``, ``lr 2``, …"""
        sliders = {}
        for i, (rule, settings) in enumerate(self.entries, 1):
            check_hyperparameters(rule, settings)
            known = hyperparameters_of(rule)
            if "lr" in known:
                slider = control_for("lr", settings.get("lr", known["lr"]))
                slider.description = f"η, {title_of(rule_name(rule))}"
                sliders["lr" if len(self.entries) == 1 else f"lr {i}"] = slider
        return sliders

    def _draw(self) -> LiveFigure:
        n = len(self.entries)
        with rc_context(STYLE):
            figure, axes = new_figure(columns=n, width=4.6 * max(n, 1.3), height=5.1)
            self._grounds = [
                _Ground(ax, rule_name(rule))
                for ax, (rule, _) in zip(np.atleast_1d(axes), self.entries, strict=True)
            ]
            told = "red dashes: the path of the unturned ravine, turned along with it"
            figure.supxlabel(told, color=shade(ALONG), fontsize=10)
        areas = [
            start_point(ax, self._ravines()[0], lambda: self._turned_start, self.begin_at)
            for ax in np.atleast_1d(axes)
        ]
        moving = [a for ground in self._grounds for a in ground.artists]
        return LiveFigure(figure, moving, areas=areas)

    def _ravines(self) -> tuple[Landscape, Landscape]:
        """The turned ravine and the unturned one."""
        angle, condition = self.controls["angle"].value, self.controls["condition"].value
        return ravine(condition, np.radians(angle)), ravine(condition)

    @property
    def _turned_start(self) -> np.ndarray:
        return turned_along(self.start, self.controls["angle"].value)

    def begin_at(self, start: Sequence[float]) -> None:
        """Begin at another point of the turned ravine, in its coordinates."""
        self.start = turned_along(np.asarray(start), -self.controls["angle"].value)
        self.update()

    def update(self, change: object = None) -> None:
        """Run each rule on the turned and on the unturned ravine, and compare the two paths."""
        angle, condition = self.controls["angle"].value, self.controls["condition"].value
        self.paths, self.apart = [], []
        for i, ((rule, settings), ground) in enumerate(
            zip(self.entries, self._grounds, strict=True), 1
        ):
            slider = self.controls.get("lr" if len(self.entries) == 1 else f"lr {i}")
            chosen = settings | ({"lr": slider.value} if slider else {})
            here, level = (
                descend(rule, on, start, self.steps, **chosen)
                for on, start in zip(self._ravines(), (self._turned_start, self.start), strict=True)
            )
            along = turned_along(level.points, angle)
            self.paths.append(here)
            self.apart.append(_distance(here.points, along))
            ground.show(here, replace(here, points=along), angle, condition, self.apart[-1])
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _sentences(self) -> list[str]:
        return [
            f"{title_of(path.rule)}: {_apart_in_words(apart)}"
            + (f"; diverged at step {path.diverged}." if path.diverged else
               f"; after {len(path)} steps f = {in_words(path.values[-1])}.")
            for path, apart in zip(self.paths, self.apart, strict=True)
        ]  # fmt: skip

    @property
    def says(self) -> str:
        angle, condition = self.controls["angle"].value, self.controls["condition"].value
        where = f"The ravine with κ = {condition:.3g}, turned by {angle:.3g} degrees."
        return " ".join([where, *self._sentences()])


turned = Turned


class _Ground:
    """One ground with its two paths: filled ellipses that turn, and the marks of the runs."""

    def __init__(self, ax: Axes, rule: str):
        ax.set(xlim=(-REACH, BEYOND), ylim=(-REACH, BEYOND), aspect="equal")
        ax.set(xlabel="x", ylabel="y")
        ax.set_facecolor(theme().ground(1.0))
        for side in ("top", "right"):
            ax.spines[side].set_visible(True)
        self._rings = [
            ax.add_patch(
                Ellipse((0, 0), 1, 1, fc=theme().ground(ring**2), ec=theme().contour, lw=0.6)
            )
            for ring in RINGS
        ]
        rim = [withStroke(linewidth=4.5, foreground=theme().paper)]
        self._minimum = Line2D(
            [0], [0], marker="x", color=theme().ink, ms=7, mew=2, path_effects=rim
        )
        ax.add_line(self._minimum)
        self._trace = Trace(look_of(rule), ax, nested=2)
        dashed = {"color": shade(ALONG), "lw": 1.3, "ls": (0, (4, 2))}
        (self._along,) = ax.plot([], [], zorder=6, **dashed)
        self._title = ax.set_title("M")
        self.artists = [*self._rings, *self._trace.artists, self._along, self._minimum, self._title]

    def show(self, here: Path, along: Path, angle: float, condition: float, apart: float) -> None:
        for ring, part in zip(self._rings, RINGS, strict=True):
            ring.width, ring.height = 2 * REACH * part * np.sqrt(condition), 2 * REACH * part
            ring.angle = angle
        self._trace.show(here)
        self._along.set_data(*np.clip(along.points, -50 * REACH, 50 * REACH).T)
        told = "the same path" if apart < 1e-9 else f"up to {in_words(apart)} apart"
        self._title.set_text(f"{title_of(here.rule)}: {told}")


def _distance(path: np.ndarray, other: np.ndarray) -> float:
    """The largest distance between points of the same step, as far as both runs go.

    Of runs that grow it is taken in parts of the way they have gone, where rounding grows, too.
    """
    n = min(len(path), len(other))
    scale = np.maximum(np.hypot(*path[:n].T) / np.hypot(*path[0]), 1)
    return float(np.max(np.hypot(*(path[:n] - other[:n]).T) / scale))


def _apart_in_words(apart: float) -> str:
    if apart < 1e-9:
        return "the same path as on the unturned ravine, turned along (to rounding)"
    return f"up to {in_words(apart)} from its unturned path, turned along"
