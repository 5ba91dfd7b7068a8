"""``predict``: the reader commits to an answer before anything is shown."""

from collections.abc import Callable, Mapping
from html import escape

import ipywidgets as widgets

from course_lib.labs.controls import says_html
from course_lib.labs.question import (
    NumberEntry,
    as_html,
    choice_buttons,
    folded,
    question_html,
    stored_html,
)
from course_lib.pictures.live import Panel
from course_lib.pictures.picture import Picture

OPEN = "course-open-question"  # the front end covers what follows a panel of this class


class Prediction(Panel):
    """Ask before showing: nothing is computed or revealed until the reader has committed.

    Where the course's front end runs, what follows is covered until then, to the end of the next
    section: nothing gives the answer away. Whoever does not want to guess skips the question.

    choices: each choice with the feedback it gets; or
    number:  (lowest, highest) for an answer that is a number, right if off by at most ``within``
    answer:  called after the reader has answered; runs the experiment and returns the right
             choice or number
    reveal:  called after the answer; returns a picture or panel to show
    why:     the explanation, shown after the answer

    ``state`` is "open" until ``submit`` makes it "answered", or ``skip`` "skipped".
    """

    def __init__(
        self,
        question: str,
        choices: Mapping[str, str] | None = None,
        answer: Callable[[], object] | None = None,
        number: tuple[float, float] | None = None,
        within: float = 0.0,
        reveal: Callable[[], object] | None = None,
        why: str = "",
    ):
        if (not choices) == (number is None):
            raise ValueError("predict needs either choices={…} or number=(lowest, highest)")
        if number is not None and not number[0] < number[1]:
            raise ValueError(f"number must be (lowest, highest), got {number}")
        if not callable(answer):
            raise TypeError("answer must be a function that runs the experiment")
        self.question, self.feedback = question, dict(choices or {})
        self._answer, self._reveal, self._within, self._why = answer, reveal, within, why
        self.state, self.right = "open", None
        self.entry = choice_buttons(choices) if choices else NumberEntry(*number)
        self.button = widgets.Button(
            description="Commit", button_style="primary", disabled=True,
            tooltip="Then the experiment runs",
        )  # fmt: skip
        self.pass_by = widgets.Button(
            description="Skip", tooltip="Run the experiment without a guess"
        )
        self.entry.observe(self._ready, "value")
        self.button.on_click(lambda _: self.submit())
        self.pass_by.on_click(lambda _: self.skip())
        self.readout, self.shown = widgets.HTML(), widgets.VBox()
        ask, buttons = (
            question_html("Predict.", question),
            widgets.HBox([self.button, self.pass_by]),
        )
        super().__init__([ask, self.entry, buttons, self.readout, self.shown])
        self.add_class(OPEN)

    def _ready(self, change: object) -> None:
        self.button.disabled = self.state != "open" or not self.entry.value

    def submit(self) -> None:
        """Commit to the answer as it stands: run the experiment, give feedback, reveal."""
        if self.state != "open":
            return
        given, ask = (self.entry.value, "Choose an answer first.") if self.feedback else (
            self.entry.read()
        )  # fmt: skip
        if given is None:
            self.readout.value = says_html(ask)
            return
        truth = self._truth()
        if self.feedback:
            self.right = given == truth
            told = [as_html(self.feedback[given])]
            if not self.right:
                told.append(as_html(f"What happens: {truth.rstrip('.')}. {self.feedback[truth]}"))
        else:
            self.right = abs(given - truth) <= self._within
            told = [f"You said {given:g}; the experiment says {truth:g}.", self._line(given, truth)]
        mark = "✔ Right." if self.right else "✘ Not so."
        self._end("answered", f"<b>{mark}</b> {told[0]}", *told[1:])

    def skip(self) -> None:
        """Run the experiment and reveal it without a guess."""
        if self.state != "open":
            return
        truth = self._truth()
        happens = f"{truth.rstrip('.')}. {self.feedback[truth]}" if self.feedback else f"{truth:g}."
        self._end("skipped", as_html(f"What happens: {happens}"))

    def _truth(self) -> object:
        truth = self._answer()
        if self.feedback and truth not in self.feedback:
            raise ValueError(f"answer must be one of the choices, got {truth!r}")
        return truth

    def _end(self, state: str, *told: str) -> None:
        self.state = state
        self.entry.disabled = self.button.disabled = self.pass_by.disabled = True
        self.readout.value = says_html(*told, as_html(self._why))
        if self._reveal is not None:
            self.shown.children = [_as_widget(self._reveal())]
        self.remove_class(OPEN)

    def _line(self, given: float, truth: float) -> str:
        """The guess and the truth as marks on a line from the lowest number to the highest."""
        low, high = self.entry.low, self.entry.high

        def mark(number: float, sign: str, name: str, colour: str) -> str:
            at = 100 * min(max((number - low) / (high - low), 0), 1)
            return (
                f'<span style="position:absolute; left:{at:.1f}%; transform:translateX(-50%);'
                f' color:{colour}; white-space:nowrap; line-height:1.1; text-align:center">'
                f"{name}<br>{sign}</span>"
            )

        return (
            '<div aria-hidden="true" style="position:relative; height:84px; margin:6px 40px;'
            ' max-width:480px; font-size:13px">'
            f"{mark(truth, '▼', f'experiment {truth:g}', 'var(--jp-success-color1, #0a7d33)')}"
            '<div style="position:absolute; top:34px; width:100%; height:4px; border-radius:2px;'
            ' background:var(--jp-border-color1, #bbb)"></div>'
            '<div style="position:absolute; top:40px; width:100%">'
            f"{mark(given, '', f'▲<br>you {given:g}', 'var(--jp-brand-color1, #1f5fa8)')}"
            "</div></div>"
        )

    @property
    def says(self) -> str:
        options = "".join(f"\n  ( ) {choice}" for choice in self.feedback) or "\n  (a number)"
        return f"Predict. {self.question}{options}"

    @property
    def html(self) -> str:
        """The question for a page where no kernel runs. Nothing is computed for it."""
        parts = [folded(choice, feedback) for choice, feedback in self.feedback.items()]
        if self._why:
            parts.append(folded("What happens, and why" if not parts else "Why", self._why))
        return stored_html("Predict.", self.question, *parts)


predict = Prediction


def _as_widget(shown: object) -> widgets.Widget:
    if isinstance(shown, Picture):
        data, notes = shown._repr_mimebundle_()
        return widgets.HTML(
            f'<img src="data:image/png;base64,{data["image/png"]}" alt="{escape(shown.alt)}" '
            f'width="{notes["image/png"]["width"]}" style="max-width: 100%">'
        )
    return shown if isinstance(shown, widgets.Widget) else widgets.HTML(escape(str(shown)))
