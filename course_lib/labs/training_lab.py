"""``training_lab``: sliders, and a network trained anew at each move."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib.family import title_of
from course_lib.labs.controls import WIDE, Given, controls_for, says_html
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure, theme
from course_lib.training.digits import Digits
from course_lib.training.networks import Network
from course_lib.training.pictures import INK, WEIGHTS, caption, mosaic, unit_images
from course_lib.training.train import train
from course_lib.validation import Rule, rule_name
from course_lib.wording import settings_in_words

BATCHES = (4, 8, 16, 32, 64, 128, 256, 512)
LOSSES = (0.03, 10.0)
COLUMNS, ROWS, TEXT_GAP = 4, 6, 5  # of the mosaics


class TrainingLab(Panel):
    """Train a network with the sliders' settings: losses, first layer, digits taken for others.

    images: the budget: how many images a training looks at, whatever the size of its batches
    goal:   shares of the validation digits to recognise, for one, two, three stars
    fixed:  hyperparameters that get no slider, with their values

    ``run`` is the ``Training`` that its sliders give.
    """

    def __init__(
        self,
        rule: Rule,
        network: Network,
        data: Digits,
        images: int = 6400,
        batch: int = 32,
        seed: int = 0,
        goal: Sequence[float] = (),
        fixed: Mapping[str, float] | None = None,
        **hyperparameters: Given,
    ):
        self.rule, self.network, self.data, self.images = rule, network, data, images
        self.seed, self.goal, self.fixed = seed, tuple(goal), dict(fixed or {})
        if batch not in BATCHES:
            raise ValueError(f"batch must be one of {BATCHES}, got {batch!r}")
        sliders = controls_for(rule, hyperparameters, self.fixed)
        self.hyperparameters = tuple(sliders)
        size = widgets.SelectionSlider(
            options=[(str(b), b) for b in BATCHES], value=batch, description="batch", **WIDE
        )
        self.controls = {**sliders, "batch": size}
        for control in self.controls.values():
            control.continuous_update = False  # a training takes longer than a frame
            control.observe(self.control_moved, "value")
        self.readout = widgets.HTML()
        figure = self._draw()
        super().__init__([figure.image, *self.controls.values(), self.readout], figure)
        self.update()

    def _draw(self) -> LiveFigure:
        colour = look_of(rule_name(self.rule)).colour
        empty = np.empty((0, 64))
        with rc_context(STYLE):
            figure, (loss, units, wrong) = new_figure(columns=3, width_ratios=(1.6, 1, 1))
            loss.set(yscale="log", xlim=(0, self.images), ylim=LOSSES, ylabel="loss")
            loss.set_xlabel("images looked at")
            loss.grid(True)
            (self._loss,) = loss.plot([], [], color=colour, label="training")
            (self._validation,) = loss.plot(
                [], [], color=theme().signal, ls=(0, (2, 1.5)), label="validation"
            )
            loss.legend(loc="upper right")
            self._weights = units.imshow(mosaic(empty, COLUMNS, ROWS), **WEIGHTS)
            self._wrong = wrong.imshow(mosaic(empty, COLUMNS, ROWS, TEXT_GAP), **INK)
            self._captions = [
                caption(wrong, i, COLUMNS, TEXT_GAP, fontsize=8) for i in range(COLUMNS * ROWS)
            ]
            for ax in (units, wrong):
                ax.set_axis_off()
            loss.set_title(title_of(rule_name(self.rule)))
            self._settings = loss.set_title("M", loc="right", size=10, weight="normal")
            units.set_title("What the units look for")
            self._count = wrong.set_title("M", size=10)
        moving = [self._loss, self._validation, self._weights, self._wrong, *self._captions]
        return LiveFigure(figure, [*moving, self._count], stored=[self._settings])

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters as the sliders stand, and the fixed ones."""
        return {name: self.controls[name].value for name in self.hyperparameters} | self.fixed

    @property
    def accuracy(self) -> float:
        """The share of the validation digits that are recognised at the end."""
        return float(self.run.accuracy[-1, 0])

    @property
    def stars(self) -> int:
        return sum(self.accuracy >= share for share in self.goal)

    def update(self, change: object = None) -> None:
        """Train with the sliders' values and show the result."""
        batch = self.controls["batch"].value
        steps = self.images // batch
        self.run = train(
            self.rule, self.network, self.data, steps, batch, self.seed,
            every=max(1, steps // 20), **self.settings,
        )  # fmt: skip
        for line, losses in ((self._loss, self.run.loss), (self._validation, self.run.validation)):
            line.set_data(self.run.steps * batch, np.clip(losses[:, 0], *LOSSES))
        w, (images, labels) = self.run.w[0], self.data.validation
        guesses = self.network.forward(w, images)[-1].argmax(axis=-1)
        missed = np.flatnonzero(guesses != labels)
        self._weights.set_data(mosaic(unit_images(self.network, w), COLUMNS, ROWS))
        self._wrong.set_data(mosaic(images[missed], COLUMNS, ROWS, TEXT_GAP))
        for i, text in enumerate(self._captions):
            text.set_text(f"{labels[missed[i]]}→{guesses[missed[i]]}" if i < len(missed) else "")
        shown = f", {COLUMNS * ROWS} shown" if len(missed) > COLUMNS * ROWS else ""
        self._count.set_text(f"{len(missed)} of {len(labels)} misread{shown}")
        self._settings.set_text(settings_in_words(self.settings | {"batch": batch}))
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _sentences(self) -> list[str]:
        run, steps = self.run, self.run.steps[-1]
        settings = settings_in_words(self.settings | {"batch": self.controls["batch"].value})
        said = [
            f"{title_of(run.rule)}, {settings}: after {steps} steps the training loss is "
            f"{run.loss[-1, 0]:.2g}, and {self.accuracy:.0%} of the validation digits are "
            "recognised."
        ]
        if self.goal:
            marks = "★" * self.stars + "☆" * (len(self.goal) - self.stars)
            shares = ", ".join(f"{100 * share:g} %" for share in self.goal)
            said.append(f"Goal, to recognise {shares} of them: {marks}")
        return said

    @property
    def says(self) -> str:
        return " ".join(self._sentences())


training_lab = TrainingLab
