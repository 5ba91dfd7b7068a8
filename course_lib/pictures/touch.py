"""What a pointer, a finger or the arrow keys move on a picture.

An area is the inside of one ``Axes``. The front end tells where it is touched in shares of the
area, from its lower left corner; here those become data coordinates, whatever the scale.
"""

from collections.abc import Callable

from matplotlib.artist import Artist
from matplotlib.axes import Axes

RING = {"marker": "o", "ms": 15, "mfc": "none", "mec": "#222222", "mew": 1.3, "zorder": 6}
HALO = RING | {"ms": 17.5, "mec": "white", "mew": 1.5, "zorder": 5.9}
KEY = 0.02  # how far an arrow key moves a point, as a share of the area


class Area:
    """An area that can be touched: ``label`` names it for those who do not see the picture."""

    cursor = "crosshair"
    artists: tuple[Artist, ...] = ()  # drawn in live pictures only: they show what can be moved

    def __init__(self, axes: Axes, label: str):
        self.axes, self.label = axes, label

    def begin(self, x: float, y: float) -> None:
        """The pointer goes down at these shares of the area."""

    def drag(self, x: float, y: float) -> None:
        """The pointer, held down, moves there."""

    def press(self, right: float, up: float) -> None:
        """An arrow key: so many presses to the right and upwards."""

    def told(self, x: float, y: float) -> str:
        """What to tell about the place under the pointer; empty if nothing."""
        return ""

    def place_marks(self) -> None:
        """Put ``artists`` where they are now."""

    def data(self, x: float, y: float) -> tuple[float, float]:
        """Data coordinates of a place given in shares of the area."""
        axes = self.axes
        u, v = axes.transData.inverted().transform(axes.transAxes.transform((x, y)))
        return float(u), float(v)

    def shares(self, u: float, v: float) -> tuple[float, float]:
        """Shares of the area of a place given in data coordinates; not beyond its edges."""
        axes = self.axes
        x, y = axes.transAxes.inverted().transform(axes.transData.transform((u, v)))
        return min(max(float(x), 0.0), 1.0), min(max(float(y), 0.0), 1.0)


class Point(Area):
    """A point that goes where it is put: dragged, pointed at, or moved by the arrow keys.

    at:   where it stands, in data coordinates
    to:   puts it there
    key:  how far an arrow key moves it, in data coordinates; if None, a fiftieth of the area
    tell: what to say about a place under the pointer, in data coordinates
    """

    def __init__(
        self,
        axes: Axes,
        label: str,
        at: Callable[[], tuple[float, float]],
        to: Callable[[float, float], None],
        key: tuple[float, float] | None = None,
        tell: Callable[[float, float], str] | None = None,
        ringed: bool = True,
    ):
        super().__init__(axes, f"{label}: drag it, or use the arrow keys")
        self.at, self.to, self.key, self.tell = at, to, key, tell
        if ringed:
            limits = axes.get_xlim(), axes.get_ylim()
            self.artists = tuple(axes.plot([], [], **look)[0] for look in (HALO, RING))
            axes.set(xlim=limits[0], ylim=limits[1])

    def begin(self, x: float, y: float) -> None:
        self.to(*self.data(x, y))

    drag = begin

    def press(self, right: float, up: float) -> None:
        if self.key is not None:
            u, v = self.at()
            self.to(u + right * self.key[0], v + up * self.key[1])
            return
        x, y = self.shares(*self.at())
        x, y = x + KEY * right, y + KEY * up
        self.to(*self.data(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)))

    def told(self, x: float, y: float) -> str:
        return self.tell(*self.data(x, y)) if self.tell else ""

    def place_marks(self) -> None:
        for ring in self.artists:
            ring.set_data(*([c] for c in self.at()))


class Turning(Area):
    """A surface that turns as it is dragged.

    at: its azimuth and elevation in degrees; to: looks at it from there
    """

    cursor = "grab"

    def __init__(
        self,
        axes: Axes,
        label: str,
        at: Callable[[], tuple[float, float]],
        to: Callable[[float, float], None],
    ):
        super().__init__(axes, f"{label}: drag it, or use the arrow keys, to turn it")
        self.at, self.to = at, to
        self._from = (0.0, 0.0, 0.0, 0.0)

    def begin(self, x: float, y: float) -> None:
        self._from = (x, y, *self.at())

    def drag(self, x: float, y: float) -> None:
        x0, y0, azimuth, elevation = self._from
        self._look(azimuth - 180 * (x - x0), elevation - 90 * (y - y0))

    def press(self, right: float, up: float) -> None:
        azimuth, elevation = self.at()
        self._look(azimuth + 5 * right, elevation + 5 * up)

    def _look(self, azimuth: float, elevation: float) -> None:
        self.to((azimuth + 180) % 360 - 180, min(max(elevation, 0.0), 90.0))
