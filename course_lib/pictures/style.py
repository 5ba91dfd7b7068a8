"""How the pictures of the course look: their style, light and dark, and the look of each rule."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files

import matplotlib
import numpy as np
from matplotlib import rc_context
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure

from course_lib.descent import Path
from course_lib.family import LOOKS, Look, title_of
from course_lib.wording import settings_in_words

STYLE = matplotlib.rc_params_from_file(
    str(files("course_lib.pictures") / "course.mplstyle"), use_default_template=False
)

DPI = 125  # shown at 100 pixels an inch: sharper than a usual screen, and quick to send

GROUND = LinearSegmentedColormap.from_list("ground", ["#FFFFFF", "#E2E8EC", "#C3CDD5"])
DARK_GROUND = LinearSegmentedColormap.from_list("dark ground", ["#171C21", "#232B32", "#333E48"])


@dataclass(frozen=True)
class Theme:
    """The colours of a picture that belong to no rule.

    paper: what it is drawn on, and the rim of markers and names
    ink:   text, minima; soft: names of marks, forecasts; faint: guide lines
    contour, ground: lines of equal height, and the shades between them
    lost:  where a run is lost; signal: what must be noticed
    """

    paper: str
    ink: str
    soft: str
    faint: str
    contour: str
    ground: Colormap
    lost: str
    signal: str


LIGHT = Theme(
    "#FFFFFF", "#222222", "#555555", "#8A97A3", "#97A5B1", GROUND, "#D5D5D5", "#D55E00"
)  # fmt: skip
DARK = Theme(
    "#15191E", "#E8ECEF", "#B4BEC7", "#7D8A96", "#56636F", DARK_GROUND, "#3B3F44", "#FC7522"
)  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK}

IN_THE_DARK = {  # what a colour of a look becomes on dark paper: as far apart, and light enough
    "#000000": "#F4F4F4",
    "#E69F00": "#FFBE0C",
    "#56B4E9": "#6CD5FF",
    "#009E73": "#2AB78A",
    "#0072B2": "#4A6CF5",
    "#D55E00": "#FC7522",
    "#CC79A7": "#AC7DD3",
    "#882255": "#C44A7A",
    "#7A5195": "#C79BE8",
    "#00805D": "#2AB78A",
    "#00704F": "#2AB78A",
    "#C2002F": "#FF5C7A",
    "#3B4A57": "#AEBBC6",
    "#A9BAC7": "#5A6874",
}

_DARK_STYLE = {
    "figure.facecolor": DARK.paper, "savefig.facecolor": DARK.paper, "axes.facecolor": DARK.paper,
    "axes.edgecolor": DARK.soft, "axes.labelcolor": DARK.ink, "axes.titlecolor": DARK.ink,
    "xtick.color": DARK.soft, "ytick.color": DARK.soft, "text.color": DARK.ink,
    "grid.color": "#2E363D",
    "axes.prop_cycle": matplotlib.cycler(
        color=[IN_THE_DARK[f"#{c.lstrip('#')}"] for c in STYLE["axes.prop_cycle"].by_key()["color"]]
    ),
}  # fmt: skip
_STYLES = {"light": {key: STYLE[key] for key in _DARK_STYLE}, "dark": _DARK_STYLE}

_now = [LIGHT]


def theme() -> Theme:
    """The colours of pictures made now."""
    return _now[-1]


@contextmanager
def in_theme(name: str) -> Iterator[Theme]:
    """Pictures made, and moved, inside are "light" or "dark"; STYLE and the looks follow.

    Like matplotlib's own settings it holds for the whole program, not for one thread.
    """
    if name not in THEMES:
        raise ValueError(f"a theme is one of {', '.join(THEMES)}, got {name!r}")
    _now.append(THEMES[name])
    STYLE.update(_STYLES[name])
    try:
        yield theme()
    finally:
        _now.pop()
        STYLE.update(_STYLES["dark" if theme() is DARK else "light"])


def shade(colour: str) -> str:
    """A colour of the course as it stands on the paper of now."""
    return IN_THE_DARK.get(colour, colour) if theme() is DARK else colour


OTHERS = (Look("#882255", "*"), Look("#882255", "h", "--"), Look("#882255", "d", ":"))


def look_of(rule: str, index: int = 0) -> Look:
    """The look of a rule by name; rules that are not the course's are wine red, the first a star.

    In the dark its colour is the one for dark paper.
    """
    look = LOOKS.get(rule, OTHERS[index % len(OTHERS)])
    return look if shade(look.colour) == look.colour else replace(look, colour=shade(look.colour))


def new_figure(
    columns: int = 2, width: float = 9.2, height: float = 3.9, rows: int = 1, **kwargs: object
):
    """A figure in the style of the course, and its axes: one Axes, or an array of them."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        axes = figure.subplots(rows, columns, **kwargs)
    return figure, axes


def settle(figure: Figure) -> None:
    """Find the places of all axes, and keep them: what moves later does not move them."""
    for _ in range(2):  # axes of one scale need a second look
        figure.draw_without_rendering()
    figure.set_layout_engine("none")


def capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def labels_of(paths: Sequence[Path]) -> list[str]:
    """Legend entries: the rule, its settings, and the start where the starts differ."""
    same_start = len({tuple(path.points[0]) for path in paths}) == 1
    return [
        ", ".join(filter(None, (title_of(path.rule), settings_in_words(path.hyperparameters))))
        + ("" if same_start else f" from ({', '.join(f'{x:g}' for x in path.points[0])})")
        for path in paths
    ]


def looks_of(paths: Sequence[Path]) -> list[Look]:
    """A look for each path: its rule's, paler and with another line where the rule comes again."""
    names = [path.rule for path in paths]
    strangers = [name for name in dict.fromkeys(names) if name not in LOOKS]
    looks = []
    for i, name in enumerate(names):
        look = look_of(name, strangers.index(name) if name in strangers else 0)
        before = names[:i].count(name)
        looks.append(_again(look, before) if before else look)
    return looks


def _again(look: Look, before: int) -> Look:
    lines = ("-", "--", ":", "-.")
    line = lines[(lines.index(look.line) + before) % 4]
    return replace(look, colour=_paler(look.colour, min(0.2 * before, 0.6)), line=line)


def _paler(colour: str, share: float) -> str:
    """The colour, a share of it replaced by the paper."""
    return to_hex(np.array(to_rgb(colour)) * (1 - share) + np.array(to_rgb(theme().paper)) * share)


def looks_of_coordinates(look: Look, d: int) -> list[dict[str, object]]:
    """Line styles that tell d coordinates of one rule apart: dashes up to four, then shades."""
    if d <= 4:
        return [{"color": look.colour, "ls": line} for line in ("-", "--", ":", "-.")[:d]]
    return [{"color": _paler(look.colour, share)} for share in np.linspace(0, 0.75, d)]
