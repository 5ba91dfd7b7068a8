"""``unit_balls``: which step of length 1 goes down fastest depends on what is called a length."""

from collections.abc import Callable, Mapping
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib.labs.controls import WIDE, says_html
from course_lib.labs.slider import LogSlider
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure, theme
from course_lib.pictures.touch import Point

WINDOW = 1.75  # the panels go up to this
LONGEST = 1.6  # gradients are not longer, so that their tips can be seen


def on_a_circle(g: np.ndarray, ratio: float = 1.0) -> np.ndarray:
    """−g/|g|: the step of gradient descent."""
    return -g / np.linalg.norm(g)


def on_an_ellipse(g: np.ndarray, ratio: float = 4.0) -> np.ndarray:
    """−D⁻¹g on the ellipse ΔᵀDΔ = 1, D = diag(√s) with √s₁/√s₂ = ratio and √s₁ √s₂ = 1."""
    root = np.array([np.sqrt(ratio), 1 / np.sqrt(ratio)])
    return -g / root / np.sqrt(np.sum(g**2 / root))


def on_a_square(g: np.ndarray, ratio: float = 1.0) -> np.ndarray:
    """−sign g, where no coordinate is larger than 1."""
    return -np.sign(g)


def on_a_spectral_ball(g: np.ndarray, ratio: float = 1.0) -> np.ndarray:
    """−U Vᵀ of the matrix [[g₁, g₂], [g₂, g₁]], as (a, b) of [[a, b], [b, a]].

    Its strengths are |a + b| along (1, 1) and |a − b| along (1, −1); none is larger than 1.
    """
    along, across = np.sign(g[0] + g[1]), np.sign(g[0] - g[1])
    return -np.array([along + across, along - across]) / 2


def strengths(step: np.ndarray) -> tuple[float, float]:
    """The singular values of the matrix [[a, b], [b, a]], the larger first."""
    a, b = step
    return abs(a) + abs(b), abs(abs(a) - abs(b))


BALLS: Mapping[str, tuple[str, str, Callable]] = {  # by shape: who steps so, in whose colour, how
    "circle": ("Gradient descent", "gradient_descent", on_a_circle),
    "ellipse": ("RMSProp, Adam", "rmsprop", on_an_ellipse),
    "square": ("Lion, signs", "lion", on_a_square),
    "spectral": ("Muon", "muon", on_a_spectral_ball),
}


