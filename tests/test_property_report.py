"""The property report: against what is known of the rules, written here by hand."""

import re
from functools import cache

import numpy as np
import pytest

from course_lib import RULES, Landscape, properties
from course_lib.measure.invariance import CHANGES
from course_lib.measure.property_report import ALONG, QUESTIONS, TRIED, needed_after_yield
from course_lib.optimizers import adam, gradient_descent, momentum, muon, nesterov
from exercise_lib.tasks.e14_beyond import ANONYMOUS, mystery


@cache
def report_on(name):
    return properties(RULES[name])


# memory: numbers a parameter; step: the longest, in η; coasts: travel after the slope ends, in
# last steps; stays where g = 0; rests at the minimum at a constant η
KNOWN = {
    # rule                memory  step                  coasts  stays  rests
    "gradient_descent": (0, np.inf, 0, True, True),
    "momentum": (1, np.inf, 9, True, True),  # β/(1 − β), nearly
    "nesterov": (1, np.inf, 9, True, True),
    "adagrad": (1, 1, 0, True, True),
    "rmsprop": (1, 1 / np.sqrt(0.1), 0, True, False),
    "adadelta": (2, np.inf, 0, True, False),
    "adam": (2, None, None, True, True),
    "adamax": (2, 1, None, True, True),
    "nadam": (2, None, None, True, True),
    "nadamax": (2, None, None, True, True),
    "adamw": (2, None, None, False, False),  # its decay goes on, and pulls it off the minimum
    "amsgrad": (3, None, None, True, True),
    "lion": (1, 1, np.inf, True, False),
    "muon": (1, None, np.inf, True, False),
    "schedule_free": (1, np.inf, None, True, True),
}


SOME = ("gradient_descent", "adagrad", "adam")  # between them they have every kind of answer
ALL = [name if name in SOME else pytest.param(name, marks=pytest.mark.walk) for name in KNOWN]


@pytest.mark.parametrize("name", ALL)
def test_the_report_says_what_is_known(name):
    memory, step, coasts, stays, rests = KNOWN[name]
    report = report_on(name)
    assert report["memory"].value == memory
    if step is not None:
        assert report["step"].value == pytest.approx(step, rel=0.01)
    if coasts is not None:
        # momentum's velocity after 20 steps is not quite its last one
        assert report["coasts"].value == pytest.approx(coasts, rel=1e-6)
    assert (report["stays"].mark == "✔") == stays
    assert (report["rests"].mark == "✔") == rests


def test_the_longest_step_of_adam_is_that_of_growing_gradients():
    """Gradients that grow by 1.1 a step: two geometric series, over 2000 steps."""
    age = np.arange(2000.0)
    m = 0.1 * np.sum((0.9 / 1.1) ** age)
    s = 0.001 * np.sum((0.999 / 1.21) ** age) / (1 - 0.999**2000)
    assert report_on("adam")["step"].value == pytest.approx(m / np.sqrt(s), rel=1e-3)


@pytest.mark.walk
def test_the_step_of_muon_is_five_times_its_polynomial_at_one():
    sigma = 1.0
    for _ in range(5):
        sigma = 3.4445 * sigma - 4.7750 * sigma**3 + 2.0315 * sigma**5
    assert report_on("muon")["step"].value <= sigma + 1e-9
    assert report_on("muon")["step"].value == pytest.approx(sigma / np.sqrt(2), rel=0.5)


def test_speed_is_counted_along_and_across():
    see_no_axes, sees_axes = report_on("gradient_descent"), report_on("adagrad")
    assert see_no_axes["along"].value == see_no_axes["across"].value
    assert sees_axes["along"].value < 0.2 * sees_axes["across"].value


@pytest.mark.walk
def test_speed_is_counted_along_and_across_for_many_rules():
    for rule in ("momentum", "nesterov", "schedule_free"):  # see no axes
        assert report_on(rule)["along"].value == report_on(rule)["across"].value
    for rule in ("lion", "muon", "adamw"):
        assert np.isinf(report_on(rule)["along"].value), rule
        assert f"not solved in {TRIED} steps" in report_on(rule)["along"].words


def test_the_rate_is_that_of_theory():
    """Gradient descent with η = 0.9: slowest factor 1 − 0.9 · 0.1 = 0.91, and steps to 1e-6."""
    x, y = np.array(ALONG.start) - ALONG.minima[0]
    t = np.arange(400)
    f = 0.05 * (x * 0.91**t) ** 2 + (y * 0.8**t) ** 2
    steps = np.argmax(f <= 1e-6 * f[0])
    report = properties(gradient_descent, lr=0.9)
    assert report["along"].value == steps
    assert f"error × {1e-6 ** (0.5 / steps):.3f} per step" in report["along"].words


def test_hyperparameters_are_used_and_shown():
    report = properties(momentum, beta=0.5)
    assert report.title == "Momentum (β = 0.5)"
    assert report["coasts"].value == pytest.approx(1.0)
    assert properties(muon, rows=2)["rotation"].mark == "✔"  # a column keeps its direction, too


