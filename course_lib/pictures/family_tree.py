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
    """The optimizers of the course, each arrow naming what changed."""
    family = {rule: member for rule, member in FAMILY.items() if member.place}
    arrows = [
        (rule, parent, change)
        for rule, member in family.items()
        for parent, change in member.parents.items()
    ]
    x, y = zip(*(member.place for member in family.values()), strict=True)
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=9.2, height=6.0)
        ax.set_axis_off()
        ax.set(xlim=(min(x) - 0.55, max(x) + 0.55), ylim=(min(y) - 0.35, max(y) + 0.4))
        members = {rule: _box(ax, rule, member) for rule, member in family.items()}
        names, edges = [], []
        for child, parent, change in arrows:
            here, there = np.array(family[parent].place), np.array(family[child].place)
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
        f"{family[child].title} ({family[child].year}) from {family[parent].title}: "
        f"{' '.join(change.split())}"
        for child, parent, change in arrows
    )
    return Picture(figure, f"Family tree of the optimizers. {told}.")


def _box(ax: Axes, rule: str, member: Member) -> Text:
    look = look_of(rule)
    box = {
        "boxstyle": "round,pad=0.45",
        "fc": theme().paper,
        "ec": look.colour,
        "ls": look.line,
        "lw": 2,
    }
    return ax.text(
        *member.place, f"{member.title}\n{member.year}", ha="center", va="center", fontsize=9.5,
        linespacing=1.35, zorder=3, bbox=box,
    )  # fmt: skip
