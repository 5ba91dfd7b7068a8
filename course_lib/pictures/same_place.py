"""Paths that run in the same place, so that none hides another."""

from collections.abc import Sequence

import numpy as np

from course_lib.descent import Path

CLOSE = 0.008  # paths (and heads) closer than this part of the window are in the same place
SHARED = 0.4  # a path that runs with another, drawn over it, for more than this part is wider
MOST_NESTED = 3


def nesting(paths: Sequence[Path]) -> list[int]:
    """For each path how many of those drawn after it, and over it, run in the same place."""
    samples = [_sampled(path) for path in paths]
    nested = [0] * len(paths)
    for i in reversed(range(len(paths))):
        over = [j for j in range(i + 1, len(paths)) if _share(samples[i], samples[j]) > SHARED]
        nested[i] = min(max((nested[j] + 1 for j in over), default=0), MOST_NESTED)
    return nested


def _sampled(path: Path) -> np.ndarray:
    """(n, 2), places along a path, evenly spaced, in parts of the window; its first two widths."""
    points = path.points
    window = list(path.landscape.window)
    if path.landscape.dim == 1:
        points = np.column_stack([points[:, 0], path.values])
        window.append((path.values.min(), path.values.max() + 1e-300))
    low, span = np.array(window)[:, 0], np.ptp(window, axis=1)
    with np.errstate(over="ignore"):
        share = np.clip((points - low) / span, -1, 2)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(share, axis=0), axis=1))])
    at = np.arange(0, min(along[-1], 2) + 1e-12, CLOSE / 2)
    places = np.column_stack([np.interp(at, along, column) for column in share.T])
    return places[((places >= 0) & (places <= 1)).all(axis=1)]


def _share(one: np.ndarray, other: np.ndarray) -> float:
    """The part of one path, by length, that runs where the other one does."""
    if not len(one) or not len(other):
        return 0.0
    apart = np.abs(one[:, np.newaxis] - other).max(axis=-1).min(axis=1)
    return float(np.mean(apart < CLOSE))
