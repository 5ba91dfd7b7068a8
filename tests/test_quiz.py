"""``quiz``: each try is answered, and a question stays open until it is right."""

import html
import re

import ipywidgets as widgets
import pytest

from course_lib import predict, quiz
from course_lib.labs.quiz import Quiz

CHOICES = {"0.03 a step": "The first one: `v` < 0.6.", "0.6 a step": "ηg/(1 − β)", "none": "It is."}
HINTS = [(0.38, "Momentum's."), (lambda: 2 / 10, "Descent's.")]


def of_choices(truth: object = "0.6 a step") -> Quiz:
    return quiz("How fast, if `beta` < 1?", CHOICES, answer=lambda: truth, why="Twenty times.")


def of_a_number(**how: object) -> Quiz:
    settings = {"number": (0, 2), "hints": HINTS, "why": "3.8/28"} | how
    return quiz("Which limit?", answer=lambda: 3.8 / 28, **settings)


def text(readout: widgets.HTML) -> str:
    return html.unescape(" ".join(re.sub("<[^>]*>", " ", readout.value).split()))


def tried(panel: Quiz, given: str) -> str:
    """What a quiz says to a try."""
    panel.entry.value = given
    panel.button.click()
    return text(panel.readout)


def test_a_wrong_choice_gets_its_own_feedback_and_the_question_stays_open():
    panel = of_choices()
    assert tried(panel, "0.03 a step") == "✘ Not so. The first one: v < 0.6. Try again."
    assert "<code>v</code> &lt; 0.6" in panel.readout.value
    assert tried(panel, "none") == "✘ Not so. It is. Try again."
    assert panel.state == "open" and not panel.entry.disabled and not panel.button.disabled
    assert tried(panel, "0.6 a step") == "✔ Right. ηg/(1 − β) Twenty times."
    assert panel.state == "answered"


def test_after_the_right_choice_the_others_may_be_looked_at():
    panel = of_choices()
    tried(panel, "0.6 a step")
    assert tried(panel, "none") == "✘ Not so. It is."
    panel.show.click()
    assert panel.state == "answered"


def test_choosing_another_answer_takes_the_old_feedback_away():
    panel = of_choices()
    tried(panel, "none")
    panel.entry.value = "0.6 a step"
    assert text(panel.readout) == "" and 'role="status"' in panel.readout.value


def test_without_an_answer_it_asks_for_one():
    panel = of_choices()
    panel.button.click()
    assert text(panel.readout) == "Choose an answer first."
    panel = of_a_number()
    panel.button.click()
    assert text(panel.readout) == "Type a number first."
    assert panel.state == "open"


def test_the_answer_can_be_shown_and_then_counts_as_shown():
    panel = of_choices()
    panel.show.click()
    assert text(panel.readout) == "The answer: 0.6 a step ηg/(1 − β) Twenty times."
    assert panel.state == "shown"
    assert tried(panel, "0.6 a step").startswith("✔ Right.")
    assert panel.state == "shown"
    number = of_a_number()
    number.show.click()
    assert text(number.readout) == "The answer: 0.1357 3.8/28"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("0.38", "✘ Not so. Momentum's. Try again."),
        ("0.2", "✘ Not so. Descent's. Try again."),
        ("2e-1", "✘ Not so. Descent's. Try again."),
        ("0.2013", "✘ Not so. Descent's. Try again."),
        ("0.2014", "✘ Not so. It is less. Try again."),
        ("0.01", "✘ Not so. It is more. Try again."),
        ("0.1343", "✘ Not so. It is more. Try again."),
        ("0.1344", "✔ Right. The computed answer is 0.1357. 3.8/28"),
        (" 0.137 ", "✔ Right. The computed answer is 0.1357. 3.8/28"),
        ("2.5", "The answer is a number from 0 to 2."),
        ("−0.1", "The answer is a number from 0 to 2."),
        ("nan", "The answer is a number from 0 to 2."),
        ("0,136", "“0,136” is not a number. Write it like 0.25 or 2.5e-3."),
        ("<b>", "“<b>” is not a number. Write it like 0.25 or 2.5e-3."),
    ],
)
def test_a_number_is_answered_by_what_it_is_near_to(given, said):
    panel = of_a_number()
    panel.entry.value = given  # as with the Enter key
    assert text(panel.readout) == said
    assert tried(panel, given) == said
    assert (panel.state == "answered") == said.startswith("✔")


def test_how_far_a_number_may_be_off_can_be_said():
    assert tried(of_a_number(within=0.05), "0.18").startswith("✔")
    assert tried(of_a_number(within=0.0001), "0.136").startswith("✘")


def test_the_answer_is_computed_once_and_not_before_it_is_needed():
    calls = []
    panel = quiz("?", CHOICES, answer=lambda: calls.append(1) or "none")
    assert not calls
    for choice in CHOICES:
        tried(panel, choice)
    panel._repr_mimebundle_()
    assert calls == [1]


def test_stored_it_shows_each_choice_with_its_feedback_folded():
    data, _ = of_choices()._repr_mimebundle_()
    folds = re.findall("<details><summary>(.*)</summary>(.*)</details>", data["text/html"])
    assert [choice for choice, _ in folds] == list(CHOICES)
    told = [said for _, said in folds]
    assert told[0] == "✘ Not so. The first one: <code>v</code> &lt; 0.6."
    assert told[1] == "✔ Right. ηg/(1 − β) Twenty times."
    assert "if <code>beta</code> &lt; 1?" in data["text/html"]
    assert data["text/plain"].endswith("( ) 0.03 a step\n  ( ) 0.6 a step\n  ( ) none")
    assert "application/vnd.jupyter.widget-view+json" in data
    data, _ = of_a_number()._repr_mimebundle_()
    folds = re.findall("<details><summary>(.*)</summary>(.*)</details>", data["text/html"])
    assert folds == [
        ("0.38", "✘ Not so. Momentum&#x27;s."),
        ("0.2", "✘ Not so. Descent&#x27;s."),
        ("Show the answer", "0.1357. 3.8/28"),
    ]


def test_a_stored_prediction_folds_its_feedback_and_marks_none_of_it():
    panel = predict("What?", CHOICES, answer=lambda: pytest.fail("computed"), why="So it is.")
    data, _ = panel._repr_mimebundle_()
    folds = re.findall("<details><summary>(.*)</summary>(.*)</details>", data["text/html"])
    assert [choice for choice, _ in folds] == [*CHOICES, "Why"]
    assert folds[1][1] == "ηg/(1 − β)" and folds[3][1] == "So it is."
    assert "✔" not in data["text/html"] and "✘" not in data["text/html"]
