"""What ``predict`` and ``quiz`` share: how a question and its answers look, live and stored."""

import re
from collections.abc import Iterable
from html import escape

import ipywidgets as widgets

# ipywidgets gives each choice one line of fixed height, too little on a narrow page. Here: cards.
CHOICES_STYLE = """<style>
.course-choices { height: auto; max-width: 100%; overflow: visible; }
.course-choices .widget-radio-box { max-width: 100%; gap: 6px; padding: 2px; }
.course-choices .widget-radio-box label { display: flex; align-items: flex-start; height: auto;
  white-space: normal; line-height: 1.4; margin: 0; padding: 8px 14px 8px 10px; cursor: pointer;
  border: 1px solid var(--jp-border-color1, #bbb); border-radius: 8px; }
.course-choices .widget-radio-box label:hover { background: var(--jp-layout-color2, #f3f3f3); }
.course-choices .widget-radio-box label:has(input:checked) { border-color: #1f77b4;
  box-shadow: inset 0 0 0 1px #1f77b4; }
.course-choices .widget-radio-box label:has(input:disabled) { cursor: default; }
.course-choices .widget-radio-box input { order: -1; flex: none; position: static;
  margin: 2px 8px 0 1px; }
</style>"""


def question_html(kind: str, question: str) -> widgets.HTML:
    """The question, with what kind of question it is."""
    asked = f'<div style="line-height:1.5"><b>{kind}</b> {as_html(question)}</div>'
    return widgets.HTML(CHOICES_STYLE + asked)


def choice_buttons(choices: Iterable[str]) -> widgets.RadioButtons:
    """One radio button for each choice, none of them chosen."""
    entry = widgets.RadioButtons(
        options=list(choices), value=None, layout={"width": "auto", "max_width": "100%"}
    )
    return entry.add_class("course-choices")


class NumberEntry(widgets.Text):
    """A field for a number from ``low`` to ``high``, empty at first."""

    def __init__(self, low: float, high: float, **how: object):
        self.low, self.high = low, high
        super().__init__(
            description="your number:",
            placeholder=f"from {low:g} to {high:g}",
            style={"description_width": "initial"},
            **how,
        )

    def read(self) -> tuple[float | None, str]:
        """The number; or None, and what to say about what was typed."""
        try:
            number = float(self.value.strip().replace("−", "-"))
        except ValueError:
            told = f"“{as_html(self.value)}” is not a number. Write it like 0.25 or 2.5e-3."
            return None, told if self.value.strip() else "Type a number first."
        if not self.low <= number <= self.high:
            return None, f"The answer is a number from {self.low:g} to {self.high:g}."
        return number, ""


def as_html(text: str) -> str:
    """The text as HTML; what is between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def folded(summary: str, *sentences: str) -> str:
    """HTML that shows the summary, and the sentences after a click."""
    told = " ".join(as_html(sentence) for sentence in sentences if sentence)
    return f"<details><summary>{as_html(summary)}</summary>{told}</details>"


def stored_html(kind: str, question: str, *parts: str) -> str:
    """A question where no kernel runs: on GitHub, in a page, in a notebook not run yet."""
    return f"<p><b>{kind}</b> {as_html(question)}</p>\n" + "\n".join(parts)
