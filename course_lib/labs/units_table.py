"""``units_table``: what each rule's step becomes in other units, as a live table."""

from html import escape

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course_lib.descent import descend
from course_lib.family import title_of
from course_lib.labs.controls import says_html
from course_lib.labs.units import NAMES, factor_slider
from course_lib.landscapes import Landscape, landscape_of, ravine
from course_lib.measure.invariance import Change
from course_lib.pictures import style
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, theme
from course_lib.validation import Rule, rule_name

COLUMNS = {"rule": 0.0, "its step is in": 0.36, "so η must be in": 0.7}
SUPERSCRIPTS = {1.0: "", 2.0: "²", 3.0: "³", 4.0: "⁴"}


class UnitsTable(Panel):
    """A row for each rule: the units of its step, and how long it is for who has other numbers.

    x is in metres (m) and f in joules (J). Your colleague measures the same ground in other units
    and uses your hyperparameters: a dot shows the length of her first step, drawn on your map, in
    parts of yours. The units are measured, too: by which power of the numbers of x, and of f, the
    number that is the step grows.

    x, f: the factors at which the sliders begin, for the numbers of x and of f
    on:   a landscape; without one the ravine with κ = 20

    ``lengths`` are those of the dots, ``powers`` the measured (power of x, power of f), by rule.
    """

    def __init__(self, *rules: Rule, on: Landscape | None = None, x: float = 10.0, f: float = 1.0):
        if not rules:
            raise ValueError(
                "units_table needs a rule, e.g. units_table(gradient_descent, rmsprop)"
            )
        self.rules = {title_of(rule_name(rule)): rule for rule in rules}
        self.landscape = ravine() if on is None else landscape_of(on)
        self._yours = {name: self._first_step(rule) for name, rule in self.rules.items()}
        self.powers = {name: self._powers_of(name) for name in self.rules}
        self.controls = {
            name: factor_slider(NAMES[name], factor, 2) for name, factor in (("x", x), ("f", f))
        }
        self.assemble()

    def _first_step(self, rule: Rule, change: Change | None = None) -> float:
        """The length of the first step, on the old map."""
        run = descend if change is None else change.descend
        path = run(rule, self.landscape, steps=1)
        return float(np.linalg.norm(path.points[-1] - path.points[0]))

    def _length(self, name: str, change: Change) -> float:
        return self._first_step(self.rules[name], change) / self._yours[name]

    def _powers_of(self, name: str) -> tuple[float, float]:
        """By which powers of the numbers of x and f the number that is the step grows."""
        of_x = 1 + np.log10(self._length(name, Change(x=10.0)))  # her numbers, not your map's
        of_f = np.log10(self._length(name, Change(f=10.0)))
        return tuple(round(2 * float(power)) / 2 for power in (of_x, of_f))

    def _draw(self) -> LiveFigure:
        n = len(self.rules)
        with rc_context(STYLE):
            figure = Figure(figsize=(9.2, 0.95 + 0.42 * n), dpi=style.DPI, layout="constrained")
            table, ax = figure.subplots(1, 2, width_ratios=[1.15, 1], sharey=True)
            ax.set(xscale="log", xlim=(3e-7, 3e6), ylim=(n - 0.4, -1.0), yticks=[])
            ax.set_xticks([1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6])
            ax.set_xlabel("her first step, on your map (yours: 1)")
            ax.spines["left"].set_visible(False)
            ax.grid(True, axis="x")
            ax.axvline(1, color=theme().ink, lw=1.5)
            table.set_axis_off()
            table.set_xlim(0, 1)
            for head, place in COLUMNS.items():
                table.text(place, -0.75, head, va="center", color=theme().soft, fontsize=9.5)
            self._bars, self._dots = [], []
            for i, name in enumerate(self.rules):
                look = look_of(rule_name(self.rules[name]))
                of_x, of_f = self.powers[name]
                cells = (name, _units(of_x, of_f), _units(1 - of_x, -of_f))
                for text, place in zip(cells, COLUMNS.values(), strict=True):
                    table.text(place, i, text, va="center", fontsize=10.5)
                self._bars += ax.plot([], [], color=look.colour, lw=3, alpha=0.5)
                self._dots += ax.plot([], [], look.marker, color=look.colour, ms=11, zorder=4)
            self._title = ax.set_title("M")
        return LiveFigure(figure, [*self._bars, *self._dots, self._title])

    @property
    def lengths(self) -> dict[str, float]:
        """Her first step on your map, in parts of yours, by rule."""
        change = Change(**{name: control.value for name, control in self.controls.items()})
        return {name: self._length(name, change) for name in self.rules}

    def update(self, change: object = None) -> None:
        """Measure the first steps in the units of the sliders, and show them."""
        lengths = self.lengths
        for i, length in enumerate(lengths.values()):
            self._bars[i].set_data([1, length], [i, i])
            self._dots[i].set_data([length], [i])
        x, f = (control.value for control in self.controls.values())
        self._said = f"Numbers of x × {x:.3g}, of f × {f:.3g}"
        self._title.set_text(self._said)
        told = ", ".join(f"{name} {length:.3g}" for name, length in lengths.items())
        self._said += f": her first step, in parts of yours: {told}."
        self.figure.redraw()
        self.readout.value = says_html(escape(self._said))

    @property
    def says(self) -> str:
        units = ", ".join(f"{name} in {_units(*powers)}" for name, powers in self.powers.items())
        return f"Steps and their units: {units}. {self._said}"


units_table = UnitsTable


def _units(of_x: float, of_f: float) -> str:
    """``m²/J`` of the powers (2, −1); ``no units`` of (0, 0)."""
    above, below = [], []
    for name, power in (("J", of_f), ("m", of_x)):
        if power:
            raised = name + SUPERSCRIPTS.get(abs(power), f"^{abs(power):g}")
            (above if power > 0 else below).append(raised)
    if not above and not below:
        return "no units"
    return "·".join(above or ["1"]) + (f"/{'·'.join(below)}" if below else "")
