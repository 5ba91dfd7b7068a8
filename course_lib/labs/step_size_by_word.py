"""``step_size_by_word``: how often a word has been seen, its step size, and what it has learned."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context

from course_lib.descent import dissect, step_sizes
from course_lib.family import title_of
from course_lib.labs.controls import control_for, says_html, step_slider
from course_lib.landscapes import Landscape
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import STYLE, look_of, new_figure, theme
from course_lib.validation import Rule, rule_name
from course_lib.wording import in_words

REACH = (0.03, 3.0)  # of the axis of step sizes
BAR = 0.38  # height of a bar, in rows


class StepSizeByWord(Panel):
    """Words, each a coordinate, after t steps: left their step sizes, right what is still missing.

    Left a marker for each word and rule: the share of the texts that have the word, and the factor
    that its gradient is multiplied by. Right the distance of its weight from the best one.

    on:    ``least_squares(…, batch=8)``; a feature is 1 where a text has the word, and else 0
    words: the names of its coordinates, the word that is seen most often first
    rules: pairs (rule, its hyperparameters with ``lr``); the dashed line is for the first one. All
           rules see the same batches

    ``seen`` (steps, words) says in how many batches each word was; ``sizes`` and ``missing`` are,
    for each rule, the step sizes and the distances after each step, (steps, words).
    """

    def __init__(
        self,
        on: Landscape,
        words: Sequence[str],
        rules: Sequence[tuple[Rule, Mapping[str, float]]],
        steps: int = 400,
        t: int = 100,
    ):
        if len(words) != on.dim:
            raise ValueError(f"words must name the {on.dim} coordinates, got {len(words)} names")
        self.landscape, self.words, self.rules, self.steps = on, tuple(words), tuple(rules), steps
        self.names = [rule_name(rule) for rule, _ in rules]
        self.controls: dict[str, widgets.Widget] = {"t": step_slider("step t", t, 1, steps)}
        for name, (_, settings) in zip(self.names, self.rules, strict=True):
            slider = self.controls[f"lr, {name}"] = control_for("lr", settings["lr"])
            slider.description = f"η, {title_of(name)}"
        self.assemble()

    def _draw(self) -> LiveFigure:
        rows = np.arange(len(self.words))
        with rc_context(STYLE):
            figure, (left, right) = new_figure(height=4.2)
            shares = np.diag(self.landscape.hessian)  # the mean of 1² and 0²
            left.set(xscale="log", yscale="log", xlim=(0.7 * shares.min(), 1.4), ylim=REACH)
            left.set(xlabel="share of the texts that have the word", ylabel="step size of the word")
            left.set_title("Rare words keep large steps")
            left.grid(True)
            guide = {"color": theme().soft, "ls": (0, (4, 3)), "lw": 1.2}
            (self._guide,) = left.plot([], [], **guide, label="by counting: 1/√share")
            self._shares = shares
            self._dots, self._bars = [], []
            for i, name in enumerate(self.names):
                look, shift = look_of(name, i), (i - (len(self.names) - 1) / 2) * BAR
                fill = {"color": look.colour, "label": title_of(name)}
                style = {"marker": look.marker, "ms": 8, "mec": theme().paper, "ls": "none"}
                self._dots += left.plot([], [], **style, **fill)
                self._bars.append(right.barh(rows + shift, 0 * rows, height=BAR, **fill))
            over = left.secondary_xaxis("top")
            over.set_xticks(shares, self.words, size=8)
            over.tick_params(which="both", length=0)
            over.minorticks_off()
            for share in shares:
                left.axvline(share, color=theme().faint, lw=0.6, ls=":")
            left.legend(loc="lower left")
            top = 1.1 * np.abs(np.subtract(self.landscape.start, self.landscape.minima[0])).max()
            right.set(yticks=rows, yticklabels=self.words, ylim=(len(rows) - 0.4, -0.6))
            right.set(xlim=(0, top), xlabel="still missing: |weight − best weight|")
            right.legend(loc="lower right" if len(self.names) < 2 else "upper right")
            self._title = right.set_title("M")
        bars = [bar for container in self._bars for bar in container]
        return LiveFigure(figure, [*bars, self._guide, *self._dots, self._title])

    def _run(self) -> None:
        best, self.sizes, self.missing = np.array(self.landscape.minima[0]), {}, {}
        for name, (rule, settings) in zip(self.names, self.rules, strict=True):
            chosen = {**settings, "lr": self.controls[f"lr, {name}"].value}
            path, taken = dissect(rule, self.landscape, steps=self.steps, **chosen)
            self.sizes[name] = step_sizes(rule, self.landscape, steps=self.steps, **chosen)
            self.missing[name] = np.abs(path.points[1:] - best)
            self.seen = np.cumsum([step.gradients[0][1] != 0 for step in taken], axis=0)

    def update(self, change: object = None) -> None:
        """Run the rules with the η of the sliders, and show step t."""
        if change is None or change["owner"] is not self.controls["t"]:
            self._run()
        t = self.controls["t"].value
        seen = self.seen[min(t, len(self.seen)) - 1]
        for name, dots, bars in zip(self.names, self._dots, self._bars, strict=True):
            at = min(t, len(self.sizes[name])) - 1
            dots.set_data(self._shares[seen > 0], self.sizes[name][at][seen > 0])
            for bar, length in zip(bars, self.missing[name][at], strict=True):
                bar.set_width(length)
        first = self.sizes[self.names[0]]
        now = first[min(t, len(first)) - 1]
        self._guide.set_data(self._shares, now[0] * np.sqrt(self._shares[0] / self._shares))
        self._title.set_text(f"After {t} steps")
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences(t)))

    def _sentences(self, t: int) -> list[str]:
        seen = self.seen[min(t, len(self.seen)) - 1]
        told = [f"After {t} steps “{self.words[0]}” was in {seen[0]} batches, "
                f"“{self.words[-1]}” in {seen[-1]}."]  # fmt: skip
        for name in self.names:
            at = min(t, len(self.sizes[name])) - 1
            sizes, missing = self.sizes[name][at], self.missing[name][at]
            told.append(
                f"{title_of(name)}: step sizes {in_words(sizes[0])} and {in_words(sizes[-1])}; "
                f"still missing {missing[0]:.2f} and {missing[-1]:.2f}."
            )
        return told

    @property
    def says(self) -> str:
        return "Step sizes of words by how often they are seen. " + " ".join(
            self._sentences(self.controls["t"].value)
        )


step_size_by_word = StepSizeByWord
