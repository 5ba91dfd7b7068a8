"""The checks of the exercises: ``from exercise_lib import check``, then ``check.<task>(answer)``.

Each is a ``Task``; called with an answer it returns a ``Report`` that shows itself in a notebook.
"""

from importlib import import_module
from pkgutil import iter_modules

from exercise_lib import tasks
from exercise_lib.engine import Hint, Report, Task
from exercise_lib.personal import student

EXERCISES = tuple(  # the modules of exercise_lib.tasks, in the order of the lessons
    import_module(f"{tasks.__name__}.{name}")
    for name in sorted(module.name for module in iter_modules(tasks.__path__))
)
TASKS = {task.name: task for exercise in EXERCISES for task in exercise.TASKS}
__all__ = ["TASKS", "Hint", "Report", "Task", "hint", "student", *TASKS]

globals().update(TASKS)


def hint(name: str, level: int = 1) -> Hint:
    """More help with a task: 1 a nudge, 2 a pointer, 3 the line itself."""
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; there are: {', '.join(TASKS)}")
    return TASKS[name].hint(level)
