"""Fair comparison: against runs made one by one, equal budgets, refusals, and what is shown."""

from itertools import product

import numpy as np
import pytest

from course_lib.descent import descend
from course_lib.family import RULES
from course_lib.landscapes import beale, ravine, with_noise
from course_lib.measure.comparison import (
    BETAS,
    LEARNING_RATES,
    WIDE,
    compare,
    robustness,
    settings_to_try,
    steps_to,
)
from course_lib.measure.comparison_pictures import html_table
from course_lib.optimizers import (
    adadelta,
    adagrad,
    adam,
    gradient_descent,
    momentum,
    nesterov,
    rmsprop,
)

COMMON = [RULES[name] for name in ("gradient_descent", "momentum", "adagrad", "adadelta", "adam")]


def settled(rule, on, start, steps, target, **settings) -> float:
    step = descend(rule, on, start, steps, **settings).settled(target)
    return np.inf if step is None else step


def test_a_tiny_comparison_recomputed_run_by_run() -> None:
    on, steps, budget, target = ravine(5), 40, 12, 1e-2
    starts = np.random.default_rng(7).uniform(-3, 3, size=(6, 2))
    found = compare([momentum, gradient_descent], on, budget, starts, steps=steps, target=target)

    grid = [
        *({"lr": lr, "beta": beta} for beta in (0.5, 0.9, 0.99) for lr in np.geomspace(1e-4, 10, 4))
    ]
    costs = []
    for settings in grid:
        counts = [settled(momentum, on, s, steps, target, **settings) for s in starts[::2]]
        costs.append(np.mean([min(count, 2 * steps) for count in counts]))
    chosen = grid[int(np.argmin(costs))]
    assert found["momentum"].settings == pytest.approx(chosen)
    judged = [settled(momentum, on, s, steps, target, **chosen) for s in starts[1::2]]
    np.testing.assert_array_equal(found["momentum"].steps, judged)
    assert found["momentum"].median == sorted(judged)[1]
    assert found["momentum"].arrived == np.isfinite(judged).sum()

    beta = chosen["beta"]
    works = {
        lr: np.mean([
            np.isfinite(settled(momentum, on, s, steps, target, lr=lr, beta=beta))
            for s in starts[1::2]
        ]) >= 0.5
        for lr in np.geomspace(*WIDE, 91)
    }  # fmt: skip
    low, high = found["momentum"].usable
    band = [lr for lr, good in works.items() if low * 0.999 <= lr <= high * 1.001]
    assert all(works[lr] for lr in band) and low < chosen["lr"] < high
    outside = [lr for lr in works if lr < low * 0.999 or lr > high * 1.001]
    assert not works[max(lr for lr in outside if lr < low)]
    assert not works[min(lr for lr in outside if lr > high)]
    assert found["momentum"].decades == pytest.approx(np.log10(high / low))


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("budget", [1, 7, 24, 61])
def test_every_rule_tries_exactly_the_budget(name: str, budget: int) -> None:
    tried = settings_to_try(RULES[name], budget)
    assert {len(values) for values in tried.values()} == {budget}
    rows = set(zip(*(values.tolist() for values in tried.values()), strict=True))
    assert len(rows) == budget  # none twice
    for key, values in tried.items():
        assert set(values) <= set(BETAS[key]) if key in BETAS else (values > 0).all()
    if "lr" in tried and budget > 20:
        assert tried["lr"].min() == pytest.approx(LEARNING_RATES[0])
        assert tried["lr"].max() == pytest.approx(LEARNING_RATES[1])


def test_what_is_fixed_is_not_tuned() -> None:
    tried = settings_to_try(momentum, 10, {"beta": 0.3})
    assert set(tried["beta"]) == {0.3} and len(set(tried["lr"])) == 10
    found = compare([(momentum, {"beta": 0.3})], ravine(), 10, 6)
    assert found["momentum"].settings["beta"] == 0.3


@pytest.mark.parametrize("rule", COMMON, ids=lambda rule: rule.__name__)
def test_steps_to_is_settled_of_each_run(rule) -> None:
    starts = np.array([[1.0, 1.5], [2.0, 0.0], [3.0, 0.5]])  # the last one is the minimum
    lr = np.array([1e-3, 0.02, 0.3])
    dial = "eps" if rule is adadelta else "lr"
    found = steps_to(0.05, rule, beale, starts, 80, {dial: lr})
    for (i, value), (j, start) in product(enumerate(lr), enumerate(starts)):
        assert found[i, j] == settled(rule, beale, start, 80, 0.05, **{dial: value})


def test_there_is_no_ranking_without_a_budget() -> None:
    with pytest.raises(ValueError, match=r"budget.*who chooses them chooses the winner"):
        compare([gradient_descent, adam], ravine(), starts=10)


