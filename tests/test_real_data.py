"""``on_real_data`` against runs made anew, in plain loops, from the raw sentences and images."""

import re
from collections import Counter
from functools import partial
from importlib.resources import files
from itertools import pairwise

import matplotlib.text
import numpy as np
import pytest

from course_lib import (
    LogisticRegression,
    adadelta,
    adagrad,
    cosine,
    digits,
    gradient_descent,
    momentum,
    on_real_data,
    scheduled,
    words,
)
from course_lib.training import real_data
from course_lib.training.real_data import RealData, _by_luck
from course_lib.training.train import Training, Tuning


@pytest.fixture(scope="module")
def table():
    """(3200, words) of 0 and 1, with a last column of 1: made from the text alone."""
    data = words()
    columns = {word: i for i, word in enumerate(data.vocabulary)}
    ones = np.zeros((len(data.text), len(columns) + 1))
    ones[:, -1] = 1
    for row, sentence in zip(ones, data.text, strict=True):
        for word in re.findall(r"[a-z]+(?:'[a-z]+)?", sentence.lower()):
            if word in columns:
                row[columns[word]] = 1
    return ones


# The sentences


def test_sentences_are_what_their_page_says():
    data = words()
    assert [len(part.labels) for part in data[:3]] == [2000, 600, 600]
    labels = np.concatenate([part.labels for part in data[:3]])
    assert np.bincount(labels).tolist() == [1600, 1600]
    assert len(set(data.text)) == 3200
    assert all(8 <= len(sentence.split()) <= 24 for sentence in data.text)
    by = {k: " ".join(t for t, label in zip(data.text, labels, strict=True) if label == k)
          for k in (0, 1)}  # fmt: skip
    assert by[0].count("Darcy") > 50 and by[1].count("Ahab") > 50
    assert "Darcy" not in by[1] and "Ahab" not in by[0]
    folder = files("course_lib.training")
    assert len((folder / "words.npz").read_bytes()) < 150_000
    assert all(word in (folder / "words.txt").read_text("utf-8") for word in ("Licence", "Source"))


def test_the_vocabulary_is_of_the_training_sentences_and_most_of_it_is_rare():
    data = words()
    seen = Counter(
        word
        for sentence in data.text[:2000]
        for word in set(re.findall(r"[a-z]+(?:'[a-z]+)?", sentence.lower()))
    )
    assert data.vocabulary == tuple(sorted(word for word in seen if seen[word] > 1))
    counts = np.array([seen[word] for word in data.vocabulary])
    assert np.median(counts) <= 5 and counts.max() > 800


def test_nobody_can_spoil_the_stored_sentences():
    for part in words()[:3]:
        for array in part:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


# The model


def test_the_model_is_logistic_regression_on_the_table(table):
    data, rng = words(), np.random.default_rng(0)
    model = LogisticRegression(len(data.vocabulary))
    assert model.dim == table.shape[1] and not model.start(3).any()
    w = rng.normal(size=(2, 3, model.dim))
    cuts = np.cumsum([0, 2000, 600, 600])
    for part, a, b in zip(data[:3], cuts[:-1], cuts[1:], strict=True):
        z = w @ table[a:b].T
        p = 1 / (1 + np.exp(-z))
        right = np.where(part.labels == 1, p, 1 - p)
        assert np.allclose(model.loss(w, *part), -np.log(right).mean(axis=-1))
        assert np.allclose(model.grad(w, *part), (p - part.labels) @ table[a:b] / (b - a))
        assert np.allclose(model.accuracy(w, *part), (right > 0.5).mean(axis=-1))


def test_many_models_at_once_are_each_alone_also_on_sentences_of_their_own():
    part, rng = words().train, np.random.default_rng(1)
    model = LogisticRegression(len(words().vocabulary))
    w, rows = rng.normal(size=(2, 3, model.dim)), rng.integers(2000, size=(3, 7))
    for function in (model.loss, model.grad, model.accuracy):
        together = function(w, part.words[rows], part.labels[rows])
        for i, j in np.ndindex(2, 3):
            alone = function(w[i, j], part.words[rows[j]], part.labels[rows[j]])
            assert np.allclose(together[i, j], alone)


