"""Every single check draws the edges that its task names, whatever the draw."""

import numpy as np
import pytest

from exercise_lib import check
from exercise_lib.engine import Task, spread
from exercise_lib.rule_runs import LONG, Run, draw_runs, rule_edges

STEMS = sorted(name for name in dir(check) if isinstance(getattr(check, name), Task))
TASKS = [getattr(check, name) for name in STEMS]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_each_edge_is_drawn_in_every_check(task: Task) -> None:
    for seed in range(60):
        cases = task.cases(np.random.default_rng(seed))
        missing = [name for name, is_it in task.edges.items() if not any(map(is_it, cases))]
        assert not missing, (seed, missing)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_names_its_edges_where_something_is_drawn(task: Task) -> None:
    drawn = list(task.cases(np.random.default_rng(0))) != [None]
    assert bool(task.edges) == drawn
    assert all(len(name) < 50 for name in task.edges)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_an_edge_is_no_more_than_an_edge(task: Task) -> None:
    """No words are true of every case, but where all cases are of that kind by design."""
    cases = task.cases(np.random.default_rng(0))
    always = [name for name, is_it in task.edges.items() if all(map(is_it, cases))]
    assert set(always) <= ALWAYS.get(task.name, set()), always


ALWAYS = {
    "numerical_gradient": {"an h at which one side shows"},
    "growing_weights": {"twelve steps"},
    "units_checker": {"lengths", "steps of both signs"},
    "warm_cosine": {"a warm-up of several steps"},
    "resting_places": {"beyond the box", "beyond its other side", "inside"},
    "tuned_fairly": {"other starts to judge than to tune"},
    "spread_of_steps": {"runs that never arrive"},
    "usable_decades": {"two stretches"},
    "own_rule": {"a minimum that is not 0", "axes that are turned"},
    "recorded_step_sizes": {"a first gradient of 0"},
}


def test_a_rule_without_an_edge_is_noticed() -> None:
    runs = draw_runs(lr=(0.1, 0.3), beta=(0.5, 0.8))(np.random.default_rng(0))
    edges = rule_edges("lr", "beta")
    assert len(edges) == 11 and all(any(map(is_it, runs)) for is_it in edges.values())
    usual = [run for run in runs[:5] if isinstance(run, Run)]
    assert not any(
        any(map(edges[name], usual)) for name in edges if name != "a minimum that is not 0"
    )
    assert rule_edges(but=["thousands of steps"]).keys() == rule_edges().keys() - {
        "thousands of steps"
    }
    assert runs[-1].steps == LONG


def test_spread_reaches_both_ends_and_all_parts_between() -> None:
    for seed in range(20):
        drawn = spread(np.random.default_rng(seed), 2.0, 6.0, 8)
        assert sorted(np.floor((drawn - 2.0) / 0.5).astype(int)) == list(range(8))
    orders = {tuple(np.argsort(spread(np.random.default_rng(s), 0, 1, 4))) for s in range(40)}
    assert len(orders) > 10
