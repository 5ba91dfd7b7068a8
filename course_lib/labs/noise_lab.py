"""``noise_lab``: how far from the minimum a noisy run keeps wandering, predicted and measured."""

from collections.abc import Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.patches import Ellipse

from course_lib import theory
from course_lib.descent import descend
from course_lib.family import title_of
from course_lib.labs.controls import WIDE, Given, controls_for, has_exact_bowl, says_html
from course_lib.labs.start_point import start_point
from course_lib.landscapes import Landscape, landscape_of, with_noise
from course_lib.pictures.ground import FLOOR, draw_ground, draw_loss_axes, minima_of
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure, theme
from course_lib.validation import Rule, checked_start, rule_name
from course_lib.wording import in_words, settings_in_words

BATCHES = tuple(2**k for k in range(9))


class NoiseLab(Panel):
    """A run on noisy gradients: the cloud in which it ends, over the one that theory predicts.

    The first half of the run is a thin line, the second half dots: the cloud. The ellipse reaches
    two standard deviations to each side, so that about 86 % of a long run's dots are inside.

    rule:  gradient_descent, momentum or nesterov; on: a quadratic with a minimum, two coordinates
    noise: standard deviation of a single sample's gradient, per coordinate; the mean over a batch
           of B samples has noise / √B

    ``predicted`` and ``measured`` are E[f] in the long run; ``inside`` is the share of the dots
    that the ellipse holds.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape,
        noise: float = 2.0,
        batch: int = 1,
        steps: int = 600,
        **hyperparameters: Given,
    ):
        self.rule, self.noise, self.steps = rule, noise, steps
        self.landscape = landscape_of(on)
        self.start = checked_start(None, self.landscape)
        if not has_exact_bowl(self.landscape):
            raise ValueError(
                "noise_lab needs a quadratic with a minimum and two coordinates, such as ravine(); "
                f"got {self.landscape.name}"
            )
        if not theory.is_known(rule):
            raise ValueError(
                f"noise_lab knows gradient_descent, momentum and nesterov, not {rule_name(rule)}"
            )
        if batch not in BATCHES:
            raise ValueError(f"batch must be one of {BATCHES}, got {batch!r}")
        sliders = controls_for(rule, hyperparameters)
        self.hyperparameters = tuple(sliders)
        sizes = widgets.SelectionSlider(
            options=BATCHES, value=batch, description="batch size", **WIDE
        )
        self.controls = {**sliders, "batch": sizes}
        self.assemble()

    def _draw(self) -> LiveFigure:
        vectors = self._axes = np.linalg.eigh(self.landscape.hessian)[1]
        tilt = np.degrees(np.arctan2(vectors[1, 0], vectors[0, 0]))
        with rc_context(STYLE):
            figure, (ground, loss) = new_figure()
            draw_ground(ground, self.landscape)
            draw_loss_axes(loss, self.landscape, self.steps)
            loss.set_ylim(1e-6, 1e2)
            colour = look_of(rule_name(self.rule)).colour
            (self._way,) = ground.plot([], [], color=colour, lw=0.6, alpha=0.45)
            (self._dots,) = ground.plot([], [], ".", color=colour, ms=4, alpha=0.6)
            (self._curve,) = loss.plot([], [], color=colour, lw=0.8)
            self._far = 10 * np.array(self.landscape.window)
            centre = self.landscape.minima[0]
            self._cloud = Ellipse(
                centre, 0, 0, angle=tilt, fc="none", ec=theme().signal, lw=2.5, zorder=5
            )
            ground.add_patch(self._cloud)
            (self._floor,) = loss.plot([], [], color=theme().signal, lw=2, ls=(0, (4, 3)))
            ground.set_title(title_of(rule_name(self.rule)))
            self._settings = ground.set_title("M", loc="right", size=10, weight="normal")
            self._loss_title = loss.set_title("M")
        moving = [self._way, self._dots, self._curve, self._cloud, self._floor, self._loss_title]
        moving += minima_of(ground)
        start = start_point(ground, self.landscape, lambda: self.start, self.begin_at)
        return LiveFigure(figure, moving, stored=[self._settings], areas=[start])

    def begin_at(self, start: Sequence[float]) -> None:
        """Begin the run at another point."""
        self.start = checked_start(start, self.landscape)
        self.update()

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters as the sliders stand."""
        return {name: self.controls[name].value for name in self.hyperparameters}

    def update(self, change: object = None) -> None:
        """Run with the sliders' values; compare the second half of the run with the prediction."""
        batch = self.controls["batch"].value
        noisy = with_noise(self.landscape, self.noise / np.sqrt(batch), seed=1)
        self.path = descend(self.rule, noisy, self.start, self.steps, **self.settings)
        lr, beta = self.settings["lr"], self.settings.get("beta", 0.0)
        variances = np.array([
            theory.stationary_variance(self.rule, curvature, lr, beta, noisy.noise)
            for curvature in self.landscape.curvatures
        ])  # fmt: skip
        self.predicted = float(0.5 * self.landscape.curvatures @ variances)
        half = len(self.path.points) // 2
        self.measured = float(np.mean(self.path.gap[half:]))
        late = (self.path.points[half:] - self.landscape.minima[0]) @ self._axes
        with np.errstate(all="ignore"):
            self.inside = float(np.mean((late**2 / variances).sum(axis=1) <= 4))
        self._show(variances)
        self._settings.set_text(f"{settings_in_words(self.settings)}, batch of {batch}")
        self._loss_title.set_text(f"noise floor: predicted {in_words(self.predicted)}")
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _show(self, variances: np.ndarray) -> None:
        points, half = np.clip(self.path.points, *self._far.T), len(self.path.points) // 2
        self._way.set_data(*points[: half + 1].T)
        self._dots.set_data(*points[half:].T)
        self._curve.set_data(np.arange(len(self.path.gap)), np.clip(self.path.gap, FLOOR, 1e250))
        settles = np.isfinite(self.predicted)
        self._cloud.set_visible(settles)
        self._floor.set_visible(settles)
        if settles:
            self._cloud.width, self._cloud.height = 4 * np.sqrt(
                variances
            )  # two deviations each way
            self._floor.set_data([0, self.steps], [self.predicted, self.predicted])

    def _sentences(self) -> list[str]:
        samples = self.steps * self.controls["batch"].value
        cost = f"{self.steps} steps used {samples} gradients of single samples."
        if not np.isfinite(self.predicted):
            return [f"Not stable at this learning rate: no noise floor. {cost}"]
        return [
            f"In the long run theory expects f = {in_words(self.predicted)}; the second half of "
            f"this run averages {in_words(self.measured)}, and the ellipse holds "
            f"{self.inside:.0%} of its dots. {cost}"
        ]

    @property
    def says(self) -> str:
        who = title_of(self.path.rule)
        return f"{who} on {self.landscape.name} with noise. {' '.join(self._sentences())}"


noise_lab = NoiseLab
