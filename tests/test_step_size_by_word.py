"""The lab that shows how often a word is seen, its step size, and what is still missing."""

import numpy as np
import pytest

from course_lib import adagrad, descend, gradient_descent, least_squares, step_size_by_word

RULES = [(adagrad, {"lr": 0.4}), (gradient_descent, {"lr": 0.2})]


def texts(n: int = 256):
    """Three words, in one text of 1, 4 and 16."""
    rng = np.random.default_rng(3)
    rows = np.arange(n)[:, None] % [1, 4, 16] == 0
    has = rng.permuted(rows, axis=0).astype(float)
    return least_squares(has, has @ [0.5, 1.0, -2.0] + rng.normal(size=n), batch=4)


def test_it_shows_the_runs_of_the_rules_on_the_same_batches() -> None:
    on = texts()
    panel = step_size_by_word(on, ["the", "nice", "bad"], RULES, steps=80, t=50)
    for rule, settings in RULES:
        points = descend(rule, on, steps=80, **settings).points[1:]
        assert np.allclose(panel.missing[rule.__name__], np.abs(points - on.minima[0]))
    assert np.all(panel.sizes["gradient_descent"] == 0.2)
    assert np.all(np.diff(panel.sizes["adagrad"], axis=0) <= 0)
    assert panel.seen[:, 0].tolist() == list(range(1, 81))  # “the” is in every batch


def test_words_seen_less_keep_larger_steps() -> None:
    panel = step_size_by_word(texts(), ["the", "nice", "bad"], RULES, steps=400, t=400)
    sizes = panel.sizes["adagrad"][-1]
    assert sizes[0] < sizes[1] < sizes[2]


def test_every_slider_changes_the_picture_and_the_sentence() -> None:
    panel = step_size_by_word(texts(), ["the", "nice", "bad"], RULES, steps=80, t=50)
    seen = {(panel.figure.png(), panel.says)}
    for name, value in (("t", 3), ("lr, adagrad", 1.0), ("lr, gradient_descent", 0.05)):
        panel.controls[name].value = value
        seen.add((panel.figure.png(), panel.says))
    assert len(seen) == 4 and len({said for _, said in seen}) == 4
    assert panel.says.count("still missing") == 2


def test_a_name_for_each_word() -> None:
    with pytest.raises(ValueError, match="words must name the 3 coordinates, got 2 names"):
        step_size_by_word(texts(), ["the", "nice"], RULES)


def test_a_run_that_is_lost_is_shown_as_far_as_it_goes() -> None:
    panel = step_size_by_word(texts(), ["the", "nice", "bad"], [(gradient_descent, {"lr": 1.0})])
    panel.controls["lr, gradient_descent"].value = 10.0
    assert "Gradient descent: step sizes 10 and 10" in panel.says
