"""The family tree of the optimizers."""

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from course_lib.family import FAMILY, LOOKS, title_of, year_of
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import STYLE, new_figure

_PLACES = {
    "gradient_descent": (0, 1.5),
    "momentum": (1.5, 2.6),
    "nesterov": (3.0, 3.2),
    "adagrad": (1.5, 0.4),
    "rmsprop": (3.0, 0.4),
    "adadelta": (4.5, -1.0),
    "adam": (3.0, 1.6),
    "nadam": (4.5, 2.7),
    "adamax": (4.5, 1.6),
    "adamw": (4.5, 0.7),
    "nadamax": (6.0, 2.15),
    "amsgrad": (4.5, -0.15),
    "lion": (3.0, 4.15),
    "muon": (1.5, 4.45),
    "schedule_free": (0, 3.4),
}


def family_tree() -> Picture:
    """The optimizers of the course, each arrow naming what changed."""
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, width=9.2, height=6.0)
        ax.set_axis_off()
        boxes = {rule: _family_member(ax, rule, *place) for rule, place in _PLACES.items()}
        for child, parent, change in FAMILY:
            (x1, y1), (x0, y0) = _PLACES[child], _PLACES[parent]
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
        ax.set(xlim=(-0.5, 6.5), ylim=(-1.3, 4.8))
    told = "; ".join(
        f"{title_of(child)} ({year_of(child)}) from {title_of(parent)}: {' '.join(change.split())}"
        for child, parent, change in FAMILY
    )
    return Picture(figure, f"Family tree of the optimizers. {told}.")


def _family_member(ax: Axes, rule: str, x: float, y: float) -> Patch:
    look = LOOKS[rule]
    box = {"boxstyle": "round,pad=0.45", "fc": "white", "ec": look.colour, "ls": look.line, "lw": 2}
    text = ax.text(
        x, y, f"{title_of(rule)}\n{year_of(rule)}", ha="center", va="center", fontsize=9.5,
        linespacing=1.35, zorder=3, bbox=box,
    )  # fmt: skip
    return text.get_bbox_patch()
