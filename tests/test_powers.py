"""``powers``: unit balls, and the divisor after a spike, against plain sums and real runs."""

import numpy as np
import pytest

from course_lib import adam, adamax, powers
from course_lib.labs.powers import divisor_after, size_of


@pytest.mark.parametrize("p", [2.0, 3.0, 7.5, 256.0, np.inf])
def test_the_size_is_the_p_norm(p: float) -> None:
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    assert np.allclose(size_of(gradients, p), [np.linalg.norm(g, ord=p) for g in gradients])
    assert np.allclose(size_of(1e200 * gradients, p), 1e200 * size_of(gradients, p))


@pytest.mark.parametrize("beta2", [0.9, 0.99])
@pytest.mark.parametrize("p", [2.0, 4.0, np.inf])
def test_the_divisor_is_that_of_the_recursion(p: float, beta2: float) -> None:
    sizes = [1.0] * 3000 + [30.0] + [1.0] * 400
    u, seen = 0.0, []
    for g in sizes:
        if np.isinf(p):
            u = max(beta2 * u, g)
        else:
            u = ((beta2 * u) ** p + (1 - beta2**p) * g**p) ** (1 / p)
        seen.append(u)
    k = np.arange(-5, 401)
    assert np.allclose(divisor_after(k, 30.0, p, beta2), seen[2995:], rtol=1e-6)


def test_a_huge_power_is_the_maximum_and_a_spike_of_one_is_none() -> None:
    k = np.arange(0, 500, 7)
    close = divisor_after(k, 100.0, 1e5, 0.99), divisor_after(k, 100.0, np.inf, 0.99)
    assert np.allclose(*close, rtol=1e-3)
    assert np.allclose(divisor_after(k, 1.0, 4.0, 0.99), 1)


def throw(rule, **settings: float) -> float:
    """How far a spike of 100, after long calm, moves a walker with η = 1."""
    calm = np.where(np.arange(9500) % 2, -1.0, 1.0)
    ends = []
    for spike in (calm[9000], 100.0):
        given = iter([*calm[:9000], spike, *calm[9001:]])
        walk = rule(lambda x, given=given: np.array([next(given)]), np.zeros(1), lr=1.0, **settings)
        ends.append([next(walk)[0] for _ in calm][-1])
    return abs(ends[1] - ends[0])


def test_the_throw_is_that_of_adam_and_adamax() -> None:
    panel = powers(p=2.0, beta2=0.999)
    assert panel.throw == pytest.approx(throw(adam, beta2=0.999**2), rel=0.03)
    panel.controls["p"].value = 256.0
    assert panel.throw == pytest.approx(throw(adamax, beta2=0.999), rel=0.1)


def test_with_a_larger_power_the_throw_is_shorter_and_the_slow_time_longer() -> None:
    panel = powers(p=2.0)
    told = []
    for p in (2.0, 3.0, 8.0, 64.0, 256.0):
        panel.controls["p"].value = p
        told.append((panel.throw, panel.slow))
        assert f"p = {p:.3g}" in panel.says and f"for {panel.slow} steps" in panel.says
    throws, slows = zip(*told, strict=True)
    assert list(throws) == sorted(throws, reverse=True) and list(slows) == sorted(slows)
    u = divisor_after(np.arange(20000), 100.0, 256.0, 0.999)
    assert panel.slow == np.sum(u > 2)


def test_the_pair_and_the_spike_can_be_moved() -> None:
    panel = powers()
    pair, spike = panel.figure.areas
    pair.to(0.3, -0.4)
    assert panel.pair == (0.3, -0.4) and "(0.3, -0.4)" in panel.says
    pair.to(0.0, 0.0)  # has no size: the pair stays
    assert panel.pair == (0.3, -0.4)
    pair.to(9.0, 9.0)
    assert panel.pair == (1.3, 1.3)
    spike.to(17.0, 250.0)
    assert panel.controls["spike"].value == pytest.approx(250) and "A spike of 250" in panel.says
    before = panel.figure.png()
    panel.controls["beta2"].value = 0.99
    assert panel.figure.png() != before
    assert all(control.description for control in panel.controls.values())


@pytest.mark.parametrize(
    ("name", "given"), [("p", 1.0), ("p", np.inf), ("beta2", 1.0), ("spike", 0.5)]
)
def test_what_has_no_slider_is_an_error(name: str, given: float) -> None:
    with pytest.raises(ValueError, match=rf"{name} must be from .* to .*, got {given}"):
        powers(**{name: given})


@pytest.mark.parametrize("beta2", [0.5, 0.999])
@pytest.mark.parametrize("spike", [1.0, 1000.0])
@pytest.mark.parametrize("p", [2.0, 256.0])
def test_the_ends_of_all_sliders(p: float, spike: float, beta2: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        panel = powers(p, beta2, spike)
    assert 0 < panel.throw < 1000 and "nan" not in panel.says and panel.figure.png()
