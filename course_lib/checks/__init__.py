"""The checks of the exercises: ``from course_lib import check``, then ``check.<task>(answer)``.

Each is a ``Task``; called with an answer it returns a ``Report`` that shows itself in a notebook.
"""

from course_lib.checks import ex01
from course_lib.checks.engine import Hint, Report, Task
from course_lib.checks.ex01 import (
    corrected_gradient,
    gradient_descent,
    largest_stable_lr,
    numerical_gradient,
    steps_to_halve,
    wrong_gradient,
)

__all__ = [
    "TASKS",
    "Hint",
    "Report",
    "Task",
    "corrected_gradient",
    "gradient_descent",
    "hint",
    "largest_stable_lr",
    "numerical_gradient",
    "steps_to_halve",
    "wrong_gradient",
]

TASKS = {task.name: task for task in ex01.TASKS}


def hint(name: str, level: int = 1) -> Hint:
    """More help with a task: 1 a nudge, 2 a pointer, 3 the line itself."""
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; there are: {', '.join(TASKS)}")
    return TASKS[name].hint(level)
