"""How the pictures of the course look: their style, and the look of each rule."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

import matplotlib
import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure

from course_lib.descent import Path
from course_lib.family import LOOKS, Look, title_of
from course_lib.wording import settings_in_words

STYLE = matplotlib.rc_params_from_file(
    str(files("course_lib.pictures") / "course.mplstyle"), use_default_template=False
)

DPI = 125  # shown at 100 pixels an inch: sharper than a usual screen, and quick to send

GROUND = LinearSegmentedColormap.from_list("ground", ["#FFFFFF", "#E2E8EC", "#C3CDD5"])

OTHERS = (Look("#882255", "*"), Look("#882255", "*", "--"), Look("#882255", "*", ":"))


def look_of(rule: str, index: int = 0) -> Look:
    """The look of a rule by name; rules that are not the course's share a wine red star."""
    return LOOKS.get(rule, OTHERS[index % len(OTHERS)])


def new_figure(columns: int = 2, width: float = 9.2, height: float = 3.9, **kwargs: object):
    """A figure in the style of the course, and its axes: one Axes, or a list of them."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        axes = figure.subplots(1, columns, **kwargs)
    return figure, axes


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
    paler = np.array(to_rgb(look.colour)) * (1 - (share := min(0.2 * before, 0.6))) + share
    return replace(look, colour=to_hex(paler), line=("-", "--", ":", "-.")[before % 4])


def looks_of_coordinates(look: Look, d: int) -> list[dict[str, object]]:
    """Line styles that tell d coordinates of one rule apart: dashes up to four, then shades."""
    if d <= 4:
        return [{"color": look.colour, "ls": line} for line in ("-", "--", ":", "-.")[:d]]
    colour = np.array(to_rgb(look.colour))
    return [{"color": to_hex(colour * (1 - s) + s)} for s in np.linspace(0, 0.75, d)]
