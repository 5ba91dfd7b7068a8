"""``translator``: a line of one library said in another, and the paths of both."""

from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib.descent import Path
from course_lib.family import Look
from course_lib.field_guide.dialects import DIALECTS, EPS, Dialect, translate, understood
from course_lib.labs.controls import WIDE, says_html
from course_lib.landscapes import Landscape, beale, landscape_of
from course_lib.measure.invariance import deviation
from course_lib.pictures.ground import Trace, draw_ground, draw_loss_axes
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, new_figure

SOURCE, SAID, COPIED = Look("#000000", "o"), Look("#0072B2", "D", "--"), Look("#D55E00", "X", ":")
LIBRARIES = tuple(dict.fromkeys(d.library for d in DIALECTS))


class Translator(Panel):
    """A live panel: write a line of one library, and read it in another (see ``translate``).

    Beside the path of the line and of its translation it draws a third: that of a copy in which
    the numbers are taken over under the names of the other library, and the rest is left to its
    defaults.

    ``translation`` and ``copied`` are what it shows now.
    """

    def __init__(
        self,
        code: str,
        to: str,
        on: Landscape = beale,
        start: tuple[float, ...] | None = None,
        steps: int = 100,
    ):
        self.landscape, self.start, self.steps = landscape_of(on), start, steps
        self.translation, self.copied = translate(code, to), None
        self.controls = {
            "code": widgets.Text(
                code,
                description="this line",
                continuous_update=False,
                layout={"width": "760px", "max_width": "100%"},
                style={"description_width": "120px"},
            ),
            "to": widgets.Dropdown(options=LIBRARIES, value=to, description="in", **WIDE),
        }
        for control in self.controls.values():
            control.observe(self.control_moved, "value")
        self.readout = widgets.HTML()
        figure = self._draw()
        super().__init__([*self.controls.values(), figure.image, self.readout], figure)
        self.update()

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure, (ground, loss) = new_figure()
            draw_ground(ground, self.landscape)
            draw_loss_axes(loss, self.landscape, self.steps, floor=1e-6)
            labels = {"copied numbers": COPIED, "your line": SOURCE, "translated": SAID}
            self._traces = [
                Trace(look, ground, loss, label, thin=True, nested=label == "your line")
                for label, look in labels.items()
            ]
            loss.legend(loc="best")
            ground.set_title("One line, two libraries")
        moving = [artist for trace in self._traces for artist in trace.artists]
        return LiveFigure(figure, sorted(moving, key=lambda artist: artist.get_zorder()))

    def update(self, change: object = None) -> None:
        """Translate the line and draw the three paths; of a line not understood it draws none."""
        try:
            self.translation = translate(self.controls["code"].value, self.controls["to"].value)
            self.copied = copied(self.controls["code"].value, self.translation.target)
        except (ValueError, TypeError) as error:
            self._said = [f"Not understood: {error}."]
            for trace in self._traces:
                trace.clear()
            self.figure.redraw()
        else:
            self._show()
        self.readout.value = says_html(*map(escape, self._said))

    def _show(self) -> None:
        path, said = self.translation.paths(self.landscape, self.start, self.steps)
        target = self.translation.target
        copy = target.path(self.copied, self.landscape, self.start, self.steps)
        for trace, run in zip(self._traces, (copy, path, said), strict=True):
            trace.show(run)
        self.figure.redraw()
        self._said = [
            *self.translation.code.split("\n"),
            *self.translation.differences,
            *self.translation.notes,
            f"In {self.steps} steps on {self.landscape.name} the translated line is "
            f"{_apart(path, said)}, the copied numbers are {_apart(path, copy)}.",
        ]

    @property
    def says(self) -> str:
        return f"{self.controls['code'].value} in {self.controls['to'].value}. " + ". ".join(
            said.removesuffix(".") for said in self._said
        )


translator = Translator


def copied(code: str, target: Dialect) -> dict[str, float]:
    """What the target does if only the numbers in the line are taken over, under its own names."""
    source, given = understood(code)
    read = source.read(given)
    own = next(k for k in (*EPS, "none") if k in target.names or k == "none")
    settings = {k: v for k, v in target.defaults.items() if v is not None} | dict(target.fixed)
    for name, argument in source.names.items():
        if argument.partition("[")[0] in given:
            value = given[argument] if name == "lr" else read[name]
            place = own if name in EPS else name
            if place in target.names:
                settings[place] = value
    if target.library == "averaging form":
        settings["lr"] *= 1 - settings["beta"]
    return {name: settings.get(name, read[name]) for name in (*target.names, *target.fixed)}


def _apart(path: Path, other: Path) -> str:
    share = deviation(path, other)
    if share < 1e-9:
        return "on the same path"
    if not np.isfinite(share):
        return "on another: one of the two diverges"
    return f"off by {share:.0%} of the way" if share >= 0.005 else "off by less than 1% of the way"
