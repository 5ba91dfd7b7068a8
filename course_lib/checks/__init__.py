"""The checks of the exercises: ``from course_lib import check``, then ``check.<task>(answer)``.

Each is a ``Task``; called with an answer it returns a ``Report`` that shows itself in a notebook.
"""

from course_lib.checks import (
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
from course_lib.checks.engine import Hint, Report, Task
from course_lib.checks.variant import student

EXERCISES = (ex01, ex02, ex03, ex04, ex05, ex06, ex07, ex08, ex09, ex10, ex11, ex12, ex13, ex14)
TASKS = {task.name: task for exercise in EXERCISES for task in exercise.TASKS}
__all__ = ["TASKS", "Hint", "Report", "Task", "hint", "student", *TASKS]

globals().update(TASKS)


def hint(name: str, level: int = 1) -> Hint:
    """More help with a task: 1 a nudge, 2 a pointer, 3 the line itself."""
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; there are: {', '.join(TASKS)}")
    return TASKS[name].hint(level)
