"""``units``: one run in two systems of units, drawn over each other."""

from collections.abc import Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib.descent import descend
from course_lib.family import title_of
from course_lib.labs.controls import LABELS, WIDE, control_for, says_html
from course_lib.labs.slider import LogSlider, Slider
from course_lib.labs.start_point import MOVED, start_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.measure.invariance import ROUNDING, Change, deviation
from course_lib.pictures.ground import (
    FLOOR,
    Trace,
    draw_ground,
    draw_loss_axes,
    floor_for,
    highest,
)
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, capitalised, look_of, new_figure, theme
from course_lib.validation import (
    Rule,
    check_hyperparameters,
    checked_start,
    hyperparameters_of,
    rule_name,
)
from course_lib.wording import settings_in_words

NAMES = {"x": "numbers of x ×", "f": "numbers of f ×", "shift": "shift of x", "angle": "turn"}


class Units(Panel):
    """A run in new units, drawn in the old ones over the run that was made in the old ones.

    x, f, shift, angle: the change of units at which the sliders begin (see ``Change``)
    goal: a share of the way; to be met by settings with which the two runs differ by less
    **hyperparameters: those of the run in the old units, where the sliders for the run in the new
          units begin, too; a hyperparameter not given keeps the rule's default and gets no slider

    ``original`` and ``path`` are the runs, both in the old units.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape,
        start: tuple[float, ...] | None = None,
        steps: int = 100,
        x: float = 1.0,
        f: float = 1.0,
        shift: float = 0.0,
        angle: float = 0.0,
        goal: float | None = None,
        **hyperparameters: float,
    ):
        change = Change(x, f, shift, angle)
        self.rule, self.landscape, self.steps, self.goal = rule, landscape_of(on), steps, goal
        check_hyperparameters(rule, hyperparameters)
        self.given = dict(hyperparameters)
        self.start = self.given_start = checked_start(start, self.landscape)
        self.original = descend(rule, self.landscape, start, steps, **hyperparameters)
        self.hyperparameters = tuple(k for k in hyperparameters_of(rule) if k in hyperparameters)
        self.controls = {
            "x": factor_slider(NAMES["x"], change.x, 2),
            "f": factor_slider(NAMES["f"], change.f, 2),
            "shift": Slider(
                change.shift, min=-10, max=10, step=0.5, description=NAMES["shift"], **WIDE
            ),
        }
        if self.landscape.dim == 2:
            self.controls["angle"] = Slider(
                change.angle, min=-1.6, max=1.6, step=0.05, description=NAMES["angle"], **WIDE
            )
        self.controls |= {k: _setting_slider(k, hyperparameters[k]) for k in self.hyperparameters}
        self.assemble()

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure, (ground, loss) = new_figure()
            draw_ground(ground, self.landscape)
            floor, top = floor_for([self.original]), highest([self.original])
            draw_loss_axes(loss, self.landscape, self.steps, floor, top)
            band = {"color": theme().ink, "alpha": 0.28, "lw": 7, "solid_capstyle": "round"}
            (self._old,) = ground.plot([], [], **band)
            (self._old_loss,) = loss.plot([], [], label="in the old units", **band)
            self._show_original()
            self._trace = Trace(look_of(rule_name(self.rule)), ground, loss, "in the new units")
            loss.legend(loc="upper right")
            self._title = ground.set_title("M")
            self._apart = loss.set_title("M")
        moving = [self._old, self._old_loss, *self._trace.artists, self._title, self._apart]
        start = start_point(ground, self.landscape, lambda: self.start, self.begin_at)
        return LiveFigure(figure, moving, areas=[start])

    def _show_original(self) -> None:
        run, gap = self.original, self.original.gap
        y = run.points[:, 1] if self.landscape.dim == 2 else run.values
        self._old.set_data(run.points[:, 0], y)
        if self.landscape.lowest is not None:
            gap = np.clip(gap, FLOOR, 1e250)
        self._old_loss.set_data(np.arange(len(gap)), gap)

    def begin_at(self, start: Sequence[float]) -> None:
        """Begin both runs at another point, given in the old units."""
        self.start = checked_start(start, self.landscape)
        self.original = descend(self.rule, self.landscape, self.start, self.steps, **self.given)
        self._show_original()
        self.update()

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters of the run in the new units, as the sliders stand."""
        return {name: self.controls[name].value for name in self.hyperparameters}

    @property
    def change(self) -> Change:
        """The change of units, as the sliders stand."""
        return Change(**{k: self.controls[k].value for k in NAMES if k in self.controls})

    @property
    def apart(self) -> float:
        """How far the two runs are apart at most, as a share of the way of the first."""
        return deviation(self.original, self.path)

    def update(self, change: object = None) -> None:
        """Run in the new units of the sliders, and show the run in the old ones."""
        self.path = self.change.descend(
            self.rule, self.landscape, self.start, self.steps, **self.settings
        )
        self._trace.show(self.path)
        who, (x, f) = title_of(self.path.rule), (self.change.x, self.change.f)
        self._title.set_text(f"{who}, numbers of x × {x:.3g}, of f × {f:.3g}")
        self._apart.set_text(capitalised(_how_far(self.apart)))
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _sentences(self) -> list[str]:
        new, c = settings_in_words(self.settings), self.change
        shift = f" {'−' if c.shift < 0 else '+'} {abs(c.shift):g}" if c.shift else ""
        units = f"x × {c.x:.3g}{shift}, f × {c.f:.3g}"
        units += f", axes turned by {c.angle:g}" if c.angle else ""
        sentences = [
            f"{title_of(self.path.rule)} on {self.landscape.name}: in the new units ({units})"
            f"{f', with {new},' if new else ''} the two runs {_how_far(self.apart)}."
        ]
        if self.path.diverged:
            sentences.append(f"In the new units it diverges at step {self.path.diverged}.")
        if self.goal is not None:
            met = "★ done." if self.apart < self.goal else "☆ not yet."
            if not np.array_equal(self.start, self.given_start):
                met = MOVED
            sentences.append(f"Goal, to differ by less than {self.goal:.3g} of the way: {met}")
        return sentences

    @property
    def says(self) -> str:
        return " ".join(self._sentences())


units = Units


def _how_far(apart: float) -> str:
    if apart <= ROUNDING:
        return "coincide"
    if apart >= 10:
        return "have nothing in common"
    if apart >= 0.1:
        return f"differ by {100 * apart:.0f} % of the way"
    return f"differ by {100 * apart:.2g} % of the way"


def factor_slider(label: str, start: float, decades: int) -> LogSlider:
    """A slider for a factor, this many decades up and down."""
    return LogSlider(start, min=-decades, max=decades, step=0.05, description=label, **WIDE)


def _setting_slider(name: str, start: float) -> widgets.Widget:
    """A slider for a hyperparameter: those with units span four decades up and down."""
    if name.startswith("beta") or start <= 0:
        return control_for(name, start)
    exponent = np.log10(start)
    return LogSlider(
        start, min=exponent - 4, max=exponent + 4, step=0.05,
        description=LABELS.get(name, name), **WIDE,
    )  # fmt: skip