def test_large_scores_do_not_overflow():
    model, part = LogisticRegression(len(words().vocabulary)), words().train
    with np.errstate(over="raise", invalid="raise"):
        for w in (np.full(model.dim, 1e6), np.full(model.dim, -1e6)):
            assert np.isfinite(model.loss(w, *part)) and np.isfinite(model.grad(w, *part)).all()


# The protocol, in plain loops


def loss_of(w, table, labels):
    z = table @ w
    return np.logaddexp(0, np.where(labels == 1, -z, z)).mean()


def descent_by_hand(table, lr, seed, steps):
    """The end of one run of gradient descent on batches of 32 of the first 2000 sentences."""
    labels = words().train.labels
    w, rng = np.zeros(table.shape[1]), np.random.default_rng(seed)
    for _ in range(steps):
        rows = rng.integers(2000, size=32)
        p = 1 / (1 + np.exp(-table[rows] @ w))
        w = w - lr * (p - labels[rows]) @ table[rows] / 32
    return w


def test_tuned_on_some_seeds_and_judged_on_others_and_on_other_sentences(table):
    found, data = on_real_data(gradient_descent, task="words", steps=9), words()
    tried, lost = found.tuned["gradient_descent"].tried, found.tuned["gradient_descent"].loss
    assert np.allclose(tried, 10 ** (np.arange(-12, 4) / 3))
    for lr, loss in zip(tried, lost, strict=True):
        ends = [descent_by_hand(table, lr, seed, 9) for seed in (0, 1, 2)]
        by_hand = np.mean([loss_of(w, table[2000:2600], data.validation.labels) for w in ends])
        assert loss == pytest.approx(by_hand)
    best = tried[np.argmin(lost)]
    assert found.best == {"gradient_descent": {"lr": best}} and found.at_edge == ()
    ends = [descent_by_hand(table, best, seed, 9) for seed in range(100, 112)]
    by_hand = [loss_of(w, table[2600:], data.test.labels) for w in ends]
    assert np.allclose(found.final["gradient_descent"], by_hand)
    right = [((table[2600:] @ w > 0) == data.test.labels).mean() for w in ends]
    assert np.allclose(found.accuracy["gradient_descent"], right)
    assert found.runs["gradient_descent"].steps.tolist() == list(range(10))


def test_digits_are_judged_on_images_kept_for_it():
    found, network = on_real_data(momentum, steps=4, batch=8, beta=0.5), found_network()
    run = found.runs["momentum"]
    assert run.settings == {"beta": 0.5, **found.best["momentum"]}
    assert np.allclose(run.validation[-1], network.loss(run.w, *digits().test))
    start = [network.loss(network.start(seed), *digits().test) for seed in range(100, 112)]
    assert np.allclose(run.validation[0], start)


def found_network():
    return real_data.TASKS["digits"]().model


def slow(grad, x, lr=0.1):
    while True:
        x = x - 1e-2 * lr * grad(x)
        yield x


def crawling(grad, x, lr=0.1):
    while True:
        x = x - 1e-9 * lr * grad(x)
        yield x


def hasty(grad, x, lr=0.1):
    while True:
        x = x - 1e5 * lr * grad(x)
        yield x


def test_the_grid_goes_on_where_the_best_is_at_its_edge():
    plain, wide = (on_real_data(rule, task="words", steps=20) for rule in (gradient_descent, slow))
    assert wide.at_edge == () and "edge" not in wide.says
    assert wide.tuned["slow"].tried[-1] > 100 * plain.best["gradient_descent"]["lr"]
    assert wide.best["slow"]["lr"] == pytest.approx(100 * plain.best["gradient_descent"]["lr"])
    assert np.allclose(np.diff(np.log10(wide.tuned["slow"].tried)), 1 / 3)
    below = on_real_data(hasty, task="words", steps=20)
    assert below.at_edge == () and below.best["hasty"]["lr"] < 1e-4
    assert np.allclose(np.diff(np.log10(below.tuned["hasty"].tried)), 1 / 3)
    never = on_real_data(crawling, task="words", steps=2)
    assert never.at_edge == ("crawling",) and len(never.tuned["crawling"].tried) == 16 + 3 * 3
    assert "At the edge of what was tried, so that more may be better: Crawling." in never.says


