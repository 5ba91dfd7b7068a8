"""The family tree of the optimizers."""

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.text import Text

from course_lib.family import FAMILY, title_of, year_of
from course_lib.pictures.beside import place_beside
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import STYLE, look_of, new_figure, theme

_PLACES = {
    "gradient_descent": (0, 1.5),
    "momentum": (1.5, 2.75),
    "nesterov": (2.95, 3.35),
    "adagrad": (1.5, 0.15),
    "rmsprop": (2.95, 0.15),
    "adadelta": (4.9, -1.05),
    "adam": (2.95, 1.7),
    "nadam": (4.9, 2.95),
    "adamax": (4.9, 1.9),
    "adamw": (4.9, 0.9),
    "nadamax": (6.35, 2.45),
    "amsgrad": (4.9, -0.1),
    "lion": (2.95, 4.5),
    "muon": (1.5, 4.5),
    "schedule_free": (0, 3.5),
}


def family_tree() -> Picture:
    """The optimizers of the course, each arrow naming what changed."""
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=9.2, height=6.0)
        ax.set_axis_off()
        ax.set(xlim=(-0.55, 6.65), ylim=(-1.4, 4.9))
        members = {rule: _family_member(ax, rule, *place) for rule, place in _PLACES.items()}
        names, edges = [], []
        for child, parent, change in FAMILY:
            here, there = np.array(_PLACES[parent]), np.array(_PLACES[child])
            ax.annotate(
                "", there, here, zorder=2,
                arrowprops={"arrowstyle": "-|>", "color": theme().faint, "shrinkA": 2, "shrinkB": 3,
                            "patchA": members[parent].get_bbox_patch(),
                            "patchB": members[child].get_bbox_patch()},
            )  # fmt: skip
            edges.append((here + 0.25 * (there - here), there - 0.25 * (there - here)))
            names.append(
                ax.text(*(here + there) / 2, change, ha="center", va="center", fontsize=8.5,
                        style="italic", color=theme().soft, zorder=5, linespacing=1.05)
            )  # fmt: skip
        figure.draw_without_rendering()
        place_beside(names, edges, edges, list(members.values()), free=2)
    told = "; ".join(
        f"{title_of(child)} ({year_of(child)}) from {title_of(parent)}: {' '.join(change.split())}"
        for child, parent, change in FAMILY
    )
    return Picture(figure, f"Family tree of the optimizers. {told}.")


def _family_member(ax: Axes, rule: str, x: float, y: float) -> Text:
    look = look_of(rule)
    box = {
        "boxstyle": "round,pad=0.45",
        "fc": theme().paper,
        "ec": look.colour,
        "ls": look.line,
        "lw": 2,
    }
    return ax.text(
        x, y, f"{title_of(rule)}\n{year_of(rule)}", ha="center", va="center", fontsize=9.5,
        linespacing=1.35, zorder=3, bbox=box,
    )  # fmt: skip
