"""``factor_lab``: a path in a valley, and what each step leaves of its two distances."""

from collections.abc import Callable, Sequence

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from course_lib.labs.controls import WIDE, Given, has_exact_bowl
from course_lib.labs.explore import Explorer
from course_lib.labs.phase_map import DIRECTIONS
from course_lib.labs.slider import LogSlider
from course_lib.labs.start_point import start_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures.ground import Trace, draw_contours, draw_ground, minima_of
from course_lib.pictures.live import LiveFigure
from course_lib.pictures.style import STYLE, look_of, new_figure, shade, theme
from course_lib.validation import Rule, rule_name
from course_lib.wording import settings_in_words

REACH = 1.6  # how far to each side a parabola is drawn, in distances at the start
SHAPE = 1.25  # width : height of the ground


class FactorLab(Explorer):
    """A walker in a valley, and its two shadows: a ball on the parabola of each direction.

    On a quadratic each eigendirection goes its own way. Beside the ground stands the slice of the
    valley along each, with a ball in it; distances count from the minimum, and the first is 1. So
    the ball's first landing place is the factor that a step of gradient descent leaves of it.

    on:    a quadratic with a minimum and two coordinates; a family given bare (``ravine``) gets a
           slider for its condition κ
    goal, stars, steps, **hyperparameters: as in ``explore``

    ``factors``, (2,), are what the first step leaves of the distance along flat and steep; nan
    where the start has none. ``parts``, (steps + 1, 2), are the distances by step.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape | Callable[[float], Landscape],
        steps: int = 100,
        goal: float | None = None,
        stars: Sequence[int] = (100, 50, 25),
        **hyperparameters: Given,
    ):
        self._family = None if isinstance(on, Landscape) else on
        if not has_exact_bowl(landscape_of(on)):
            raise ValueError(
                "factor_lab needs a quadratic with a minimum and two coordinates, such as "
                f"ravine(); got {landscape_of(on).name}"
            )
        super().__init__(rule, on, steps=steps, goal=goal, stars=stars, **hyperparameters)

    def _more_controls(self) -> dict[str, widgets.Widget]:
        if self._family is None:
            return {}
        low, high = self.landscape.curvatures
        slider = LogSlider(high / low, min=0, max=3, step=0.01, description="narrowness κ", **WIDE)
        return {"condition": slider}

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure, (ground, beside) = new_figure(height=4.3, width_ratios=[1.35, 1])
            halves = beside.get_subplotspec().subgridspec(2, 1)
            beside.remove()
            draw_ground(ground, self.landscape, SHAPE)
            self._ground, self._shapes = ground, []
            self._traces = [Trace(look_of(rule_name(self.rule)), ground)]
            self._settings = ground.set_title("M", loc="right", size=10, weight="normal")
            ground.set_title("The valley from above")
            slices = [figure.add_subplot(half) for half in (halves[1], halves[0])]
            self._balls = [self._draw_slice(ax, i) for i, ax in enumerate(slices)]
            slices[0].set_xlabel("distance to the lowest point; where it starts: 1")
            self._draw_directions()
        moving = [*self._traces[0].artists, *(a for balls in self._balls for a in balls)]
        start = start_point(ground, self.landscape, lambda: self.start, self.begin_at)
        return LiveFigure(
            figure, [*moving, *minima_of(ground)], stored=[self._settings], areas=[start]
        )

    @property
    def _directions(self) -> np.ndarray:
        """(2, 2), the unit vectors along flat and steep as columns, to the right or upwards."""
        ways = np.linalg.eigh(self.landscape.hessian)[1]
        return ways * np.sign(ways[np.abs(ways).argmax(axis=0), [0, 1]])

    def _draw_slice(self, ax: Axes, i: int) -> list[Artist]:
        _, colour, marker = DIRECTIONS[i]
        ax.set(xlim=(-REACH, REACH), ylim=(-0.3, REACH**2), yticks=[], xticks=[-1, 0, 1])
        ax.spines["left"].set_visible(False)
        for at in (-1, 1):
            ax.axvline(at, color=theme().faint, lw=1, ls=":")
        if i == 1:
            ax.tick_params(labelbottom=False)
        look = {"color": shade(colour), "marker": marker, "mec": theme().paper, "mew": 0.5}
        (hops,) = ax.plot([], [], lw=1, ms=6, alpha=0.8, zorder=3, **look)
        (now,) = ax.plot([], [], ls="", ms=11, zorder=4, **look)
        title = ax.set_title("M", color=shade(colour))
        rim = {"fc": theme().paper, "ec": "none", "alpha": 0.85, "pad": 2}
        word = ax.text(0, REACH**2 * 0.8, "", ha="center", va="center", bbox=rim, zorder=5)
        return [hops, now, title, word]

    def _draw_directions(self) -> None:
        """The lines through the minimum along both directions, and the slices along them."""
        centre, far = np.array(self.landscape.minima[0]), 2 * np.ptp(self.landscape.window)
        limits = self._ground.get_xlim(), self._ground.get_ylim()
        u = np.linspace(-REACH, REACH, 101)
        curvatures = self.landscape.curvatures
        for (_, colour, _), way, curvature, balls in zip(
            DIRECTIONS, self._directions.T, curvatures, self._balls, strict=True
        ):
            ends = np.array([centre - far * way, centre + far * way])
            self._shapes += self._ground.plot(*ends.T, color=shade(colour), lw=1.4, zorder=1.5)
            height = curvature / curvatures[1] * u**2
            self._shapes += balls[0].axes.plot(u, height, color=theme().faint, lw=2, zorder=1)
        self._ground.set(xlim=limits[0], ylim=limits[1])

    def update(self, change: object = None) -> None:
        """Run the rule with the sliders' values, in a valley as narrow as κ says."""
        if self._family is not None:
            low, high = self.landscape.curvatures
            condition = self.controls["condition"].value
            if not np.isclose(condition, high / low, rtol=1e-9):
                self._dig(self._family(condition))
        super().update(change)

    def _dig(self, landscape: Landscape) -> None:
        """Another valley: all that stands still is drawn anew."""
        self.landscape = landscape
        for drawn in [*self._ground.collections, *self._shapes]:
            drawn.remove()
        self._shapes = []
        with rc_context(STYLE):
            draw_contours(self._ground, landscape, SHAPE)
            self._draw_directions()
        self._run()
        self.figure.refresh()

    def _show(self) -> None:
        shown = min(self.controls["steps"].value, len(self.path))
        self._traces[0].show(self.path, shown)
        self.parts = (self.path.points - self.landscape.minima[0]) @ self._directions
        begun = np.abs(self.parts[0])
        begun[begun < 1e-9 * begun.max()] = np.nan  # nothing to tell along this direction
        with np.errstate(over="ignore"):
            shares = self.parts / begun
        self.factors = shares[min(1, len(shares) - 1)] / np.sign(self.parts[0])
        curvatures = self.landscape.curvatures
        for i, (hops, now, title, word) in enumerate(self._balls):
            name = DIRECTIONS[i][0].capitalize()
            told = f"× {self.factors[i]:.2f} per step".replace("-", "−")
            title.set_text(f"{name} direction: {told if np.isfinite(begun[i]) else 'nothing left'}")
            word.set_text(behaviour(self.factors[i]))
            u = np.clip(shares[: shown + 1, i], -50, 50)
            height = curvatures[i] / curvatures[1] * u**2
            hops.set_data(u, height)
            inside = np.abs(u[-1]) <= REACH
            now.set_data(*([u[-1:], height[-1:]] if inside else [[], []]))
        condition = self.landscape.curvatures[1] / self.landscape.curvatures[0]
        self._settings.set_text(f"{settings_in_words(self.settings)}, κ = {condition:.3g}")
        self.figure.redraw()
        self._tell(self.path.summary, self._sentence(), self.verdict)

    def _sentence(self) -> str:
        told = [
            f"{factor:.3g} of the distance along the {name} direction"
            for (name, _, _), factor in zip(DIRECTIONS[::-1], self.factors[::-1], strict=True)
            if np.isfinite(factor)
        ]
        return f"The first step leaves {' and '.join(told)}." if told else ""


def behaviour(factor: float) -> str:
    """How a distance goes on that each step multiplies by ``factor``, in two or three words."""
    if not np.isfinite(factor):
        return ""
    if abs(factor) < 1e-9:
        return "lands at once"
    if abs(abs(factor) - 1) < 1e-9:
        return "hops for ever" if factor < 0 else "stays where it is"
    if abs(factor) > 1:
        return "flies away"
    return "creeps, from one side" if factor > 0 else "hops across, and arrives"


factor_lab = FactorLab
