"""The field guide: dialects against stored runs of the libraries, translations, the cheat sheet."""

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest
from test_reference import assert_agrees

from course_lib import beale
from course_lib.dialects import (
    AVERAGING,
    COURSE,
    DIALECTS,
    FORMS,
    LIBRARIES,
    dialects_of,
    stored,
    translate,
    understood,
)
from course_lib.descent import descend, hyperparameters_of
from course_lib.optimizers import RULES

with np.load(Path(__file__).parent / "reference" / "dialects.npz") as file:
    RUNS = dict(file)
STEPS = 200
UPHILL = "optax.adadelta()"
MEAN = "optax.chain(optax.ema(0.8, debias=False), optax.scale(-0.005))"
CALLS = [line for line in RUNS if line not in (UPHILL, MEAN)]


def path_of(line: str) -> np.ndarray:
    """What our form of a line walks."""
    dialect, given = understood(line)
    return dialect.path(dialect.read(given), beale, (1.0, 1.5), STEPS).points


@pytest.mark.parametrize("line", CALLS)
def test_the_form_repeats_the_run_of_the_library(line):
    assert RUNS[line].shape == (STEPS + 1, 2) and RUNS[line].dtype == np.float64
    assert_agrees(path_of(line), RUNS[line])
