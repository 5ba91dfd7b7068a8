"""The live picture: a matplotlib figure redrawn fast enough to follow a slider or a finger.

Still artists (contours, axes, labels) are drawn once; the front end keeps them as the ground. A
move draws the moving artists alone, and sends those few pixels, which the front end lays over the
ground. Where the picture is touched it says so, see ``touch.py``. The front end is a widget of
our own, ``live_picture.js``, on anywidget: the same in JupyterLab, Notebook, Binder, VS Code and
Pyodide.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
from IPython import get_ipython
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image
from traitlets import Dict, List, Unicode

from course_lib.pictures.overlay import overlay_png
from course_lib.pictures.picture import PNG, encoded, png_metadata
from course_lib.pictures.style import STYLE, settle
from course_lib.pictures.touch import Area

JPEG = {"format": "JPEG", "quality": 80}
SHARPEST = 200  # pixels an inch at most, for screens that show two pixels as one
LIVE = "live picture"  # in the metadata of an output: a front end can offer to wake this still one
ALT = "Live picture; the text below it says what it shows"


class LivePicture(anywidget.AnyWidget):
    """The widget that shows the pictures of a ``LiveFigure``: see ``live_picture.js``."""

    # As text: of a path anywidget would keep every widget that was ever made with it.
    _esm = Path(__file__).with_name("live_picture.js").read_text("utf-8")
    _css = Path(__file__).with_name("live_picture.css").read_text("utf-8")
    alt = Unicode(ALT).tag(sync=True)
    size = List().tag(sync=True)
    ground = Dict().tag(sync=True)
    frame = Dict().tag(sync=True)
    areas = List().tag(sync=True)


class LiveFigure:
    """Keeps one figure and the widget that shows it.

    figure: made without pyplot, with its still artists in place
    moving: the artists that change; each must be of ``figure``
    stored: artists in stored pictures only: what the sliders beside a live picture say. Text is
            slow to draw
    areas:  what can be touched
    """

    def __init__(
        self,
        figure: Figure,
        moving: Iterable[Artist],
        stored: Iterable[Artist] = (),
        areas: Iterable[Area] = (),
    ):
        self.figure = figure
        self.canvas = FigureCanvasAgg(figure)
        self.moving, self.stored, self.areas = tuple(moving), tuple(stored), tuple(areas)
        self.is_no_result = False
        self.tries: Callable[[Callable[[], None]], None] = lambda act: act()
        marks = [artist for area in self.areas for artist in area.artists]
        self._crossed = _cross(figure)
        for artist in (*self.moving, *self.stored, *marks, *self._crossed):
            artist.set_animated(True)
            artist.set_in_layout(artist.get_in_layout() and artist not in marks)
        with rc_context(STYLE):
            settle(figure)
        self._least_dpi = figure.get_dpi()
        size = [round(100 * inches) for inches in figure.get_size_inches()]
        self.image = LivePicture(size=size)
        self.image.on_msg(self._heard)
        self._drawn = 0
        self.refresh()

    def refresh(self) -> None:
        """Draw everything anew: needed only after a still artist has changed."""
        with rc_context(STYLE):
            self.canvas.draw()
        self._background = self.canvas.copy_from_bbox(self.figure.bbox)
        self._drawn += 1
        ground = {"number": self._drawn, "file": encoded(self.canvas, **JPEG)}
        with self.image.hold_sync():
            self.image.ground = ground
            self.image.areas = [self._laid(area) for area in self.areas]
            self.redraw()

    def redraw(self) -> None:
        """Draw the moving artists, and show them over the ground."""
        for area in self.areas:
            area.place_marks()
        self.canvas.renderer.clear()
        self._draw(self._live_artists)
        frame = overlay_png(np.asarray(self.canvas.buffer_rgba()))
        if frame is None:  # a photograph of all is shorter
            self._compose(self._live_artists)
            frame = encoded(self.canvas, **JPEG), 0, 0
        file, x, y = frame
        self.image.frame = {"of": self._drawn, "x": x, "y": y, "file": file}

    def shown(self) -> np.ndarray:
        """(height, width, 3), the picture as the front end now shows it."""
        self._compose(self._live_artists)
        return np.array(self.canvas.buffer_rgba())[..., :3]

    def frame(self) -> Image.Image:
        """The picture as it stands, for an animation."""
        self._compose((*self.moving, *self.stored))
        return Image.fromarray(np.array(self.canvas.buffer_rgba())[..., :3])

    def png(self) -> bytes:
        """The picture as it stands, as a small PNG for stored notebooks."""
        self._compose((*self.moving, *self.stored, *self._cross_if_needed))
        return encoded(self.canvas, **PNG)

    def close(self) -> None:
        """Free the pictures; nothing is shown any more."""
        self.image.close()
        self.image.ground, self.image.frame = {}, {}
        self.moving = self.stored = self.areas = self._crossed = ()
        self.canvas = self._background = None
        self.figure.set_canvas(None)

    @property
    def _cross_if_needed(self) -> tuple[Artist, ...]:
        return self._crossed if self.is_no_result else ()

    @property
    def _live_artists(self) -> list[Artist]:
        marks = [artist for area in self.areas for artist in area.artists]
        return [*self.moving, *marks, *self._cross_if_needed]

    def _compose(self, artists: Iterable[Artist]) -> None:
        self.canvas.restore_region(self._background)
        self._draw(artists)

    def _draw(self, artists: Iterable[Artist]) -> None:
        for artist in artists:
            self.figure.draw_artist(artist)

    def _laid(self, area: Area) -> dict[str, object]:
        """What the front end is to know of an area."""
        box = area.axes.bbox.transformed(self.figure.transFigure.inverted())
        place = (box.x0, 1 - box.y1, box.width, box.height)
        return {
            "box": [round(100 * float(share), 3) for share in place],
            "label": area.label,
            "cursor": area.cursor,
        }

    def _heard(self, _: widgets.Widget, event: dict, buffers: list) -> None:
        """An event from the front end; it is told when all that follows from it has been sent."""
        answer = {"done": event["n"]}
        try:
            if event["kind"] == "view":
                self._seen_on(event["width"], event["ratio"])
            elif event["kind"] == "leave":
                answer["told"] = ""
            elif event["kind"] == "hover":
                answer["told"] = self.areas[event["area"]].told(event["x"], event["y"])
            else:
                area = self.areas[event["area"]]
                act = {"down": area.begin, "key": area.press}.get(event["kind"], area.drag)
                self.tries(lambda: act(event["x"], event["y"]))
        finally:
            self.image.send(answer)

    def _seen_on(self, width: float, ratio: float) -> None:
        """Draw as sharp as a screen shows it: ``width`` in its pixels, ``ratio`` real ones each."""
        dpi = min(max(self._least_dpi, ratio * width / self.figure.get_figwidth()), SHARPEST)
        if abs(dpi - self.figure.get_dpi()) > 1:
            self.figure.set_dpi(dpi)
            self.refresh()


def _cross(figure: Figure) -> tuple[Artist, ...]:
    """What lies over a picture that is no result: it is pale, and crossed out."""
    look = {"transform": figure.transFigure, "figure": figure, "in_layout": False}
    veil = Rectangle((0, 0), 1, 1, fc="white", alpha=0.75, zorder=100, **look)
    line = {"color": "#B00020", "lw": 1.5, "alpha": 0.7, "zorder": 101}
    crossing = [Line2D([0, 1], ends, **line, **look) for ends in ([0, 1], [1, 0])]
    return tuple(figure.add_artist(artist) for artist in (veil, *crossing))


class Panel(widgets.VBox):
    """A widget that leaves a picture and a sentence behind.

    Its output holds the live view for front ends that have widgets, a PNG for those that have
    not (GitHub, nbconvert, a notebook just cloned), and one sentence of text for screen readers
    and tests. It goes when its cell runs again: what that makes takes its place.
    """

    _ipython_display_ = None  # of ipywidgets 7: it would show the widget alone
    _held = False
    figure: LiveFigure | None = None

    def __init__(self, children: Iterable[widgets.Widget], figure: LiveFigure | None = None):
        super().__init__(tuple(children))
        self.figure = figure
        if figure is not None:
            figure.tries = self.tries
        _replace_what_the_cell_made(self)

    def assemble(self) -> None:
        """Make the panel of ``self.controls``: the picture above them, a read-out below."""
        for control in self.controls.values():
            control.observe(self.control_moved, "value")
        self.readout = widgets.HTML()
        figure = self._draw()
        Panel.__init__(self, [figure.image, *self.controls.values(), self.readout], figure)
        self.update()

    def _draw(self) -> LiveFigure:
        """The figure of a panel that is made by ``assemble``."""
        raise NotImplementedError

    @property
    def says(self) -> str:
        """The sentence that describes what the panel shows now."""
        raise NotImplementedError

    @property
    def html(self) -> str:
        """What to show in place of the live view, where text says it better than a picture."""
        return ""

    def update(self, change: object = None) -> None:
        """Show what the controls say."""

    def control_moved(self, change: object = None) -> None:
        """``update``, for a control that was moved; an error in it is told in the panel."""
        if not self._held:
            self.tries(self.update)

    @contextmanager
    def moved_together(self) -> Iterator[None]:
        """Controls that are moved inside make one ``update``, at the end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.update()

    def tries(self, act: Callable[[], None]) -> None:
        """Do what a control asks for. A picture that this fails to make is crossed out.

        An error in a callback of a widget is seen by nobody: so it stands in the read-out, until
        something works again.
        """
        try:
            if self.figure is not None:
                self.figure.is_no_result = False
            act()
        except Exception as error:
            if self.figure is not None:
                self.figure.is_no_result = True
                self.figure.redraw()
            told = f"{type(error).__name__}: {error}"
            self.readout.value = (
                '<div role="status" aria-live="polite" style="line-height:1.5"><div>'
                f"<b>✘ No result.</b> {escape(told)}</div></div>"
            )

    def close(self) -> None:
        """Free all that the panel holds; its picture is shown no more."""
        for widget in _all_of(self):
            widget.close()
        if self.figure is not None:
            self.figure.close()
        super().close()

    def __del__(self) -> None:
        widgets.VBox.close(self)  # its parts go by themselves

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": self.says}
        if self.html:
            data["text/html"] = self.html
        if self.figure is None:
            return data, {}
        data["image/png"] = b64encode(self.figure.png()).decode()
        about = png_metadata(self.figure.figure, self.says)
        return data, {"image/png": about, LIVE: True}


