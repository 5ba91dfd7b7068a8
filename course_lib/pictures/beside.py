"""Names beside what they name: never over a line, another name or the edge."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

FREE = 7  # points between a name and what it names, unless told
Line = tuple[np.ndarray, np.ndarray]


def place_beside(
    names: Sequence[Text],
    named: Sequence[Line],
    lines: Sequence[Line],
    others: Sequence[Axes | Text] = (),
    free: float = FREE,
) -> None:
    """Put each name beside its line (tail, tip), in data units of its axes, where least is hidden.

    named:  for each name the line, or the point (p, p), that it belongs to
    lines:  what must not lie under a name; ``others``: axes and texts that stand there, too
    """
    taken = [_box_of(other) for other in others]
    for name, (tail, tip) in zip(names, named, strict=False):
        ax = name.axes
        to_pixels, points = ax.transData.transform, ax.figure.dpi / 72
        crossed = np.concatenate([
            np.linspace(to_pixels(a), to_pixels(b), 60) for a, b in [*lines, (tail, tip)]
        ])  # fmt: skip
        size = name.get_window_extent()
        half = np.array([size.width, size.height]) / 2 + 2 * points
        window = ax.get_window_extent()

        def cost(at: np.ndarray, half=half, window=window, crossed=crossed) -> float:
            box = Bbox([at - half, at + half])
            under = (np.abs(crossed - at) <= half).all(axis=1).sum()
            meets = sum(box.overlaps(other) for other in taken)
            out = not (window.contains(*box.min) and window.contains(*box.max))
            return 1.0 * under + 1000 * meets + 1000 * out

        places = list(_places(to_pixels(tail), to_pixels(tip), half, free * points))
        best = min(places, key=cost)
        taken.append(Bbox([best - half, best + half]))
        name.set_position(ax.transData.inverted().transform(best))


def _box_of(other: Axes | Text) -> Bbox:
    patch = other.get_bbox_patch() if isinstance(other, Text) else None
    return (patch or other).get_window_extent()


def _places(
    tail: np.ndarray, tip: np.ndarray, half: np.ndarray, free: float
) -> Iterator[np.ndarray]:
    """Middles of a name beside a line, the best first: near its middle, its ends, beyond them."""
    way = tip - tail
    long = float(np.hypot(*way))
    if long < 1:
        for angle in np.radians([-90, 90, 0, 180, -45, 45, -135, 135]):
            yield tip + _clear(np.array([np.cos(angle), np.sin(angle)]), half, free)
        return
    along, across = way / long, np.array([-way[1], way[0]]) / long
    for further in (1, 2, 3.5):
        for part in (0.5, 0.7, 0.3, 0.9, 0.1):
            for side in (1, -1):
                yield tail + part * way + side * _clear(across, half, further * free)
    yield tip + _clear(along, half, free)
    yield tail - _clear(along, half, free)


def _clear(towards: np.ndarray, half: np.ndarray, free: float) -> np.ndarray:
    """How far the middle of a box has to go for the box to be ``free`` of where it began."""
    return towards * (np.abs(towards) @ half + free)
