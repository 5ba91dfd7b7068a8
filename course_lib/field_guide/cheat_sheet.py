"""The page on the wall: all rules on one sheet, to print."""

from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course_lib.descent import descend
from course_lib.family import Member
from course_lib.field_guide.tables import cards
from course_lib.landscapes import ravine
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import STYLE

A4 = (8.27, 11.69)  # inches
LEFT, RIGHT = 0.055, 0.945  # margins, as shares of the width
TOP, BOTTOM = 0.922, 0.164  # between them stand the rules, closer where there are many
INK, PALE = "#222222", "#555555"

CHOICES = (
    ("curvatures known, no noise", "momentum or Nesterov, best η and β"),
    ("parameters of many kinds", "Adam; AdamW if weights should shrink"),
    ("rare features, convex", "AdaGrad"),
    ("noise, a precise end", "any rule, and let η fall to 0"),
    ("little memory", "momentum or Lion: one number each"),
    ("matrices in hidden layers", "Muon, and AdamW for the rest"),
)

SYMPTOMS = (
    ("NaN, or jumps", "η above the limit · clip spikes · 0/0 without ε"),
    ("flat", "η too small · steps used up (AdaGrad) · saddle"),
    ("rises at once", "a sign, or a wrong gradient: check by differences"),
    ("swings for ever", "gradients not reset · β too near 1"),
    ("falls, then rises", "first steps too long: warm up · η just too large"),
    ("falls, then hovers", "noise or steps that stay long: let η fall"),
)


def cheat_sheet() -> Picture:
    """All rules on one page, A4 portrait: ``cheat_sheet().save("cheat_sheet.pdf")``."""
    with rc_context(STYLE):
        figure = Figure(figsize=A4, dpi=125)
        figure.set_layout_engine("none")
        _heading(figure)
        heights = [0.0575 if len(card.equations) > 2 else 0.047 for card in cards().values()]
        scale = min(1, (TOP - BOTTOM) / sum(heights))
        y = TOP
        for card, height in zip(cards().values(), heights, strict=True):
            y -= scale * height
            _row(figure, card, y, scale * height, scale)
        _box(figure, 0.055, 0.435, "Which one?", CHOICES, 0.45)
        _box(figure, 0.51, 0.435, "What is wrong with the loss?", SYMPTOMS, 0.29)
    rules = ", ".join(card.title for card in cards().values())
    return Picture(figure, f"A page to print: equations, usual values and a word on {rules}; "
                   "which rule to take, and what a wrong loss curve says.")  # fmt: skip


def _heading(figure: Figure) -> None:
    says = (
        r"$g = \nabla f(x)$ slope   $\eta$ learning rate   $t$ step, from 1   $v$ velocity   "
        r"$m$ mean of $g$   $s$ sum or mean of $g^2$   $d$ mean of $\Delta^2$   "
        r"$u$ maximum of $\vert g\vert$"
    )
    dots = "● numbers kept for each parameter"
    figure.text(LEFT, 0.962, "Gradient-descent optimizers", size=17, weight="bold", color=INK)
    figure.text(RIGHT, 0.962, dots, size=7.5, color=PALE, ha="right")
    figure.text(LEFT, 0.94, says, size=8, color=PALE)


def _row(figure: Figure, card: Member, bottom: float, height: float, scale: float) -> None:
    """A rule: its name and memory, its equations, a word on it, and its path in a ravine."""
    middle = bottom + height / 2
    high, low = middle + 0.0095 * scale, middle - 0.0105 * scale
    common = {"va": "center", "color": INK}
    _rule(figure, LEFT, RIGHT, bottom + height)
    figure.text(LEFT, high, card.title, size=9.5, weight="bold", **common)
    figure.text(LEFT, low, "●" * card.memory or "no memory", size=7.5, va="center", color=PALE)
    for i, line in enumerate(card.equations):
        apart = scale * (0.02 if len(card.equations) < 3 else 0.0168)
        y = middle + apart * ((len(card.equations) - 1) / 2 - i)
        figure.text(0.222, y, f"${line}$", size=8.5, **common)
    figure.text(0.575, high, card.note, size=7.5, **common)
    figure.text(0.575, low, card.usual, size=7.4, va="center", color=PALE, style="italic")
    _thumbnail(figure.add_axes((0.875, bottom + 0.005, 0.07, height - 0.01)), card)


def _rule(figure: Figure, left: float, right: float, y: float) -> None:
    figure.add_artist(Line2D([left, right], [y, y], color="#BBBBBB", lw=0.6))


def _thumbnail(ax: Axes, card: Member) -> None:
    """The rule's path in a ravine, small."""
    ground = ravine(20)
    path = descend(card.rule, ground, (-7.0, 2.0), steps=30, **card.shown)
    x, y = np.meshgrid(np.linspace(-8, 3, 45), np.linspace(-2.6, 2.6, 45))
    heights = ground(np.stack([x, y], axis=-1))
    ax.contour(x, y, heights, (0.15, 0.8, 2, 4, 7), colors="#C3CDD5", linewidths=0.5)
    ax.plot(*path.points.T, color=card.look.colour, lw=1.1)
    ax.plot(0, 0, "x", color=INK, ms=4, mew=0.9)
    ax.set(xlim=(-8, 3), ylim=(-2.6, 2.6))
    ax.set_axis_off()


def _box(
    figure: Figure,
    left: float,
    width: float,
    title: str,
    entries: Sequence[tuple[str, str]],
    split: float,
) -> None:
    """Pairs (case, advice) in two columns, under a title."""
    top = 0.137
    _rule(figure, left, left + width, top + 0.021)
    figure.text(left, top, title, size=10, weight="bold", color=INK)
    for i, (when, what) in enumerate(entries):
        y = top - 0.018 * (i + 1)
        figure.text(left, y, when, size=7.2, color=INK, weight="bold")
        figure.text(left + split * width, y, what, size=7.2, color=INK)
