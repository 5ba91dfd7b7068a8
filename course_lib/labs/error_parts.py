"""``error_parts``: the error of a run as two parts, one along each direction of a valley."""

from collections.abc import Sequence
from html import escape

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course_lib.descent import descend
from course_lib.family import title_of
from course_lib.labs.controls import (
    Given,
    controls_for,
    entry_of,
    has_exact_bowl,
    says_html,
    step_slider,
)
from course_lib.labs.phase_map import DIRECTIONS
from course_lib.labs.start_point import start_point, step_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures import style
from course_lib.pictures.ground import Trace, draw_ground, minima_of
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, shade, theme
from course_lib.validation import Rule, checked_start, checked_steps, rule_name
from course_lib.wording import counted, in_words, settings_in_words

ROOM = (1.3, 1.8)  # how far the axes of flat and steep reach, in errors at the start


class ErrorParts(Panel):
    """The path of a rule in a valley, and its two shadows: the error along flat and along steep.

    On a quadratic each eigendirection goes its own way. The walker's shadow on each of them is
    drawn over the steps, with its sign, so that its rhythm is seen: creeping, swinging, jumping.

    rule:   any rule; on: a quadratic with a minimum and two coordinates
    at:     the step at which the walker and its shadows are shown first
    beside: a rule drawn thinly with it, from the same start; hyperparameters of the same name
            follow the sliders
    **hyperparameters: where a slider starts, or (start, low, high) for a linear one

    ``path`` is the run and ``parts``, (steps + 1, 2), its error along flat and steep.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape,
        steps: int = 40,
        at: int = 3,
        beside: Rule | None = None,
        **hyperparameters: Given,
    ):
        self.rule, self.landscape, self.steps = rule, landscape_of(on), checked_steps(steps)
        if not has_exact_bowl(self.landscape):
            raise ValueError(
                "error_parts needs a quadratic with a minimum and two coordinates, such as "
                f"ravine(); got {self.landscape.name}"
            )
        self.beside = beside
        self.start = checked_start(None, self.landscape)
        directions = np.linalg.eigh(self.landscape.hessian)[1]
        largest = np.abs(directions).argmax(axis=0)
        self.directions = directions * np.sign(directions[largest, [0, 1]])  # columns
        sliders = controls_for(rule, hyperparameters)
        self.hyperparameters = tuple(sliders)
        self.controls = {**sliders, "step": step_slider("step", min(at, steps), 0, steps)}
        self.assemble()

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure = Figure(figsize=(9.2, 4.1), dpi=style.DPI, layout="constrained")
            grid = figure.add_gridspec(2, 2, width_ratios=(1.12, 1))
            ground = figure.add_subplot(grid[:, 0])
            draw_ground(ground, self.landscape, shape=1.25)
            parts = [figure.add_subplot(grid[i, 1]) for i in range(2)]
            self._draw_shadows(ground)
            self._trace = Trace(look_of(rule_name(self.rule)), ground)
            self._parts = [self._draw_part(ax, i) for i, ax in enumerate(parts)]
            self._axes, self._reach = parts, dict.fromkeys(parts, 0.0)
            self._make_room()
            ground.set_title(title_of(rule_name(self.rule)))
            self._settings = ground.set_title("M", loc="right", size=10, weight="normal")
        moving = [
            *self._drops,
            *self._trace.artists,
            *self._shadows,
            self._walker,
            *minima_of(ground),
        ]
        moving += [artist for drawn in self._parts for artist in drawn]
        areas = [start_point(ground, self.landscape, lambda: self.start, self.begin_at)]
        areas += [
            step_point(ax, lambda: self.controls["step"].value, self._go_to, self.steps)
            for ax in parts
        ]
        return LiveFigure(figure, moving, stored=[self._settings], areas=areas)

    def _draw_shadows(self, ground: Axes) -> None:
        """The two directions as lines through the minimum, and the walker's shadow on each."""
        centre, far = np.array(self.landscape.minima[0]), 2 * np.ptp(self.landscape.window)
        limits = ground.get_xlim(), ground.get_ylim()
        self._shadows, self._drops = [], []
        look = look_of(rule_name(self.rule))
        self._walker = ground.plot(
            [], [], look.marker, ms=11, color=look.colour, mec=theme().ink, mew=1.3, zorder=5
        )[0]
        for (_, colour, marker), way in zip(DIRECTIONS, self.directions.T, strict=True):
            ends = np.array([centre - far * way, centre + far * way])
            ground.plot(*ends.T, color=shade(colour), lw=1, alpha=0.6, zorder=1.5)
            look = {"ms": 10, "color": shade(colour), "mec": theme().ink, "zorder": 5}
            self._shadows += ground.plot([], [], marker, **look)
            self._drops += ground.plot([], [], color=shade(colour), lw=2, ls=":", zorder=2.5)
        ground.set(xlim=limits[0], ylim=limits[1])

    def _draw_part(self, ax: Axes, i: int) -> list:
        name, colour, marker = DIRECTIONS[i]
        ax.set(xlim=(0, max(self.steps, 1)), ylabel="error")
        ax.axhline(0, color=theme().ink, lw=1)
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 4, 5, 10]))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.grid(True)
        ax.set_title(f"{name.title()} direction, curvature {self.landscape.curvatures[i]:.3g}")
        if i == 1:
            ax.set_xlabel("step t")
        look = {"color": shade(colour), "marker": marker, "mec": theme().paper}
        (other,) = ax.plot([], [], color=theme().faint, lw=1.2)
        (line,) = ax.plot([], [], lw=1.4, ms=5, mew=0.4, **look)
        (now,) = ax.plot([], [], **look | {"ls": "", "ms": 10, "mec": theme().ink, "zorder": 4})
        if self.beside is not None:
            other.set_label(f"{title_of(rule_name(self.beside)).lower()}, the same η")
            if i == 0:
                ax.legend(loc="upper right", fontsize=8)
        lost = ax.text(
            0.5, 0.06, "diverges", transform=ax.transAxes, ha="center", style="italic",
            bbox={"fc": theme().paper, "ec": "none", "pad": 1.5},
        )  # fmt: skip
        return [other, line, now, lost]

    def begin_at(self, start: Sequence[float]) -> None:
        """Begin the run at another point."""
        self.start = checked_start(start, self.landscape)
        if self._make_room():
            self.figure.refresh()
        self.update()

    def _make_room(self) -> bool:
        """Let each part's axis reach as far as where the run begins; say whether one has grown."""
        grown = False
        begun = np.abs(self._parts_of(self.start))
        for ax, error, room in zip(self._axes, begun, ROOM, strict=True):
            if not 1.05 * error < self._reach[ax]:
                self._reach[ax] = room * float(error)
                ax.set_ylim(-self._reach[ax], self._reach[ax])
                grown = True
        return grown

    def _go_to(self, step: int) -> None:
        self.controls["step"].value = step

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters as the sliders stand."""
        return {name: self.controls[name].value for name in self.hyperparameters}

    def _parts_of(self, points: np.ndarray) -> np.ndarray:
        """Points (…, 2) as their errors along flat and steep."""
        return (points - self.landscape.minima[0]) @ self.directions

    def update(self, change: object = None) -> None:
        """Run the rule with the sliders' values; show its path and the two parts of its error."""
        self.path = descend(self.rule, self.landscape, self.start, self.steps, **self.settings)
        self.parts = self._parts_of(self.path.points)
        others = np.full((1, 2), np.nan)
        if self.beside is not None:
            rule, settings = entry_of(self.beside, self.settings)
            other = descend(rule, self.landscape, self.start, self.steps, **settings)
            others = self._parts_of(other.points)
        at = min(self.controls["step"].value, len(self.path))
        self._trace.show(self.path)
        for i, (beside, line, now, lost) in enumerate(self._parts):
            low, high = line.axes.get_ylim()
            shown = until_lost(self.parts[:, i], high)
            beside.set_data(*numbered(until_lost(others[:, i], high)))
            line.set_data(*numbered(shown))
            lost.set_visible(len(shown) < len(self.parts))
            inside = at < len(shown) and low <= shown[at] <= high
            now.set_data(*([[at], shown[[at]]] if inside else [[], []]))
        self._show_shadows(at)
        self._settings.set_text(settings_in_words(self.settings))
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _show_shadows(self, at: int) -> None:
        far = 50 * np.array(self.landscape.window).T
        here, centre = self.path.points[at], np.array(self.landscape.minima[0])
        for i, (shadow, drop) in enumerate(zip(self._shadows, self._drops, strict=True)):
            foot = centre + self.parts[at, i] * self.directions[:, i]
            between = np.clip([here, foot], *far)
            shadow.set_data(*between[1:].T)
            drop.set_data(*between.T)
        self._walker.set_data(*np.clip([here], *far).T)

    def _sentences(self) -> list[str]:
        told = [
            f"along the {name} direction the error goes from {in_words(part[0])} to "
            f"{in_words(part[-1])} and changes sign {counted(changes_of_sign(part), 'time')}"
            for (name, _, _), part in zip(DIRECTIONS, self.parts.T, strict=True)
        ]
        end = f"diverged at step {self.path.diverged}" if self.path.diverged else ""
        first = f"In {counted(len(self.path), 'step')} {'; '.join(told)}."
        return [first, *([f"The run {end}."] if end else [])]

    @property
    def says(self) -> str:
        who = title_of(rule_name(self.rule))
        where = f"{who} on {self.landscape.name}, {settings_in_words(self.settings)}."
        return " ".join([where, *self._sentences()])


error_parts = ErrorParts


def until_lost(error: np.ndarray, reach: float) -> np.ndarray:
    """The error up to where it is so far out that it is not seen to come back."""
    out = np.flatnonzero(np.abs(error) > 3 * reach)
    return error[: out[0] + 1] if len(out) else error


def numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The steps of these values, and the values."""
    return np.arange(len(values)), values


def changes_of_sign(error: np.ndarray) -> int:
    """How often an error passes from one side of the minimum to the other, rounding left out."""
    felt = error[np.abs(error) > 1e-12 * np.abs(error).max()]
    return int(np.count_nonzero(felt[1:] * felt[:-1] < 0))