def test_it_shows_itself_as_a_table():
    report = report_on("adam")
    assert len(repr(report).splitlines()) == len(QUESTIONS) + 1
    html = report._repr_html_()
    assert html.count("<tr>") == len(QUESTIONS) and "<caption><b>Adam</b></caption>" in html
    for key, answer in report.answers.items():
        assert QUESTIONS[key] in repr(report) and str(answer) in repr(report)
    assert list(report.answers) == [*CHANGES, *list(QUESTIONS)[len(CHANGES) :]]
    assert not re.search(r"\b(nan|inf)\b", repr(report))


# Rules of students


def keeps_all(grad, x, lr=0.1):
    past = []
    while True:
        past.append(grad(x))
        x = x - lr * np.mean(past, axis=0)
        yield x


def full_matrix(grad, x, lr=0.1):
    G = 1e-6 * np.eye(len(x))
    while True:
        g = grad(x)
        G = G + np.outer(g, g)
        values, axes = np.linalg.eigh(G)
        x = x - lr * axes @ (axes.T @ g / np.sqrt(values))
        yield x


def not_fit_for_sweeps(grad, x, lr=0.1):
    while True:
        g = grad(x)
        x = x - lr * g / np.linalg.norm(g) if g @ g > 0 else x
        yield x


def zero_over_zero(grad, x, lr=0.1):
    while True:
        g = grad(x)
        x = x - lr * g / np.abs(g)
        yield x


class Iterating:
    def __init__(self, grad, x, lr=0.1):
        self.grad, self.x, self.lr = grad, x, lr

    def __iter__(self):
        return self

    def __next__(self):
        self.x = self.x - self.lr * self.grad(self.x)
        return self.x


def with_two_branches(grad, x, lr=0.1, beta=0.9):
    v, best = np.zeros_like(x), None
    while True:
        g = grad(x)
        if best is None or g @ g < best @ best:
            best = g
        v = beta * v - lr * g
        left_over = v * 2
        x = x + left_over / 2
        yield x


def test_rules_of_students_are_judged_as_well():
    hoarder = properties(keeps_all)
    assert hoarder["memory"].value == np.inf and "more with every step" in repr(hoarder)
    full = properties(full_matrix)
    assert full["memory"].value == 4 and full["rotation"].mark == "✔"  # d numbers a parameter
    normed = properties(not_fit_for_sweeps)
    assert normed["rotation"].mark == "✔" and normed["memory"].value == 0
    assert normed["step"].value == pytest.approx(1, rel=1e-6)
    assert properties(zero_over_zero)["stays"].words == "divides 0 by 0"
    assert "cannot be read" in properties(Iterating)["memory"].words
    assert properties(with_two_branches)["memory"].value == 2


@pytest.mark.parametrize(("rule", "names"), [
    (gradient_descent, set()), (momentum, {"v"}), (nesterov, {"v"}), (adam, {"m", "s"}),
    (RULES["amsgrad"], {"m", "s", "s_hat"}), (RULES["schedule_free"], {"z"}),
    (RULES["adadelta"], {"s", "d"}), (with_two_branches, {"v", "best"}),
])  # fmt: skip
def test_the_state_is_what_will_be_read_again(rule, names):
    run = rule(lambda x: x, np.array([1.0, 2.0]))
    next(run), next(run)
    arrays = {
        n for n in needed_after_yield(run) if isinstance(run.gi_frame.f_locals[n], np.ndarray)
    }
    assert arrays - {"x"} == names


def test_errors_say_what_is_wrong():
    with pytest.raises(TypeError, match="rule must be a generator function"):
        properties(adam(np.sin, np.ones(2)))
    with pytest.raises(TypeError, match="has no hyperparameter 'momentum'"):
        properties(adam, momentum=0.9)
    with pytest.raises(ValueError, match="there is no run to compare"):
        properties(gradient_descent, lr=1e20)
    with pytest.raises(TypeError, match="must be a generator function"):
        properties(lambda grad, x: x)


# Of the exercise


@pytest.mark.walk
def test_reports_of_the_exercise_hide_the_name_and_differ():
    reports = {letter: mystery(letter) for letter in ANONYMOUS}
    for letter, name in ANONYMOUS.items():
        told = repr(reports[letter])
        assert told.startswith(f"Rule {letter}\n") and name not in told
        assert reports[letter].answers == report_on(name).answers
    assert len({repr(r).partition("\n")[2] for r in reports.values()}) == len(reports)


def test_a_letter_that_no_rule_has_is_refused():
    with pytest.raises(ValueError, match="letter must be one of A, B, C, D, E"):
        mystery("F")


def test_the_ground_of_the_speed_trial_is_not_at_the_origin():
    assert isinstance(ALONG, Landscape) and np.abs(ALONG.minima[0]).min() > 1
    np.testing.assert_allclose(ALONG.curvatures, [0.1, 2.0])
