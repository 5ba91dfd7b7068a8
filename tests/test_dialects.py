"""The dialects of Nadam as lesson 10 writes them, against stored runs of their libraries.

The functions are taken from the lesson itself, by running its cells.
"""

import numpy as np
import pytest
from reference.settings import RUNS, START
from test_lessons import ROOT, from_lesson
from test_reference import REFERENCES, assert_agrees, path_of

LESSON = ROOT / "notebooks" / "10_nadam.ipynb"
DIALECTS = {  # a function of the lesson, and the runs that it must repeat
    "my_nadam": [("optax", "nadam"), ("unrolled", "nadam")],
    "nadam_scheduled": [("unrolled", "nadam_scheduled")],
    "tutorial_nadam": [("river", "tutorial_nadam")],
    "torch_nadam": [("torch", "torch_nadam")],
    "keras_nadam": [("keras", "keras_nadam")],
}
PAIRS = [
    (name, *run, landscape)
    for name, runs in DIALECTS.items()
    for run in runs
    for landscape in START
]


@pytest.mark.parametrize(("name", "source", "run", "landscape"), PAIRS)
def test_dialect_repeats_the_run_of_its_library(name, source, run, landscape) -> None:
    path = path_of(from_lesson(LESSON, name), landscape, **RUNS[run, landscape])
    assert_agrees(path, REFERENCES[source, run, landscape])


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("landscape", START)
def test_dialect_does_not_repeat_the_run_of_another(name, landscape) -> None:
    own = DIALECTS[name]
    others = [run for runs in DIALECTS.values() for run in runs if run not in own]
    for source, run in others:
        settings = dict(RUNS[run, landscape])
        if name not in ("nadam_scheduled", "torch_nadam"):
            settings.pop("psi", None)
        path = path_of(from_lesson(LESSON, name), landscape, **settings)
        assert np.abs(path - REFERENCES[source, run, landscape]).max() > 1e-3, (name, source)


@pytest.mark.parametrize("landscape", START)
def test_keras_is_pytorch_with_psi_1(landscape) -> None:
    path = path_of(
        from_lesson(LESSON, "torch_nadam"), landscape, psi=1.0, **RUNS["keras_nadam", landscape]
    )
    assert_agrees(path, REFERENCES["keras", "keras_nadam", landscape])
