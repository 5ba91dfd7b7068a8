"""``race``: several rules on one landscape at once."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
from matplotlib import rc_context

from course_lib.descent import Rule, descend, hyperparameters_of, in_words
from course_lib.labs.controls import entry_of, row, says_html, step_buttons, step_slider
from course_lib.landscapes import Landscape, landscape_of
from course_lib.live import LiveFigure, Panel
from course_lib.plots import (
    STYLE,
    Trace,
    capitalised,
    draw_ground,
    draw_loss_axes,
    floor_for,
    labels_of,
    legend_place,
    looks_of,
    new_figure,
    title_of,
)


def race(
    rules: Sequence[Rule | tuple[Rule, Mapping[str, float]]],
    on: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 100,
    **hyperparameters: float,
) -> "Race":
    """Several rules on one landscape at once: play, pause, step, scrub.

    rules: rules, or pairs (rule, its own hyperparameters)
    **hyperparameters: for every rule that has one of that name
    """
    return Race(rules, on, start, steps, hyperparameters)


class Race(Panel):
    """The panel of ``race``. ``paths`` are the runs; ``controls["step"]`` is where they stand."""

    def __init__(self, rules, on, start, steps, hyperparameters):
        rules = list(rules)
        if not rules:
            raise ValueError("race needs at least one rule, e.g. race([gradient_descent, adam], …)")
        landscape = landscape_of(on)
        _check_common(rules, hyperparameters)
        self.paths = [
            descend(rule, landscape, start, steps, **settings)
            for rule, settings in (entry_of(entry, hyperparameters) for entry in rules)
        ]
        step = step_slider("step", steps, 0, steps)
        play = widgets.Play(min=0, max=steps, interval=60, show_repeat=False)
        speed = widgets.SelectionSlider(
            options=[("slow", 200), ("normal", 60), ("fast", 20)], value=60, description="speed",
            style={"description_width": "50px"}, layout={"width": "240px"},
        )  # fmt: skip
        widgets.jslink((play, "value"), (step, "value"))
        speed.observe(lambda change: setattr(play, "interval", change.new), "value")
        step.observe(self.update, "value")
        self.controls = {"step": step, "speed": speed}
        self.readout = widgets.HTML()
        figure = self._draw(landscape, steps)
        buttons = row(play, *step_buttons(step), speed)
        super().__init__([figure.image, buttons, step, self.readout], figure)
        self.update()

    def _draw(self, landscape: Landscape, steps: int) -> LiveFigure:
        with rc_context(STYLE):
            figure, (ground, loss) = new_figure()
            draw_ground(ground, landscape)
            draw_loss_axes(loss, landscape, steps, floor_for(self.paths))
            self._traces = [
                Trace(look, ground, loss, label)
                for look, label in zip(looks_of(self.paths), labels_of(self.paths), strict=True)
            ]
            ground.set_title(capitalised(landscape.name))
            self._title = loss.set_title("M")
            loss.legend(loc=legend_place(landscape))
        return LiveFigure(
            figure, [a for trace in self._traces for a in trace.artists] + [self._title]
        )

    def update(self, change: object = None) -> None:
        """Show the runs up to the step of the slider."""
        step = self.controls["step"].value
        for trace, path in zip(self._traces, self.paths, strict=True):
            trace.show(path, step)
        self._title.set_text(f"step {step}")
        self.figure.redraw()
        order = sorted(self.paths, key=lambda path: path.gap[min(step, len(path))])
        ranks = (
            f"{title_of(p.rule)} {in_words(p.gap[min(step, len(p))])}"
            + (f" (diverged at step {p.diverged})" if p.diverged and step >= p.diverged else "")
            for p in order
        )
        self.readout.value = says_html(escape(f"Step {step}, lowest first: " + "; ".join(ranks)))

    @property
    def says(self) -> str:
        return " ".join(path.summary for path in self.paths)


def _check_common(rules: Sequence, common: Mapping[str, float]) -> None:
    entries = (entry[0] if isinstance(entry, tuple) else entry for entry in rules)
    known = sorted({name for rule in entries for name in hyperparameters_of(rule)})
    for name in common:
        if name not in known:
            takes = ", ".join(known)
            raise TypeError(f"no rule here has a hyperparameter {name!r}; they take: {takes}")
