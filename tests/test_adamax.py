"""AdaMax as the limit of Adam with growing powers, its longest step, and gradients with spikes.

The rule for a power p is written here from its definition, with logarithms of whole sums, so that
it shares nothing with the recursions of the library and of lesson 09.
"""

from itertools import count

import numpy as np
import pytest

from course_lib import adam, adamax, beale, descend, himmelblau, ravine, sweep, with_noise
from course_lib import with_spikes as spiked


def from_all_gradients(p):
    """Adam with the p-th root of a bias-corrected mean of |g|ᵖ that fades by β₂ᵖ a step."""

    def rule(grad, x, lr=0.1, beta1=0.9, beta2=0.99):
        gs = []
        for t in count(1):
            gs.append(grad(x))
            ages = np.arange(t)[::-1, np.newaxis]
            m_hat = np.sum(beta1**ages * gs, axis=0) / np.sum(beta1**ages)
            logs = p * (np.log(np.abs(gs)) + ages * np.log(beta2))
            weights = np.log(np.sum(beta2 ** (p * ages)))
            x = x - lr * m_hat / np.exp((np.logaddexp.reduce(logs, axis=0) - weights) / p)
            yield x

    return rule


CASES = [(beale, 0.99), (ravine(), 0.9), (himmelblau, 0.999)]
by_case = pytest.mark.parametrize(("on", "beta2"), CASES, ids=["beale", "ravine", "himmelblau"])


@by_case
def test_power_two_is_adam_with_the_square_of_beta2(on, beta2):
    path = descend(from_all_gradients(2), on, beta2=beta2)
    partner = descend(adam, on, lr=0.1, beta2=beta2**2, eps=0.0)
    assert np.allclose(path.points, partner.points, rtol=0, atol=1e-10)


@by_case
def test_power_256_is_within_a_percent_of_adamax(on, beta2):
    path = descend(from_all_gradients(256), on, beta2=beta2)
    limit = descend(adamax, on, lr=0.1, beta2=beta2)
    assert np.abs(path.points - limit.points).max() < 0.01 * np.abs(limit.points).max()
    twice = descend(from_all_gradients(4096), on, beta2=beta2)
    assert np.abs(twice.points - limit.points).max() < 0.1 * 0.01 * np.abs(limit.points).max()


def moves(gradients, **settings):
    given = iter(gradients)
    walk = adamax(lambda x: np.array([next(given)]), np.zeros(1), lr=1.0, **settings)
    return np.diff([0.0, *(next(walk)[0] for _ in gradients)])


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.9, 0.95), (0.5, 0.6), (0.0, 0.5)])
def test_no_step_is_longer_than_the_bound_which_is_reached(beta1, beta2):
    bound = beta2 * (1 - beta1) / (beta2 - beta1)
    rng = np.random.default_rng(0)
    for gradients in (rng.normal(size=500), rng.standard_cauchy(500), 1 / np.arange(1, 501)):
        lengths = np.abs(moves(gradients, beta1=beta1, beta2=beta2))
        assert lengths.max() <= bound * (1 + 1e-12)
    worst = np.abs(moves(beta2 ** np.arange(500), beta1=beta1, beta2=beta2))
    assert worst[-1] == pytest.approx(bound)


def test_a_spike_shortens_the_steps_as_long_as_predicted():
    gradients = np.ones(1000)
    gradients[100] = 50
    shortened = np.flatnonzero(np.abs(moves(gradients, beta2=0.99)[200:]) < 1 - 1e-9) + 200
    assert shortened[-1] - 100 == np.floor(np.log(50) / -np.log(0.99))


# Gradients with spikes


def test_a_spike_is_added_in_its_step_alone():
    plain, spiky = ravine().oracle(), spiked(ravine(), {3: (1.0, -2.0)}).oracle()
    x = np.array([0.5, 0.7])
    added = [spiky(x) - plain(x) for _ in range(5)]
    assert np.allclose(added, [[0, 0], [0, 0], [1, -2], [0, 0], [0, 0]])


def test_every_run_has_its_spikes_anew_and_the_landscape_stays_exact():
    on = spiked(beale, {2: (5.0, 5.0)})
    first, second = (descend(adamax, on, lr=0.1, steps=9).points for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.allclose(first, descend(adamax, beale, lr=0.1, steps=9).points)
    assert not on.is_exact and on.grad is beale.grad and on.name == "Beale with 1 spike"
    assert spiked(beale, {1: (1, 1), 2: (1, 1)}).name == "Beale with 2 spikes"
    assert spiked(on, {7: (1, 1)}).spikes == (2, 7) and beale.spikes == ()


def test_spikes_come_on_top_of_noise_and_in_all_runs_of_a_sweep():
    noisy = with_noise(ravine(), 0.5, seed=4)
    x = np.ones((3, 2))
    assert np.allclose(spiked(noisy, {1: (7.0, 8.0)}).oracle()(x) - noisy.oracle()(x), [7, 8])
    grid = sweep(adamax, spiked(ravine(), {2: (9, 9)}), lr=[0.1, 0.2], steps=20)
    alone = descend(adamax, spiked(ravine(), {2: (9, 9)}), lr=0.2, steps=20)
    assert np.allclose(grid.values[1], alone.values)
