"""``quiz``: a question to check oneself with, to be tried until it is right."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

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
from course_lib.progress_record import miss, record

RIGHT, WRONG = "✔ Right.", "✘ Not so."
Wrong = float | Callable[[], float]


def quiz(
    question: str,
    choices: Mapping[str, str] | None = None,
    answer: Callable[[], object] | None = None,
    number: tuple[float, float] | None = None,
    within: float | None = None,
    hints: Sequence[tuple[Wrong, str]] = (),
    why: str = "",
) -> "Quiz":
    """Ask, and answer each try: a wrong one with its own feedback, and the question stays open.

    choices: each choice with the feedback it gets; or
    number:  (lowest, highest) for an answer that is a number, right if off by at most ``within``
             (a hundredth of the answer unless given)
    answer:  computes the right choice or number
    hints:   for numbers, pairs of a wrong number, or a function that computes it, and the feedback
             for a try that is ``within`` of it
    why:     the explanation, after a right answer
    """
    return Quiz(question, choices, answer, number, within, hints, why)


class Quiz(Panel):
    """The panel of ``quiz``. ``state``: "open", "answered" by a right try, or "shown"."""

    def __init__(
        self,
        question: str,
        choices: Mapping[str, str] | None,
        answer: Callable[[], object] | None,
        number: tuple[float, float] | None,
        within: float | None,
        hints: Sequence[tuple[Wrong, str]],
        why: str,
    ):
        self.question, self.feedback = question, dict(choices or {})
        self._answer, self._number, self._within = answer, number, within
        self._hints, self._why = list(hints), why
        self._check_arguments()
        self.state = "open"
        self.entry = (
            choice_buttons(self.feedback)
            if self.feedback
            else (
                NumberEntry(*self._number, continuous_update=False)  # with Enter, or on leaving
            )
        )
        self.button = widgets.Button(description="Check", button_style="primary")
        self.show = widgets.Button(description="Show the answer")
        self.button.on_click(lambda _: self.submit())
        self.show.on_click(lambda _: self.give_up())
        self.entry.observe(self._changed, "value")
        self.readout = widgets.HTML(says_html())
        ask = question_html("Quiz.", question)
        super().__init__([ask, self.entry, widgets.HBox([self.button, self.show]), self.readout])

    def _check_arguments(self) -> None:
        if (not self.feedback) == (self._number is None):
            raise ValueError("quiz needs either choices={…} or number=(lowest, highest)")
        if self._number is not None and not self._number[0] < self._number[1]:
            raise ValueError(f"number must be (lowest, highest), got {self._number}")
        if self._number is None and self._hints:
            raise ValueError("hints are for numbers; with choices each choice has its feedback")
        if not callable(self._answer):
            raise TypeError("answer must be a function that computes the answer")
        said = list(self.feedback.values()) or [feedback for _, feedback in self._hints]
        if not all(said) or len(set(said)) < len(said):
            raise ValueError("each choice, or each hint, needs a feedback of its own")

    @cached_property
    def truth(self) -> object:
        """The right choice or number, computed when it is first needed."""
        truth = self._answer()
        if self.feedback and truth not in self.feedback:
            raise ValueError(f"answer must be one of the choices, got {truth!r}")
        if not self.feedback and not self._number[0] <= truth <= self._number[1]:
            raise ValueError(f"answer must be in number={self._number}, got {truth}")
        return truth

    @property
    def within(self) -> float:
        """By how much a number may be off."""
        return 0.01 * abs(self.truth) if self._within is None else self._within

    @cached_property
    def known_mistakes(self) -> list[tuple[float, str]]:
        """The wrong numbers that have a feedback of their own, and that feedback."""
        known = [(wrong() if callable(wrong) else wrong, said) for wrong, said in self._hints]
        for wrong, _ in known:
            if abs(wrong - self.truth) <= self.within:
                raise ValueError(f"hints hold {wrong:g}, which counts as right")
        return known

    def submit(self) -> None:
        """Check the answer as it stands; a wrong one may be followed by another."""
        given = self.entry.value
        if not given:
            ask = "Choose an answer first." if self.feedback else "Type a number first."
            self.readout.value = says_html(ask)
            return
        if self.feedback:
            right, told = given == self.truth, self.feedback[given]
        else:
            value, told = self.entry.read()
            if value is None:
                self.readout.value = says_html(told)
                return
            right, told = abs(value - self.truth) <= self.within, self._about(value)
        self.tried(right)
        if right:
            self.readout.value = says_html(f"<b>{RIGHT}</b> {as_html(told)}", as_html(self._why))
        else:
            again = "" if self.state == "answered" else "Try again."
            self.readout.value = says_html(f"<b>{WRONG}</b> {as_html(told)}", again)

    def tried(self, right: bool) -> None:
        """Note how a try went: a question that is missed comes back on another day."""
        if not right and self.state == "open":
            miss(self.question, self.as_record())
        if right and self.state == "open":
            self.state = "answered"
            record("question", self.question)

    def as_record(self) -> dict[str, object]:
        """All that it takes to ask this question again, as JSON has it: see ``from_record``."""
        if self.feedback:
            return {"choices": self.feedback, "answer": self.truth, "why": self._why}
        hints = [[float(wrong), said] for wrong, said in self.known_mistakes]
        return {
            "number": [float(end) for end in self._number], "within": float(self.within),
            "answer": float(self.truth), "hints": hints, "why": self._why,
        }  # fmt: skip

    @classmethod
    def from_record(cls, question: str, record: Mapping[str, object]) -> "Quiz":
        """The same question, from what ``as_record`` gave."""
        answer = record["answer"]
        return cls(
            question, record.get("choices"), lambda: answer, record.get("number"),
            record.get("within"), record.get("hints", ()), record.get("why", ""),
        )  # fmt: skip

    def give_up(self) -> None:
        """Show the right answer, with its explanation."""
        if self.state == "open":
            self.tried(False)
            self.state = "shown"
        if self.feedback:
            shown, told = as_html(self.truth), as_html(self.feedback[self.truth])
        else:
            shown, told = f"{self.truth:.4g}", ""
        self.readout.value = says_html(f"<b>The answer: {shown}</b>", told, as_html(self._why))

    def _about(self, value: float) -> str:
        if abs(value - self.truth) <= self.within:
            return f"The computed answer is {self.truth:.4g}."
        near = [(abs(value - wrong), said) for wrong, said in self.known_mistakes]
        near = [(off, said) for off, said in near if off <= self.within]
        return min(near)[1] if near else f"It is {'less' if value > self.truth else 'more'}."

    def _changed(self, change: object) -> None:
        self.readout.value = says_html()  # it was about another answer
        if self._number is not None and self.entry.value:
            self.submit()

    @property
    def says(self) -> str:
        options = "".join(f"\n  ( ) {choice}" for choice in self.feedback) or "\n  (a number)"
        return f"Quiz. {self.question}{options}"

    @property
    def html(self) -> str:
        """The question with all its feedback folded away, for a page where no kernel runs."""
        if self.feedback:
            rest = {self.truth: (RIGHT, self.feedback[self.truth], self._why)}
            parts = [
                folded(choice, *rest.get(choice, (WRONG, said)))
                for choice, said in self.feedback.items()
            ]
        else:
            parts = [folded(f"{wrong:.4g}", WRONG, said) for wrong, said in self.known_mistakes]
            parts.append(folded("Show the answer", f"{self.truth:.4g}.", self._why))
        return stored_html("Quiz.", self.question, *parts)
