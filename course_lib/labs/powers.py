"""``powers``: what a power p does to the size of two gradients, and to a divisor after a spike."""

from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib.labs.controls import BETAS, LABELS, WIDE, says_html
from course_lib.labs.slider import LogSlider, Slider
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure, theme
from course_lib.pictures.touch import Point
from course_lib.wording import in_words

BETA1 = 0.9
AFTER = 5000  # steps that are shown after the spike
WINDOW = 1.35  # the gradients on the left go up to this
POWERS, DECAYS = (2, 256), (0.5, 0.999)
SPIKES = (1, 1000)  # in usual gradients


def size_of(gradients: np.ndarray, p: float) -> np.ndarray:
    """The p-norm (Σ |g|ᵖ)^(1/p) over the last axis; for p = ∞ the largest |g|."""
    top = np.abs(gradients).max(axis=-1)
    if np.isinf(p):
        return top
    return top * np.sum((np.abs(gradients) / top[..., np.newaxis]) ** p, axis=-1) ** (1 / p)


def divisor_after(k: np.ndarray, spike: float, p: float, beta2: float) -> np.ndarray:
    """The divisor k steps after a spike; before it all gradients had the size 1, for ever.

    u = (1 + β₂^{pk} (1 − β₂ᵖ) (Sᵖ − 1))^(1/p), and max(β₂ᵏ S, 1) for p = ∞: a size fades by β₂ per
    step, whatever p is. With p = 2 it is the √ŝ of an Adam that has β₂² for its own β₂.
    """
    log_spike, log_fade = np.log(spike), np.log(beta2)
    if np.isinf(p):
        after = np.maximum(log_spike + k * log_fade, 0.0)
    else:
        with np.errstate(divide="ignore"):  # a spike of 1 is none
            extra = p * log_spike + np.log(-np.expm1(-p * log_spike))
        after = np.logaddexp(0, np.log(-np.expm1(p * log_fade)) + p * k * log_fade + extra) / p
    return np.where(k < 0, 1.0, np.exp(after))


