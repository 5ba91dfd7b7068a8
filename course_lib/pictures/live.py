"""The live figure: a matplotlib figure redrawn fast enough to follow a slider.

Still artists (contours, axes, labels) are drawn once and kept as a background. A move of a slider
restores the background, draws the moving artists over it and sends the picture to an
``ipywidgets.Image``: no front-end extension, the same in JupyterLab, Notebook, Binder, Colab, VS
Code and Pyodide. The widget protocol itself coalesces: while one picture is being drawn the
browser holds moves back, and then sends only the newest value.
"""

from base64 import b64encode
from collections.abc import Iterable

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from traitlets import Unicode

from course_lib.pictures.picture import PNG, encoded, png_metadata

JPEG = {"format": "JPEG", "quality": 88}


class NamedImage(widgets.Image):
    """An image with a name for screen readers, which ``widgets.Image`` alone cannot have.

    The name is the tooltip. A tooltip needs a description beside it, or the view fails to appear;
    that of an image is empty. What the picture shows stands in the read-out below it.
    """

    description = Unicode("").tag(sync=True)

    def __init__(self, **kwargs: object):
        super().__init__(tooltip="Live picture; the text below it says what it shows", **kwargs)


class LiveFigure:
    """Keeps one figure and the image widget that shows it.

    figure: made without pyplot, with its still artists in place
    moving: the artists that change; each must be of ``figure``
    stored: artists in stored pictures only: what the sliders beside a live picture say. Text is
            slow to draw
    """

    def __init__(self, figure: Figure, moving: Iterable[Artist], stored: Iterable[Artist] = ()):
        self.figure = figure
        self.canvas = FigureCanvasAgg(figure)
        self.moving, self.stored = tuple(moving), tuple(stored)
        for artist in (*self.moving, *self.stored):
            artist.set_animated(True)
        width = figure.get_figwidth() * 100
        self.image = NamedImage(
            format="jpeg", layout=widgets.Layout(width=f"{width:.0f}px", max_width="100%")
        )
        self.refresh()

    def refresh(self) -> None:
        """Draw everything anew: needed only after a still artist has changed."""
        self.canvas.draw()
        self._background = self.canvas.copy_from_bbox(self.figure.bbox)
        self.redraw()

    def redraw(self) -> None:
        """Draw the moving artists over the kept background and show the result."""
        self._compose(self.moving)
        self.image.value = encoded(self.canvas, **JPEG)

    def frame(self) -> Image.Image:
        """The picture as it stands, for an animation."""
        self._compose((*self.moving, *self.stored))
        return Image.fromarray(np.array(self.canvas.buffer_rgba())[..., :3])

    def png(self) -> bytes:
        """The picture as it stands, as a small PNG for stored notebooks."""
        self._compose((*self.moving, *self.stored))
        return encoded(self.canvas, **PNG)

    def _compose(self, artists: Iterable[Artist]) -> None:
        self.canvas.restore_region(self._background)
        for artist in artists:
            self.figure.draw_artist(artist)


class Panel(widgets.VBox):
    """A widget that leaves a picture and a sentence behind.

    Its output holds the live view for front ends that have widgets, a PNG for those that have
    not (GitHub, nbconvert, a notebook just cloned), and one sentence of text for screen readers
    and tests.
    """

    def __init__(self, children: Iterable[widgets.Widget], figure: LiveFigure | None = None):
        super().__init__(tuple(children))
        self.figure = figure

    @property
    def says(self) -> str:
        """The sentence that describes what the panel shows now."""
        raise NotImplementedError

    @property
    def html(self) -> str:
        """What to show in place of the live view, where text says it better than a picture."""
        return ""

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        data = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = self.says
        if self.html:
            data["text/html"] = self.html
        if self.figure is None:
            return data, {}
        data["image/png"] = b64encode(self.figure.png()).decode()
        return data, {"image/png": png_metadata(self.figure.figure, self.says)}
