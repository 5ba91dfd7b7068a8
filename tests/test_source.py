"""The code difference between two rules: what it says, in text and in HTML."""

import re
from functools import partial
from html import unescape
from itertools import combinations

import pytest

from course_lib.family import RULES
from course_lib.measure.difference import code_of, difference
from course_lib.optimizers import adam, adamax, adamw, momentum, nadam, nadamax, nesterov

LOOK_AHEAD = "m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)"


def in_words(rule, other) -> str:
    return repr(difference(rule, other))


def test_nadam_is_adam_with_another_line():
    for plain, ahead in ((adam, nadam), (adamax, nadamax)):
        told = difference(plain, ahead)
        assert told.removed == ["m_hat = m / (1 - beta1**t)"]
        assert told.added == [LOOK_AHEAD]


def test_text_is_plain_and_in_the_order_of_the_code():
    assert in_words(momentum, nesterov).splitlines() == [
        "momentum → nesterov: 1 line out, 1 line in.",
        "",
        "- def momentum(grad, x, lr=0.01, beta=0.9):",
        "+ def nesterov(grad, x, lr=0.01, beta=0.9):",
        "      v = np.zeros_like(x)",
        "      while True:",
        "-         v = beta * v - lr * grad(x)",
        "+         v = beta * v - lr * grad(x + beta * v)",
        "          x = x + v",
        "          yield x",
    ]


@pytest.mark.parametrize(("one", "other"), combinations(RULES.values(), 2))
def test_both_codes_can_be_read_back(one, other):
    """All lines but the added ones are the first rule, all but the removed ones the second."""
    told = difference(one, other)
    lines = repr(told).splitlines()[2:]
    assert tuple(line[2:] for line in lines if line[0] in " -") == code_of(one)
    assert tuple(line[2:] for line in lines if line[0] in " +") == code_of(other)
    html = re.search("<pre[^>]*>(.*)</pre>", told._repr_html_(), re.DOTALL)[1]
    assert unescape(re.sub("<[^>]+>", "", html)).splitlines() == lines
    assert len(told.removed) + len(told.added) == sum(line[:3] in ("-  ", "+  ") for line in lines)


@pytest.mark.parametrize("rule", RULES.values())
def test_code_is_the_rule_without_words_about_it(rule):
    head, *body = code_of(rule)
    assert head.startswith(f"def {rule.__name__}(grad, x, lr=") or rule.__name__ == "adadelta"
    assert not any(word in "\n".join([head, *body]) for word in ('"""', "Source", "np.ndarray"))
    made = {}
    exec("\n".join([head, *body]), made)
    assert made[rule.__name__].__defaults__ == rule.__defaults__


def test_a_rule_does_not_differ_from_itself():
    told = difference(adam, adam)
    assert (told.removed, told.added) == ([], [])
    assert told.summary == "adam → adam: the same body."
    assert "<del" not in told._repr_html_() and "<ins" not in told._repr_html_()


def test_changes_are_marked_without_colour_too():
    html = difference(adam, adamw)._repr_html_()
    (out,) = re.findall("<del[^>]*>(-         .*?)</del>", html)
    (new,) = re.findall(r"<ins[^>]*>(\+         .*?)</ins>", html)
    assert "<b>" not in out
    assert re.findall("<b>(.*?)</b>", new) == ["(", " + weight_decay * x)"]
    assert "color" not in re.sub("background-color: rgba", "", html)  # that of the page's theme


def test_signs_of_html_in_code_are_escaped():
    def smaller(grad, x, lr=0.1):
        while lr < 1 & 2:
            yield x

    assert "while lr &lt; 1 &amp; 2:" in difference(adam, smaller)._repr_html_()


def test_settings_that_are_fixed_do_not_matter():
    assert in_words(partial(adam, lr=0.5), nadam) == in_words(adam, nadam)
