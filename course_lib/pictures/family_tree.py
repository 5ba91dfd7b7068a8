"""The family tree of the optimizers."""

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.text import Text

from course_lib.family import FAMILY, Member
from course_lib.pictures.beside import place_beside
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import STYLE, look_of, new_figure, theme


def family_tree() -> Picture:
    """The optimizers of the course from left to right in time; each arrow names what changed."""
    family = {rule: member for rule, member in FAMILY.items() if member.row is not None}
    columns = sorted({member.year for member in family.values()})  # a lesson after the years
    places = {rule: (columns.index(m.year), m.row) for rule, m in family.items()}
    arrows = [
        (rule, parent, change)
        for rule, member in family.items()
        for parent, change in member.parents.items()
    ]
    rows = [row for _, row in places.values()]
    low, high = min(rows) - 0.8, max(rows) + 0.35
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=9.8, height=6.0)
        ax.set_axis_off()
        ax.set(xlim=(-0.65, len(columns) - 0.4), ylim=(low, high))
        for x, year in enumerate(columns):
            ax.plot([x, x], [low + 0.3, high], color=theme().faint, lw=0.8, alpha=0.25, zorder=0)
            ax.text(x, low + 0.25, year, ha="center", va="top", fontsize=9, color=theme().soft)
        members = {rule: _box(ax, rule, family[rule], places[rule]) for rule in family}
        names, edges = [], []
        for child, parent, change in arrows:
            here, there = np.array(places[parent]), np.array(places[child])
            ax.annotate(
                "", there, here, zorder=2,
                arrowprops={"arrowstyle": "-|>", "color": theme().faint, "shrinkA": 2, "shrinkB": 3,
                            "patchA": members[parent].get_bbox_patch(),
                            "patchB": members[child].get_bbox_patch()},
            )  # fmt: skip
            way = there - here
            tail = 0.25 if way[0] < 5 else 0.6  # the name of a long arrow stands near its tip
            edges.append((here + tail * way, there - 0.2 * way))
            names.append(
                ax.text(*(here + there) / 2, change, ha="center", va="center", fontsize=8.5,
                        style="italic", color=theme().soft, zorder=5, linespacing=1.05)
            )  # fmt: skip
        figure.draw_without_rendering()
        place_beside(names, edges, edges, list(members.values()), free=2)
    told = "; ".join(
        f"{family[child].title} ({family[child].year}) from {family[parent].title}: "
        f"{' '.join(change.split())}"
        for child, parent, change in arrows
    )
    return Picture(figure, f"Family tree of the optimizers, left to right in time. {told}.")


def _box(ax: Axes, rule: str, member: Member, place: tuple[float, float]) -> Text:
    look = look_of(rule)
    box = {
        "boxstyle": "round,pad=0.45",
        "fc": theme().paper,
        "ec": look.colour,
        "ls": look.line,
        "lw": 2,
    }
    name = member.title.replace(" ", "\n")
    return ax.text(*place, name, ha="center", va="center", fontsize=9.5, zorder=3, bbox=box)
