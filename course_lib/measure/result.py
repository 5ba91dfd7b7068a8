"""What a comparison finds of one rule."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

WIDE = (1e-6, 1e3)  # where the usable range of the learning rate is looked for


@dataclass(frozen=True)
class Result:
    """One rule in a comparison.

    settings: chosen by tuning
    at_edge:  those of them at an end of what was tried, beyond which a better value may lie
    tried:    how many settings were tried
    steps:    (cases,), the step from which on f − f* stays below the target; inf if it does not
    dial:     "lr"; "eps" for a rule without learning rate; "" for one with neither
    usable:   (lowest, highest) value of the dial at which at least half of the cases arrive, the
              other settings as chosen; nan if there is none
    """

    rule: str
    settings: Mapping[str, float]
    tried: int
    steps: np.ndarray
    dial: str
    usable: tuple[float, float]
    at_edge: tuple[str, ...] = ()

    @property
    def median(self) -> float:
        return _quantile(self.steps, 0.5)

    @property
    def quartiles(self) -> tuple[float, float]:
        return _quantile(self.steps, 0.25), _quantile(self.steps, 0.75)

    @property
    def arrived(self) -> int:
        """How many of the cases reach the target and stay there."""
        return int(np.isfinite(self.steps).sum())

    @property
    def decades(self) -> float:
        """Width of the usable range in powers of ten; 0 if there is none, nan without a dial."""
        if not self.dial:
            return np.nan
        low, high = self.usable
        return float(np.nan_to_num(np.log10(high / low)))

    @property
    def is_cut(self) -> bool:
        """Whether the usable range goes on where the search for it ended."""
        return bool(self.usable[1] >= WIDE[1] * (1 - 1e-9))


def decades_in_words(result: Result) -> str:
    """The width of the usable range: "0.4 decades"; "at least" where the search ended first."""
    if not result.dial:
        return "–"
    least = "at least " if result.is_cut else ""
    return f"{least}{result.decades:.1f} decades" + (" of ε" if result.dial == "eps" else "")


def _quantile(steps: np.ndarray, q: float) -> float:
    """A quantile of counts of steps of which some may be inf: the value at or above it."""
    return float(np.quantile(steps, q, method="higher"))