def test_what_has_no_learning_rate_tunes_its_eps_and_what_has_neither_is_judged_as_it_is():
    def fixed(grad, x):
        while True:
            x = x - grad(x)
            yield x

    found = on_real_data(adadelta, beside=fixed, task="words", steps=3)
    assert set(found.best) == {"adadelta"} and set(found.best["adadelta"]) == {"eps"}
    again = on_real_data(gradient_descent, task="words", steps=3)
    one = again.tuned["gradient_descent"]
    assert one.tried[12] == pytest.approx(1)  # the same rule at η = 1, on the seeds of tuning
    assert found.final["fixed"].shape == (12,) and "Fixed" in found.says
    assert "ε of AdaDelta" not in texts_of(found.picture())  # it alone has an axis: one is enough
    assert "ε" in texts_of(found.picture())


def test_rules_that_come_twice_get_names_and_hyperparameters_of_their_own():
    falling = scheduled(gradient_descent, lambda t: cosine(t, steps=5))
    found = on_real_data(
        {"falling": falling}, {"constant": gradient_descent}, task="words", steps=5
    )
    assert list(found.final) == ["falling", "constant"] and "falling" in found.says
    mixed = on_real_data(
        momentum, {"beta 0.5": partial(momentum, beta=0.5)}, task="words", steps=5, beta=0.5
    )
    assert np.array_equal(mixed.final["momentum"], mixed.final["beta 0.5"])
    assert mixed.better == {"beta 0.5": 0} and "no difference" in mixed.says


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: on_real_data(momentum, task="faces"), ValueError, "task must be one of digits"),
        (lambda: on_real_data(momentum, momentum), ValueError, "name of its own.*momentum"),
        (lambda: on_real_data([momentum, adagrad]), ValueError, "one rule, and others"),
        (lambda: on_real_data(momentum, [adagrad, adagrad]), ValueError, "each rule once"),
        (lambda: on_real_data(momentum, gamma=1), TypeError, "no hyperparameter 'gamma'"),
    ],
)
def test_what_is_wrong_with_a_call_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_rule_for_one_point_at_a_time_works_too():
    def clipped(grad, x, lr=0.1):
        while True:
            g = grad(x)
            if np.linalg.norm(g) > 0.1:
                g = 0.1 * g / np.linalg.norm(g)
            x = x - lr * g
            yield x

    with pytest.warns(UserWarning, match="one by one"):
        found = on_real_data(clipped, task="words", steps=3)
    w, rng, part = np.zeros(found.task.model.dim), np.random.default_rng(105), words().train
    for _ in range(3):
        rows = rng.integers(2000, size=32)
        g = found.task.model.grad(w, part.words[rows], part.labels[rows])
        w = w - found.best["clipped"]["lr"] * g * min(1, 0.1 / np.linalg.norm(g))
    assert np.allclose(found.runs["clipped"].w[5], w)


# The verdict


def record(rule, final, accuracy=0.9):
    """A ``Training`` of two records that ends at these losses."""
    final = np.array(final, dtype=float)
    losses = np.array([np.full(len(final), 2.0), final])
    right = np.full((2, len(final)), accuracy)
    return Training(rule, {}, np.array([0, 10]), losses, losses, right, final)


def verdict(first, other):
    runs = {"adam": record("adam", first), "sgd": record("gradient_descent", other, 0.5)}
    tuning = Tuning("adam", "lr", np.array([0.1, 0.2, 0.4]), np.array([3.0, 1.0, 2.0]))
    return RealData(real_data.TASKS["digits"](), "how", runs, {"adam": tuning})


def test_a_winner_is_named_with_its_share_of_the_seeds_and_the_spread():
    found = verdict([0.1] * 9 + [0.2, 0.3, 0.9], [0.4] * 12)
    assert found.better == {"sgd": 11} and found.differs == {"sgd": True}
    assert found.says.startswith(
        "Adam ends lower than sgd in 11 of 12 runs: its loss on new images is 0.25 times as large "
        "(quartiles 0.25 to 0.31)."
    )
    assert "median run: Adam 90 %, sgd 50 %" in found.says


def test_the_other_is_named_if_it_wins():
    found = verdict([0.8] * 12, [0.4] * 12)
    assert found.better == {"sgd": 0}
    assert "sgd ends lower than Adam in 12 of 12 runs" in found.says
    assert "0.50 times as large (quartiles 0.50 to 0.50)" in found.says


