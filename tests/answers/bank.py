"""The bank of answers: wrong ones, each with words of the hint it must get, and right
ones in many styles. ``test_checks.py`` tries them all.
"""

from collections.abc import Callable
from pprint import pformat

import pytest

from exercise_lib.engine import Task

WRONG, RIGHT = [], []


def wrong(task: Task, words: str) -> Callable:
    """Decorates a wrong answer to a task, or takes a value; ``words`` must be in its hint."""

    def add(answer: object) -> object:
        WRONG.append(pytest.param(task, answer, words, id=f"{task.name}: {name_of(answer)}"))
        return answer

    return add


def right(task: Task) -> Callable:
    """Decorates a right answer to a task, or takes a value."""

    def add(answer: object) -> object:
        RIGHT.append(pytest.param(task, answer, id=f"{task.name}: {name_of(answer)}"))
        return answer

    return add


def name_of(answer: object) -> str:
    """The answer's name, or its value with sets sorted: the same in every process."""
    return getattr(answer, "__name__", None) or " ".join(pformat(answer, width=1).split())
