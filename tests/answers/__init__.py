"""Answers as learners write them, for ``test_exercises.py``: a module for each exercise."""

from answers import ex02, ex03, ex04
from answers.bank import RIGHT, WRONG, right, wrong

__all__ = ["RIGHT", "WRONG", "ex02", "ex03", "ex04", "right", "wrong"]
