"""``memory``: what a sum and a running mean of squared gradients remember."""

from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib import theory
from course_lib.labs.controls import control_for, says_html, step_slider
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure, shade, theme

STEPS, DROP = 100, 30  # |g| is LARGE up to step DROP, then SMALL
LARGE, SMALL = 1.0, 0.1
ROOTS = (0.01, 40)  # of the axis of √s
ERA_COLOURS = {"large": "#3B4A57", "small": "#A9BAC7"}


class Memory(Panel):
    """What s is made of: the weight of each past gradient times its square.

    The gradients are 1 in the first 30 steps and 0.1 in those after. Left, at step t, the weight of
    each past gradient as a line, against that of the newest one: βᵏ for the running mean, 1 for the
    sum. Under it, filled, weight × g² for the mean: the parts that s is made of. Right, what that
    makes of √s from step to step.

    ``weights`` are those of the running mean at t, the newest first.
    """

    def __init__(self, beta: float = 0.9, t: int = 50):
        slider = control_for("beta", beta)
        steps = step_slider("step t", t, 1, STEPS)
        self.controls: dict[str, widgets.Widget] = {"beta": slider, "t": steps}
        self.assemble()

    def _draw(self) -> LiveFigure:
        mean, total = (
            {"color": look.colour, "ls": look.line, "lw": 2.2}
            for look in (look_of("rmsprop"), look_of("adagrad"))
        )
        with rc_context(STYLE):
            figure, (now, course) = new_figure()
            now.set(xlim=(-2, STEPS), ylim=(0, 1.5), yticks=np.arange(0, 1.1, 0.25))
            now.set(xlabel="k, steps ago (the newest: 0)", ylabel="weight; filled: weight × g²")
            self._bars = {
                era: now.stairs([], [0], fill=True, color=shade(colour), label=f"g was {size:g}")
                for (era, colour), size in zip(ERA_COLOURS.items(), (LARGE, SMALL), strict=True)
            }
            (self._curve,) = now.plot([], [], **mean, label="RMSProp: βᵏ")
            (self._flat,) = now.plot([], [], **total, label="AdaGrad: 1")
            spot = {"mec": theme().paper, "ls": "none", "clip_on": False, "in_layout": False}
            (self._half,) = now.plot(
                [], [], "o", color=theme().signal, ms=11, label="half-life", **spot
            )
            (self._mean,) = now.plot([], [], "D", color=theme().ink, ms=7, label="mean age", **spot)
            now.legend(loc="upper center", ncols=3)
            self._title = now.set_title("M")

            steps = np.arange(1, STEPS + 1)
            course.set(xlim=(0, STEPS), xlabel="step t", ylabel="√s", yscale="log", ylim=ROOTS)
            course.grid(True)
            dark = shade(ERA_COLOURS["large"])
            course.step(steps, _sizes(STEPS), where="mid", color=dark, lw=1.2, label="|g|")
            course.plot(steps, np.sqrt(np.cumsum(_sizes(STEPS) ** 2)), **total, label="AdaGrad")
            (self._root,) = course.plot([], [], **mean, label="RMSProp")
            (self._cursor,) = course.plot([], [], color=theme().faint, lw=1, ls=":")
            course.legend(loc="upper center", ncols=3)
            course.set_title("The sum stays; the mean follows")
        moving = [*self._bars.values(), self._curve, self._flat, self._half, self._mean]
        return LiveFigure(figure, [*moving, self._root, self._cursor, self._title])

    def update(self, change: object = None) -> None:
        """Show the memory at the β and t of the sliders."""
        beta, t = self.controls["beta"].value, self.controls["t"].value
        relative = beta ** np.arange(STEPS, dtype=float)
        self.weights = (1 - beta) * relative[:t]
        since = min(max(t - DROP, 0), t)  # steps with a small gradient, the newest ones
        edges = np.arange(t + 1) - 0.5
        parts = relative[:t] * _sizes(t)[::-1] ** 2
        self._bars["small"].set_data(parts[:since], edges[: since + 1])
        self._bars["large"].set_data(parts[since:], edges[since:])
        self._curve.set_data(np.arange(STEPS), relative)
        self._flat.set_data([-0.5, t - 0.5], [1, 1])
        for spot, age in (
            (self._half, theory.half_life(beta)),
            (self._mean, theory.mean_age(beta)),
        ):
            spot.set_data([age], [beta**age])
            spot.set_visible(age <= STEPS)
        self._root.set_data(np.arange(1, STEPS + 1), np.sqrt(_running_mean(beta)))
        self._cursor.set_data([t, t], ROOTS)
        self._title.set_text(f"What s remembers at t = {t}, with β = {beta:.6g}")
        self.figure.redraw()
        self._said = self._sentences(beta, t, since)
        self.readout.value = says_html(*map(escape, self._said))

    def _sentences(self, beta: float, t: int, since: int) -> list[str]:
        squares = _sizes(t)[::-1] ** 2
        parts = {"RMSProp": self.weights * squares, "AdaGrad": squares}
        large = {rule: part[since:].sum() / part.sum() for rule, part in parts.items()}
        step = {rule: np.sqrt(squares[0] / part.sum()) for rule, part in parts.items()}
        half, age, counted = (
            f"{round(float(steps), 1):.6g}"
            for steps in (theory.half_life(beta), theory.mean_age(beta), theory.mean_age(beta, 1))
        )
        return [
            f"β = {beta:.6g}: half-life {half}, mean age {age} steps; or {counted}, if the newest "
            "gradient counts as one step old.",
            f"At t = {t} the large gradients make up {large['RMSProp']:.0%} of RMSProp's s and "
            f"{large['AdaGrad']:.0%} of AdaGrad's; the step is {step['RMSProp']:.2g} η with "
            f"RMSProp, {step['AdaGrad']:.2g} η with AdaGrad.",
        ]

    @property
    def says(self) -> str:
        return "Past gradients in s, by weight and by weight × g². " + " ".join(self._said)


memory = Memory


def _sizes(steps: int) -> np.ndarray:
    """(steps,), |g| in each step, the first first."""
    return np.where(np.arange(steps) < DROP, LARGE, SMALL)


def _running_mean(beta: float) -> np.ndarray:
    """(STEPS,), s after each step of s ← βs + (1 − β)g², from s = 0."""
    s, seen = 0.0, []
    for g in _sizes(STEPS):
        s = beta * s + (1 - beta) * g**2
        seen.append(s)
    return np.array(seen)