def _all_of(panel: widgets.Widget) -> Iterator[widgets.Widget]:
    """The widgets inside a panel, with what they look like, and the panel's own look."""
    for child in panel.children if isinstance(panel, widgets.Box) else ():
        yield from _all_of(child)
        yield child
    for name in ("layout", "style"):
        if isinstance(look := getattr(panel, name, None), widgets.Widget):
            yield look


# A cell that runs again replaces what it made

_made: dict[str, tuple[str, list[Panel]]] = {}  # by cell: which of its runs, and its panels


def _replace_what_the_cell_made(panel: Panel) -> None:
    """Close the panels of an earlier run of the cell that is running; remember this one."""
    request = getattr(get_ipython(), "parent_header", None) or {}
    cell = (request.get("metadata") or {}).get("cellId")
    if cell is None:  # not in a cell, or in a front end that does not tell
        return
    run = request["header"]["msg_id"]
    earlier, panels = _made.get(cell, (run, []))
    if earlier != run:
        for old in panels:
            old.close()
            _forget(old)
        panels = []
    _made[cell] = run, [*panels, panel]


def _forget(panel: Panel) -> None:
    """Take a panel out of IPython's history of outputs, which would keep all it has drawn."""
    names = get_ipython().user_ns
    for history in (names, names.get("Out", {})):
        for name in [k for k, v in history.items() if v is panel and str(k).lstrip("_").isdigit()]:
            del history[name]
    for name in ("_", "__", "___"):
        if names.get(name) is panel:
            names[name] = ""
