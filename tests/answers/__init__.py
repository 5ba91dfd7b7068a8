"""Answers as learners write them, for ``test_checks.py``: a module for each exercise."""

from answers import (
    ex01,
    ex02,
    ex03,
    ex04,
    ex05,
    ex06,
    ex07,
    ex08,
    ex09,
    ex10,
    ex11,
    ex12,
    ex13,
    ex14,
)
from answers.bank import RIGHT, WRONG, right, wrong

__all__ = [
    "RIGHT",
    "WRONG",
    "ex01",
    "ex02",
    "ex03",
    "ex04",
    "ex05",
    "ex06",
    "ex07",
    "ex08",
    "ex09",
    "ex10",
    "ex11",
    "ex12",
    "ex13",
    "ex14",
    "right",
    "wrong",
]
