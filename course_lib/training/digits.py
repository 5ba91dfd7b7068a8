"""Real data: handwritten digits.

The images are stored inside the package (45 kB; source, licence and recipe in ``digits.txt``), so
that neither a download nor another library is needed: they are there in a classroom without a
network and in a browser, and they are the same for everybody.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

SIZES = (1197, 300, 300)  # how many images are for training, validation and test


class Images(NamedTuple):
    """Images and what they show: ``network.loss(w, *digits().train)``.

    images: (n, 64), 8 × 8 pixels row by row, each from 0 (paper) to 1 (ink)
    labels: (n,), the digits 0 … 9
    """

    images: np.ndarray
    labels: np.ndarray


class Digits(NamedTuple):
    """Three parts that share no image: to train on, to choose settings by, to judge with."""

    train: Images
    validation: Images
    test: Images


@cache
def digits(shuffled: bool = True) -> Digits:
    """1797 handwritten digits, in 1197 to train on, 300 for validation and 300 for the test.

    shuffled: False takes the images in the order of the source. They come from 13 people, and there
              the test has other people's digits than the training; shuffled, everybody's.

    The arrays are read-only. Source: E. Alpaydin, C. Kaynak, "Optical recognition of handwritten
    digits", UCI Machine Learning Repository (1998), CC BY 4.0.
    """
    with (files("course_lib.training") / "digits.npz").open("rb") as file, np.load(file) as stored:
        images = stored["images"].reshape(-1, 64) / 16
        labels = stored["labels"].astype(int)
    order = np.arange(len(labels))
    if shuffled:
        order = np.random.default_rng(0).permutation(order)
    parts = []
    for rows in np.split(order, np.cumsum(SIZES)[:-1]):
        part = Images(images[rows], labels[rows])
        for array in part:
            array.setflags(write=False)
        parts.append(part)
    return Digits(*parts)
