"""What ``predict`` and ``quiz`` share: how a question and its choices look, live and stored."""

import re
from collections.abc import Iterable
from html import escape

import ipywidgets as widgets

# ipywidgets gives each choice one line of fixed height, which is too little on a narrow page
CHOICES_STYLE = """<style>
.course-choices { height: auto; max-width: 100%; }
.course-choices .widget-radio-box { max-width: 100%; }
.course-choices .widget-radio-box label { display: flex; align-items: flex-start; height: auto;
  white-space: normal; line-height: 1.4; margin: 3px 0; }
.course-choices .widget-radio-box input { order: -1; flex: none; position: static;
  margin: 1px 8px 0 1px; }
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