def test_a_run_that_diverged_has_lost():
    found = verdict([0.1] * 12, [np.inf] * 12)
    assert found.better == {"sgd": 12} and "0.00 times as large" in found.says
    assert "no difference" in verdict([np.inf] * 12, [np.inf] * 12).says
    assert len(found.picture().png()) > 1000
    assert "Adam 0.1; sgd has diverged." in found.picture().alt
    assert "Adam 0.15; sgd 0.3." in verdict([0.1] * 6 + [0.2] * 6, [0.3] * 12).picture().alt


def test_what_luck_could_do_is_no_difference():
    found = verdict([0.1] * 9 + [0.5] * 3, [0.4] * 12)  # 9 of 12: by luck in 15 % of all cases
    assert found.differs == {"sgd": False}
    assert "no difference that 12 runs could show; Adam ends lower in 9 of them" in found.says
    assert verdict([0.1] * 10 + [0.5] * 2, [0.4] * 12).differs == {"sgd": True}  # 4 %


def test_how_often_luck_does_it_is_counted_over_all_falls_of_the_coins():
    falls = np.array(np.meshgrid(*[[0, 1]] * 8)).reshape(8, -1).sum(axis=0)
    for below in range(9):
        uneven = abs(below - 4)
        assert _by_luck(below, 8 - below) == pytest.approx(np.mean(abs(falls - 4) >= uneven))
    assert _by_luck(0, 0) == 1


def test_adagrad_earns_its_keep_on_rare_words():
    found = on_real_data(adagrad, beside=gradient_descent, task="words")
    assert found.at_edge == () and found.better["gradient_descent"] == 12
    assert np.median(found.ratio["gradient_descent"]) < 0.9
    assert np.median(found.accuracy["adagrad"]) > 0.87


# The picture


def texts_of(picture):
    return [t.get_text() for t in picture.figure.findobj(matplotlib.text.Text) if t.get_text()]


def test_the_picture_names_each_line_beside_it_and_marks_the_best():
    found = on_real_data(adagrad, [gradient_descent, momentum, adadelta], task="words", steps=8)
    picture = found.picture()
    figure = picture.figure
    figure.draw_without_rendering()
    left, right = figure.axes[:2]
    names = {t.get_text(): t.get_window_extent() for t in left.texts}
    assert set(names) == {"AdaGrad", "Gradient descent", "Momentum", "AdaDelta"}
    boxes = sorted(names.values(), key=lambda box: box.y0)
    assert all(b.y0 >= a.y1 - 1 for a, b in pairwise(boxes))
    assert all(left.get_window_extent().x1 < b.x0 and b.x1 < right.get_window_extent().x0 + 1
               for b in boxes)  # fmt: skip
    marked = {
        (round(line.get_xdata()[0], 9), line.get_marker())
        for axes in figure.axes[1:]
        for line in axes.lines
        if len(line.get_xdata()) == 1
    }
    assert len(marked) == 4
    assert {x for x, _ in marked} == {
        round(value, 9) for best in found.best.values() for value in best.values()
    }
    assert "ε of AdaDelta" in texts_of(picture)
    for words_ in ("AdaGrad η = ", "AdaDelta ε = ", "Left the loss on new sentences"):
        assert words_ in picture.alt


def test_names_of_lines_that_end_together_stand_one_above_the_other():
    figure = verdict([0.1] * 12, [0.1001] * 12).picture().figure
    figure.draw_without_rendering()
    low, high = sorted((t.get_window_extent() for t in figure.axes[0].texts), key=lambda b: b.y0)
    assert high.y0 >= low.y1 - 1


def test_the_bar_fills_and_leaves_only_the_words(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(data["text/html"])

    def display(data, raw, display_id):
        shown.append(data["text/html"])
        return Handle()

    class Shell:
        kernel = None

    monkeypatch.setattr("IPython.get_ipython", Shell)
    monkeypatch.setattr("IPython.display.display", display)
    found = on_real_data(gradient_descent, momentum, task="words", steps=1)
    assert shown[0] == shown[-1] and found.protocol[:20] in shown[0] and "<progress" not in shown[0]
    values = [int(re.search(r'value="(\d+)" max="4"', html)[1]) for html in shown[1:-1]]
    assert values == [0, 1, 2, 3, 4]