class UnitBalls(Panel):
    """Four unit balls, and on each the step that goes down fastest for one gradient.

    gradient: (g₁, g₂), the grey arrow; it can be dragged in each panel
    ratio:    √s₁/√s₂ of the ellipse

    Each panel shows the matrices [[a, b], [b, a]] by their entries a and b. The line through the
    tip of a step is a line of equal gain: the ball lies on one side of it. ``steps`` are the steps
    by shape.
    """

    def __init__(self, gradient: tuple[float, float] = (-1.2, -0.5), ratio: float = 4.0):
        self.gradient = np.array(gradient, dtype=float)
        self.controls: dict[str, widgets.Widget] = {
            "ratio": LogSlider(
                ratio, min=-1, max=1, step=0.02, description="√s₁ / √s₂ of the ellipse", **WIDE
            )
        }
        self.controls["ratio"].style.description_width = "170px"
        self.assemble()

    def _draw(self) -> LiveFigure:
        self._lines, self._told, moving, areas = {}, {}, [], []
        with rc_context(STYLE):
            figure, panels = new_figure(4, width=10.4, height=3.15, sharey=True)
            for ax, (shape, (who, rule, _)) in zip(panels, BALLS.items(), strict=True):
                colour = look_of(rule).colour
                ax.set(xlim=(-WINDOW, WINDOW), ylim=(-WINDOW, WINDOW), aspect="equal")
                ax.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1), xlabel="a, on the diagonal")
                ax.axhline(0, color=theme().faint, lw=0.6)
                ax.axvline(0, color=theme().faint, lw=0.6)
                ax.set_title(who, color=colour, fontsize=11)
                (ball,) = ax.plot([], [], color=colour, lw=2)
                (gain,) = ax.plot([], [], color=theme().soft, lw=1, ls=(0, (4, 3)))
                (slope,) = ax.plot([], [], color=theme().faint, lw=3)
                (step,) = ax.plot([], [], color=colour, lw=3.5, solid_capstyle="round")
                (tip,) = ax.plot([], [], "o", color=colour, ms=8, mec=theme().paper, zorder=4)
                told = ax.text(0, -WINDOW + 0.1, "M", ha="center", va="bottom", fontsize=9)
                told.set_bbox({"fc": theme().paper, "ec": "none", "alpha": 0.8, "pad": 1})
                self._lines[shape] = (ball, gain, slope, step, tip)
                self._told[shape] = told
                moving += [ball, gain, slope, step, tip, told]
                areas.append(
                    Point(ax, f"gradient, {shape}", lambda: tuple(self.gradient), self.take)
                )
            for ax, words in zip(
                panels, ("thick grey: gradient", "dashed: equal gain"), strict=False
            ):
                ax.text(
                    -WINDOW + 0.1, WINDOW - 0.1, words, va="top", fontsize=9, color=theme().soft
                )
            panels[0].set_ylabel("b, beside it")
        return LiveFigure(figure, moving, areas=areas)

    def take(self, g1: float, g2: float) -> None:
        """Show the steps for another gradient; one that is 0 is none."""
        g = np.round(np.array([g1, g2], dtype=float), 2)
        length = np.linalg.norm(g)
        if length > 0:
            self.gradient = g * min(1.0, LONGEST / length)
            self.update()

    @property
    def steps(self) -> dict[str, np.ndarray]:
        """By shape, (2,): the step of length 1 that goes down fastest."""
        ratio = self.controls["ratio"].value
        return {shape: step(self.gradient, ratio) for shape, (_, _, step) in BALLS.items()}

    def update(self, change: object = None) -> None:
        """Show the steps for the gradient and the slider as they stand."""
        ratio, g = self.controls["ratio"].value, self.gradient
        angle = np.linspace(0, 2 * np.pi, 721)
        around = np.column_stack([np.cos(angle), np.sin(angle)])
        along = np.array([-g[1], g[0]]) / np.linalg.norm(g)
        for shape, step in self.steps.items():
            ball, gain, slope, arrow, tip = self._lines[shape]
            ball.set_data(*outline(shape, around, ratio).T)
            gain.set_data(*(step + np.array([[-4], [4]]) * along).T)
            slope.set_data([0, g[0]], [0, g[1]])
            arrow.set_data([0, step[0]], [0, step[1]])
            tip.set_data([step[0]], [step[1]])
            more, less = strengths(step)
            self._told[shape].set_text(f"strengths {more:.2f} and {less:.2f}")
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _sentences(self) -> list[str]:
        told = []
        for shape, step in self.steps.items():
            more, less = strengths(step)
            a, b = (round(float(c), 2) + 0.0 for c in step)
            told.append(f"{BALLS[shape][0]} ({a:g}, {b:g}), strengths {more:.2f} and {less:.2f}")
        g1, g2 = self.gradient
        return [
            f"The gradient is ({g1:.2g}, {g2:.2g}). The step of length 1 that goes down fastest: "
            + "; ".join(told) + "."
        ]  # fmt: skip

    @property
    def says(self) -> str:
        return " ".join(self._sentences())


def outline(shape: str, around: np.ndarray, ratio: float) -> np.ndarray:
    """(n, 2): the edge of a ball in the directions ``around``, (n, 2), of length 1."""
    root = np.array([np.sqrt(ratio), 1 / np.sqrt(ratio)])
    sizes = {
        "circle": np.linalg.norm(around, axis=1),
        "ellipse": np.sqrt(np.sum(root * around**2, axis=1)),
        "square": np.abs(around).max(axis=1),
        "spectral": np.abs(around).sum(axis=1),
    }
    return around / sizes[shape][:, np.newaxis]


unit_balls = UnitBalls