def test_tuning_and_judging_share_no_start_and_equal_calls_agree() -> None:
    starts = np.random.default_rng(1).uniform(-3, 3, size=(8, 2))
    one = compare([adam], ravine(), 8, starts)
    moved = starts.copy()
    moved[1::2] = [50.0, 50.0]  # where the judging starts are does not change the choice
    other = compare([adam], ravine(), 8, moved, target=one.target)
    assert one["adam"].settings == other["adam"].settings
    assert not np.array_equal(one["adam"].steps, other["adam"].steps)
    assert one.says == compare([adam], ravine(), 8, starts).says


def test_runs_that_fail_are_counted_and_not_dropped() -> None:
    found = compare([gradient_descent], ravine(1000), 5, 8, steps=5, target=1e-9)
    hopeless = found["gradient_descent"]
    assert hopeless.arrived == 0 and hopeless.median == np.inf and hopeless.decades == 0
    assert "not there" in repr(found) and "not there" in found.says
    assert found.picture().png()


def test_noise_is_drawn_for_every_run() -> None:
    found = compare(
        [gradient_descent], with_noise(ravine(), 1.0), 20, seeds=12, steps=300, target=0.3
    )
    assert len(set(found["gradient_descent"].steps)) > 2 and found.kind == "draws of the noise"


def test_ones_own_rule_and_rules_without_a_dial() -> None:
    def mine(grad, x, lr=0.1, shrink=0.9):
        while True:
            x = x - lr * grad(x)
            yield x

    def newton(grad, x):
        while True:
            x = x - grad(x) / [0.1, 2.0]
            yield x

    found = compare([mine, gradient_descent, newton], ravine(), 9, 6)
    np.testing.assert_array_equal(found["mine"].steps, found["gradient_descent"].steps)
    assert found["newton"].median == 1 and found["newton"].tried == 1
    assert found.ranking[0] == "newton" and np.isnan(found["newton"].decades)
    assert "–" in repr(found)


def test_table_sentence_and_picture_tell_the_same() -> None:
    found = compare(COMMON, ravine(), 20, 8, steps=150)
    told = found.says.split("range of the learning rate. ")[1]
    assert told.startswith(f"{found.table[1][0]} {found.table[1][2]} ")
    html = html_table(found.table, found.protocol)
    assert html.count("<tr>") == len(COMMON) + 1 and '<th scope="row"' in html
    image = found.picture()
    assert image.alt == found.says and image.png().startswith(b"\x89PNG")


def test_a_comparison_displays_table_and_picture(monkeypatch) -> None:
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda what, **more: shown.append(what))
    found = compare([gradient_descent], ravine(), 9, 6)
    found._ipython_display_()
    assert shown[0]["text/plain"] == repr(found) and shown[1].alt == found.says


# Maps of η and β


def test_a_map_recomputed_run_by_run() -> None:
    lr, beta = np.array([0.05, 0.4, 3.0]), (0.0, 0.8)
    starts = np.random.default_rng(3).uniform(-3, 3, size=(5, 2))
    found = robustness(
        [gradient_descent, nesterov], ravine(), lr, beta, starts, steps=60, target=1e-2
    )
    for (i, eta), (j, b) in product(enumerate(lr), enumerate(beta)):
        counts = [settled(nesterov, ravine(), s, 60, 1e-2, lr=eta, beta=b) for s in starts]
        assert found.maps["nesterov"][i, j] == sorted(counts)[2]
    plain = found.maps["gradient_descent"]
    np.testing.assert_array_equal(plain[:, 0], plain[:, 1])  # it has no β
    np.testing.assert_array_equal(found.maps["nesterov"][:, 0], plain[:, 0])  # and β = 0 is none
    assert found.share["gradient_descent"] == np.isfinite(plain).mean()


def test_all_maps_share_one_scale() -> None:
    found = robustness(
        [gradient_descent, rmsprop, adam], ravine(), np.geomspace(1e-2, 1, 5), starts=4
    )
    picture = found.picture()
    meshes = [
        m for ax in picture.figure.axes for m in ax.collections if hasattr(m, "get_coordinates")
    ]
    assert len({(mesh.norm.vmin, mesh.norm.vmax) for mesh in meshes[:3]}) == 1
    assert picture.alt == repr(found)


def test_a_range_that_the_search_cuts_off_is_told_so() -> None:
    found = compare([adagrad, gradient_descent], ravine(100), budget=60, starts=8, steps=300)
    assert found["adagrad"].is_cut and not found["gradient_descent"].is_cut
    assert "at least" in next(row for row in found.table if row[0] == "AdaGrad")[-1]