class Powers(Panel):
    """Two gradients of one size, and the divisor after a spike, for each power p.

    Left: all pairs of gradients whose size (|g₁|ᵖ + |g₂|ᵖ)^(1/p) is that of the ringed pair, which
    can be moved. Right: all gradients have the size 1, and at 0 comes one ``spike`` times as large;
    its height can be moved. The divisor is the p-th root of a running mean of p-th powers,
    in which a size fades by β₂ per step. Adam (p = 2) and AdaMax (p = ∞) are drawn beside.

    ``throw`` is how far the spike moves the walker in all, in η, with β₁ = 0.9; ``slow`` for how
    many steps the divisor is more than twice what it was.
    """

    def __init__(self, p: float = 4.0, beta2: float = 0.999, spike: float = 100.0):
        for name, given, (low, high) in (
            ("p", p, POWERS), ("beta2", beta2, DECAYS), ("spike", spike, SPIKES)
        ):  # fmt: skip
            if not low <= given <= high:
                raise ValueError(f"{name} must be from {low} to {high}, got {given!r}")
        self.pair = (0.8, 0.6)
        betas = BETAS[(BETAS >= DECAYS[0]) & (BETAS <= DECAYS[1] + 1e-9)].tolist()
        self.controls: dict[str, widgets.Widget] = {
            "p": LogSlider(p, min=np.log10(POWERS[0]), max=np.log10(POWERS[1]),
                           step=np.log10(2) / 20, description="power p", **WIDE),
            "beta2": Slider(beta2, grid=betas, min=betas[0], max=betas[-1],
                            description=LABELS["beta2"], **WIDE),
            "spike": LogSlider(spike, min=0, max=3, step=0.05, description="spike", **WIDE),
        }  # fmt: skip
        self.assemble()

    def _draw(self) -> LiveFigure:
        adam, adamax = (
            {"color": look.colour, "ls": look.line, "lw": 1.3}
            for look in (look_of("adam"), look_of("adamax"))
        )
        ours = {"color": look_of("power p").colour, "lw": 2.6}
        with rc_context(STYLE):
            figure, (pairs, course) = new_figure(width_ratios=[1, 1.55])
            pairs.set(xlim=(-WINDOW, WINDOW), ylim=(-WINDOW, WINDOW), aspect="equal")
            pairs.set(xlabel="one gradient, g₁", ylabel="another one, g₂")
            pairs.axhline(0, color=theme().faint, lw=0.8)
            pairs.axvline(0, color=theme().faint, lw=0.8)
            self._balls = [pairs.plot([], [], **look)[0] for look in (adam, adamax, ours)]
            (self._pair,) = pairs.plot([], [], "o", color=theme().signal, ms=8, mec=theme().paper)
            self._size = pairs.set_title("M")

            course.set(xlim=(-300, AFTER), yscale="log", ylim=(0.6, 2e3))
            course.set(xlabel="steps since the spike", ylabel="divisor")
            course.grid(True)
            labels = ("p = 2: Adam", "p = ∞: AdaMax", "p of the slider")
            self._lines = [
                course.plot([], [], label=label, **look)[0]
                for label, look in zip(labels, (adam, adamax, ours), strict=True)
            ]
            (self._stem,) = course.plot([], [], color=theme().faint, lw=1.2, ls=(0, (1, 1.6)))
            (self._spike,) = course.plot([], [], "o", color=theme().signal, ms=8,
                                         mec=theme().paper, ls="", label="the spike")  # fmt: skip
            course.legend(loc="upper right")
            self._cost = course.set_title("M")
        areas = [
            Point(pairs, "pair of gradients", lambda: self.pair, self.take_pair),
            Point(course, "spike", lambda: (0.0, self.controls["spike"].value), self._take_spike),
        ]
        moving = [*self._balls, self._pair, *self._lines, self._stem, self._spike]
        return LiveFigure(figure, [*moving, self._size, self._cost], areas=areas)

    def take_pair(self, g1: float, g2: float) -> None:
        """Show the size of another pair of gradients."""
        one, other = (round(float(np.clip(g, -1.3, 1.3)), 2) for g in (g1, g2))
        if one or other:
            self.pair = (one, other)
            self.update()

    def _take_spike(self, _: float, height: float) -> None:
        self.controls["spike"].value = float(f"{np.clip(height, *SPIKES):.3g}")

    @property
    def throw(self) -> float:
        """Σ (1 − β₁) β₁ᵏ S / uₖ: what the spike adds to the mean in each step, over the divisor."""
        p, beta2, spike = self.settings
        k = np.arange(400)
        return float(np.sum((1 - BETA1) * BETA1**k * spike / divisor_after(k, spike, p, beta2)))

    @property
    def slow(self) -> int:
        p, beta2, spike = self.settings
        most = int(np.log(max(spike, 2)) / -np.log(beta2)) + 2  # of p = ∞, the longest
        return int(np.sum(divisor_after(np.arange(most), spike, p, beta2) > 2))

    @property
    def settings(self) -> tuple[float, float, float]:
        """p, β₂ and the spike, as the sliders stand."""
        return tuple(self.controls[name].value for name in ("p", "beta2", "spike"))

    def update(self, change: object = None) -> None:
        """Show the power, the decay and the spike of the sliders."""
        p, beta2, spike = self.settings
        angle = np.linspace(0, 2 * np.pi, 721)
        around = np.column_stack([np.cos(angle), np.sin(angle)])
        k = np.concatenate([[-300, -1], np.arange(0, AFTER + 1, 5)])
        for power, ball, line in zip((2, np.inf, p), self._balls, self._lines, strict=True):
            size = size_of(np.array(self.pair), power)
            ball.set_data(*(size * around / size_of(around, power)[:, np.newaxis]).T)
            line.set_data(k, divisor_after(k, spike, power, beta2))
        self._pair.set_data(*([g] for g in self.pair))
        self._stem.set_data([0, 0], [1, spike])
        self._spike.set_data([0], [spike])
        size = size_of(np.array(self.pair), p)
        self._size.set_text(f"size with p = {p:.3g}: {size:.3g}")
        self._cost.set_text(f"thrown by {_short(self.throw)} η, slow for {self.slow} steps")
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _sentences(self) -> list[str]:
        p, beta2, spike = self.settings
        pair = "({:g}, {:g})".format(*self.pair)
        two, most = (f"{size_of(np.array(self.pair), power):.3g}" for power in (2, np.inf))
        size = f"{size_of(np.array(self.pair), p):.3g}"
        return [
            f"The gradients {pair} have together the size {size} with p = {p:.3g}; {two} with "
            f"p = 2, {most} with p = ∞.",
            f"A spike of {in_words(spike)}, β₂ = {beta2:.6g}: it throws the walker by "
            f"{_short(self.throw)} η in all, and for {self.slow} steps the divisor is more than "
            "twice what it was.",
        ]

    @property
    def says(self) -> str:
        return " ".join(self._sentences())


def _short(number: float) -> str:
    return f"{number:.2g}" if number < 10 else f"{number:.0f}"


powers = Powers
