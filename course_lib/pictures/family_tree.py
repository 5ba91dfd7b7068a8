"""The family tree of the optimizers."""

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from course_lib.family import FAMILY, Member
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import STYLE, new_figure


def family_tree() -> Picture:
    """The optimizers of the course, each arrow naming what changed."""
    members = {rule: member for rule, member in FAMILY.items() if member.place}
    arrows = [
        (rule, parent, change)
        for rule, member in members.items()
        for parent, change in member.parents.items()
    ]
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=9.2, height=6.0)
        ax.set_axis_off()
        boxes = {rule: _box(ax, member) for rule, member in members.items()}
        for child, parent, change in arrows:
            (x1, y1), (x0, y0) = members[child].place, members[parent].place
            ax.annotate(
                "", (x1, y1), (x0, y0), zorder=4,  # after the boxes, which it must know drawn
                arrowprops={"arrowstyle": "-|>", "color": "#8A97A3", "shrinkA": 2, "shrinkB": 3,
                            "patchA": boxes[parent], "patchB": boxes[child]},
            )  # fmt: skip
            ax.text(
                (x0 + x1) / 2, (y0 + y1) / 2, change, ha="center", va="center", fontsize=8.5,
                style="italic", color="#333333", zorder=5,
                bbox={"fc": "white", "ec": "none", "pad": 1},
            )  # fmt: skip
        x, y = zip(*(member.place for member in members.values()), strict=True)
        ax.set(xlim=(min(x) - 0.5, max(x) + 0.5), ylim=(min(y) - 0.3, max(y) + 0.35))
    told = "; ".join(
        f"{members[child].title} ({members[child].year}) from {members[parent].title}: "
        f"{' '.join(change.split())}"
        for child, parent, change in arrows
    )
    return Picture(figure, f"Family tree of the optimizers. {told}.")


def _box(ax: Axes, member: Member) -> Patch:
    look = member.look
    box = {"boxstyle": "round,pad=0.45", "fc": "white", "ec": look.colour, "ls": look.line, "lw": 2}
    text = ax.text(
        *member.place, f"{member.title}\n{member.year}", ha="center", va="center", fontsize=9.5,
        linespacing=1.35, zorder=3, bbox=box,
    )  # fmt: skip
    return text.get_bbox_patch()
