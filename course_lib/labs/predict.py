"""``predict``: the reader commits to an answer before anything is shown."""

from collections.abc import Callable, Mapping
from html import escape

import ipywidgets as widgets

from course_lib.labs.controls import says_html
from course_lib.labs.question import as_html, choice_buttons, folded, question_html, stored_html
from course_lib.pictures.live import Panel
from course_lib.pictures.picture import Picture


class Prediction(Panel):
    """Ask before showing: nothing is computed or revealed until the reader has committed.

    choices: each choice with the feedback it gets; or
    number:  (lowest, highest) for an answer that is a number, right if off by at most ``within``
    answer:  called after the reader has answered; runs the experiment and returns the right
             choice or number
    reveal:  called after the answer; returns a picture or panel to show
    why:     the explanation, shown after the answer

    ``state`` is "open" until ``submit`` makes it "answered".
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
        if choices is None:
            low, high = number
            self.entry = widgets.BoundedFloatText(
                value=low, min=low, max=high, description="your number:",
                style={"description_width": "initial"},
            )  # fmt: skip
        else:
            self.entry = choice_buttons(choices)
        self.button = widgets.Button(
            description="Commit", button_style="primary", disabled=choices is not None
        )
        self.entry.observe(self._ready, "value")
        self.button.on_click(lambda _: self.submit())
        self.readout, self.shown = widgets.HTML(), widgets.VBox()
        ask = question_html("Predict.", question)
        super().__init__([ask, self.entry, self.button, self.readout, self.shown])

    def _ready(self, change: object) -> None:
        self.button.disabled = self.state == "answered" or self.entry.value is None

    def submit(self) -> None:
        """Commit to the answer as it stands: run the experiment, give feedback, reveal."""
        if self.state == "answered":
            return
        given = self.entry.value
        if given is None:
            self.readout.value = says_html("Choose an answer first.")
            return
        truth = self._answer()
        if self.feedback and truth not in self.feedback:
            raise ValueError(f"answer must be one of the choices, got {truth!r}")
        self.state = "answered"
        self.entry.disabled = self.button.disabled = True
        if self.feedback:
            self.right = given == truth
            told = [self.feedback[given]]
            if not self.right:
                told.append(f"What happens: {truth.rstrip('.')}. {self.feedback[truth]}")
        else:
            self.right = abs(given - truth) <= self._within
            told = [f"You said {given:g}; the experiment says {truth:g}."]
        mark = "✔ Right." if self.right else "✘ Not so."
        self.readout.value = says_html(f"<b>{mark}</b> {as_html(told[0])}",
                                       *map(as_html, told[1:]), as_html(self._why))  # fmt: skip
        if self._reveal is not None:
            self.shown.children = [_as_widget(self._reveal())]

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
