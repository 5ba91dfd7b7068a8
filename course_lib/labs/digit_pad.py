"""``digit_pad``: draw on an image, and watch what a network takes it for."""

from collections.abc import Callable
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes

from course_lib.labs.controls import row, says_html, step_buttons, step_slider
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, new_figure, theme
from course_lib.pictures.touch import Area
from course_lib.training.digits import Images
from course_lib.training.networks import Network, log_softmax
from course_lib.training.pictures import INK

SIDE = 8  # pixels
CENTRES = np.arange(SIDE) + 0.5
PEN = 1.5  # from how far off, in pixels, a pixel has no ink


class DigitPad(Panel):
    """An image to draw on, and beside it the probability that a network gives each digit.

    w:    (d,), the parameters of the network
    part: images to begin from, by a slider; its 0 is empty paper

    ``ink`` is (8, 8), from 0 (paper) to 1; ``probabilities`` (10,).
    """

    def __init__(self, network: Network, w: np.ndarray, part: Images, image: int = 1):
        self.network, self.w, self.part = network, w, part
        slider = step_slider("image", image, 0, len(part.labels))
        self.controls: dict[str, widgets.Widget] = {"image": slider}
        slider.observe(self.control_moved, "value")
        self.readout = widgets.HTML()
        figure = self._draw()
        super().__init__([figure.image, row(slider, *step_buttons(slider)), self.readout], figure)
        self.update()

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure, (paper, bars) = new_figure(width=7.6, height=3.3, width_ratios=(1, 1.5))
            self._image = paper.imshow(np.zeros((SIDE, SIDE)), extent=(0, 8, 0, 8), **INK)
            paper.set(xticks=[], yticks=[])
            paper.set_title("Draw here")
            bars.set(xlim=(-0.6, 9.6), ylim=(0, 1), xticks=range(10), yticks=(0, 0.5, 1))
            bars.set(xlabel="digit", ylabel="probability")
            bars.grid(True, axis="y")
            self._bars = bars.vlines(range(10), 0, 1, lw=16, color=theme().faint)
            self._best = bars.vlines([0], 0, 1, lw=16, color=theme().signal)
            self._said = bars.set_title("M")
        moving = [self._image, self._bars, self._best, self._said]
        return LiveFigure(figure, moving, areas=[_Paper(paper, self.ink_at)])

    def update(self, change: object = None) -> None:
        """Begin anew, from the image of the slider."""
        k = self.controls["image"].value
        self.ink = np.zeros((SIDE, SIDE)) if k == 0 else self.part.images[k - 1].reshape(8, 8) * 1.0
        self._touched = False
        self._show()

    def ink_at(self, *places: tuple[float, float]) -> None:
        """Put the pen down at (x, y), in pixels from the left and from the top."""
        before = self.ink
        for x, y in places:
            away = np.hypot(CENTRES[np.newaxis, :] - x, CENTRES[:, np.newaxis] - y)
            self.ink = np.maximum(self.ink, np.clip(PEN - away, 0, 1))
        self._touched = self._touched or not np.array_equal(before, self.ink)
        self._show()

    @property
    def probabilities(self) -> np.ndarray:
        return np.exp(log_softmax(self.network.forward(self.w, self.ink.reshape(1, -1))[-1]))[0]

    def _show(self) -> None:
        p = self.probabilities
        best = int(p.argmax())
        self._image.set_data(self.ink)
        self._bars.set_segments([[(k, 0), (k, height)] for k, height in enumerate(p)])
        self._best.set_segments([[(best, 0), (best, p[best])]])
        self._said.set_text(f"The network says {best}")
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _sentences(self) -> list[str]:
        p, k = self.probabilities, self.controls["image"].value
        first, second = np.argsort(p)[::-1][:2]
        said = [f"The network says {first} ({p[first]:.0%}), then {second} ({p[second]:.0%})."]
        if k:
            label = self.part.labels[k - 1]
            right = "right" if first == label else "wrong"
            changed = ", and you have drawn on it" if self._touched else ""
            said.append(f"Somebody meant a {label}{changed}: {right}.")
        return said

    @property
    def says(self) -> str:
        return " ".join(self._sentences())


class _Paper(Area):
    """Where the pen goes: dragged, or moved by the arrow keys, a pixel at a time."""

    def __init__(self, axes: Axes, ink_at: Callable):
        super().__init__(axes, "paper: draw on it, or move the pen with the arrow keys")
        self.ink_at, self._at = ink_at, (4.0, 4.0)

    def begin(self, x: float, y: float) -> None:
        self._at = (SIDE * x, SIDE * (1 - y))
        self.ink_at(self._at)

    def drag(self, x: float, y: float) -> None:
        """A line from where the pen was: between two messages it may have gone far."""
        self._line_to(SIDE * x, SIDE * (1 - y))

    def press(self, right: float, up: float) -> None:
        x, y = self._at
        self._line_to(*np.clip((x + right, y - up), 0.5, SIDE - 0.5))

    def _line_to(self, x: float, y: float) -> None:
        count = 1 + int(2 * np.hypot(x - self._at[0], y - self._at[1]))
        self.ink_at(*np.linspace(self._at, (x, y), count + 1)[1:])
        self._at = (float(x), float(y))


digit_pad = DigitPad
