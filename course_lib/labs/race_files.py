"""Races as files: an animated GIF, or a stand-alone page that plays, pauses, steps and scrubs."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path as File
from typing import Protocol

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from course_lib.descent import Path
from course_lib.landscapes import Landscape
from course_lib.pictures.ground import floor_for
from course_lib.pictures.live import LiveFigure
from course_lib.pictures.style import looks_of
from course_lib.wording import in_words

GIF_DPI = 80
PAGE = files("course_lib.labs") / "race_page.html"
MARK = "/*race*/null"  # where the page wants its data
DIGITS = 6


class Playable(Protocol):
    """What a race must have to be written to a file; ``labs/race.py`` has it."""

    landscape: Landscape
    paths: Sequence[Path]
    names: Sequence[str]
    labels: Sequence[str]
    nested: Sequence[int]
    view: object
    steps: int
    says: str
    controls: Mapping[str, object]
    figure: LiveFigure

    def show(self, step: int) -> None:
        """Show the race as it stands after this step."""


def save_animation(
    race: Playable, file: str | File, overwrite: bool, frames: int, frames_per_second: float
) -> File:
    """Write a race as ``.gif`` or ``.html``, by the name of the file; ``Race.save`` says more."""
    file = File(file)
    if file.suffix not in (".gif", ".html"):
        raise ValueError(f"file must end in .gif or .html, got {str(file)!r}")
    if file.exists() and not overwrite:
        raise FileExistsError(f"{str(file)!r} exists; to replace it, give overwrite=True")
    if not (frames >= 2 and frames_per_second > 0):
        raise ValueError(
            "frames must be 2 or more and frames_per_second larger than 0, "
            f"got {frames!r} and {frames_per_second!r}"
        )
    if file.suffix == ".html":
        file.write_text(page(race), encoding="utf-8")
        return file
    first, *others = pictures(race, frames)
    pause = round(1000 / frames_per_second)
    first.save(
        file, save_all=True, append_images=others, loop=0, optimize=True,
        duration=[pause] * len(others) + [2000],
    )  # fmt: skip
    return file


def with_progress(items: Sequence, what: str) -> Iterator:
    """The items one by one, with a bar that shows how many are done: a widget, or a line of text.

    The widget goes when all is done; the line is written to stderr.
    """
    if not _in_notebook():
        for done, item in enumerate(items, 1):
            yield item
            print(f"\r{what}: {done} of {len(items)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        return
    import ipywidgets as widgets
    from IPython.display import display

    bar = widgets.IntProgress(0, max=len(items), description=what)
    display(bar)
    for item in items:
        yield item
        bar.value += 1
    bar.close()


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


# Pictures for a GIF


def pictures(race: Playable, frames: int) -> list[Image.Image]:
    """Evenly spaced steps of a race, 0 and the last one among them, in one common set of colours.

    A common palette keeps still parts the same from picture to picture, and so the file small.
    """
    steps = np.unique(np.linspace(0, race.steps, min(frames, race.steps + 1)).round().astype(int))
    live, step = race.figure, race.controls["step"].value
    dpi = live.figure.dpi
    try:
        live.figure.set_dpi(GIF_DPI)
        live.refresh()
        race.show(race.steps)
        colours = live.frame().quantize(128, method=Image.Quantize.MEDIANCUT)
        taken = []
        for at in with_progress(steps.tolist(), "pictures"):
            race.show(at)
            taken.append(
                _on_white(live.frame().quantize(palette=colours, dither=Image.Dither.NONE))
            )
        return taken
    finally:
        live.figure.set_dpi(dpi)
        race.show(step)
        live.refresh()


def _on_white(picture: Image.Image) -> Image.Image:
    """The same picture, but the colour of its corner, the paper, is pure white."""
    colours = np.array(picture.getpalette()).reshape(-1, 3)
    colours[picture.getpixel((0, 0))] = 255  # Pillow's search for the nearest colour is a rough one
    picture.putpalette(colours.ravel().tolist())
    return picture


# A stand-alone page


def page(race: Playable) -> str:
    """The page as text: points and landscape as JSON, and the program that draws them."""
    data = json.dumps(contents(race), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = PAGE.read_text(encoding="utf-8").replace(MARK, data.replace("</", "<\\/"))
    return text.replace("{title}", escape(title_of_page(race))).replace("{says}", escape(race.says))


def title_of_page(race: Playable) -> str:
    return f"A race on {race.landscape.name}"


def contents(race: Playable) -> dict[str, object]:
    """All that the page draws, as plain lists, numbers and words."""
    on = race.landscape
    lowest = on.lowest
    looks = looks_of(race.paths)
    runs = zip(race.names, race.labels, race.paths, looks, race.nested, strict=True)
    return {
        "title": title_of_page(race),
        "steps": race.steps,
        "view": race.view,
        "dim": on.dim,
        "window": _window(race),
        "lines": _contours(race) if on.dim == 2 else [_curve(race)],
        "surface": _surface(race) if on.dim == 2 else None,
        "minima": [[*m, lowest][: max(on.dim, 2)] for m in on.minima],
        "floor": None if lowest is None else floor_for(race.paths),
        "gap": "f" if lowest in (None, 0.0) else "f − f*",
        "runs": [
            {
                "name": name, "label": label, "colour": look.colour, "marker": look.marker,
                "dash": {"-": [], "--": [7, 4], ":": [2, 3], "-.": [7, 3, 2, 3]}[look.line],
                "points": _rounded(_on_page(path)), "values": _rounded(path.values),
                "gaps": _rounded(path.gap), "words": in_words(path.gap[-1]),
                "diverged": int(path.diverged), "nested": nested,
            }
            for name, label, path, look, nested in runs
        ],
    }  # fmt: skip


def _on_page(path: Path) -> np.ndarray:
    """(n + 1, 2): the points, or (x, f) of one coordinate."""
    if path.landscape.dim == 2:
        return path.points
    return np.column_stack([path.points[:, 0], path.values])


def _window(race: Playable) -> list[list[float]]:
    on = race.landscape
    if on.dim == 2:
        return [list(map(float, pair)) for pair in on.window]
    heights = [y for _, y in _curve(race)]
    return [list(on.window[0]), [min(heights), max(heights)]]


def _curve(race: Playable) -> list[list[float]]:
    x = np.linspace(*race.landscape.window[0], 201)
    return _rounded(np.column_stack([x, race.landscape(x[:, np.newaxis])]))


def _contours(race: Playable, n: int = 121) -> list[list[list[float]]]:
    """Lines of equal height, as in the still pictures."""
    on = race.landscape
    x, y = (np.linspace(*pair, n) for pair in on.window)
    z = on(np.stack(np.meshgrid(x, y), axis=-1))
    levels = z.min() + np.ptp(z) * np.linspace(0, 1, 16)[1:-1] ** (
        2 if on.hessian is not None else 4
    )
    found = Figure().subplots().contour(x, y, z, levels)
    return [_rounded(line) for level in found.allsegs for line in level if len(line) > 1]


def _surface(race: Playable, n: int = 31) -> list[list[float]]:
    """(n, n), f over the window; rows go with y."""
    x, y = (np.linspace(*pair, n) for pair in race.landscape.window)
    return _rounded(race.landscape(np.stack(np.meshgrid(x, y), axis=-1)))


def _rounded(numbers: np.ndarray) -> list:
    """The numbers as lists, to six digits: enough for any screen."""
    return json.loads(
        "["
        + ",".join(
            f"[{','.join(f'{v:.{DIGITS}g}' for v in row)}]" if np.ndim(row) else f"{row:.{DIGITS}g}"
            for row in numbers
        )
        + "]"
    )
