"""The bank of answers: wrong ones, each with the known mistake it makes or words of what it must
be told, and right ones in many styles. ``test_checks.py`` tries them all.
"""

from collections.abc import Callable
from pprint import pformat

import pytest

from exercise_lib.engine import Task

WRONG, RIGHT = [], []


def wrong(task: Task, mistake: str = "", *, says: str = "") -> Callable:
    """Decorates a wrong answer to a task, or takes a value.

    mistake: the name of the known mistake that it makes
    says:    where it makes none that the task knows, words of what it must be told
    """
    if bool(mistake) == bool(says):
        raise ValueError(f"a wrong answer to {task.name} needs a mistake, or what the check says")

    def add(answer: object) -> object:
        name = f"{task.name}: {name_of(answer)}"
        WRONG.append(pytest.param(task, answer, mistake, says, id=name))
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
