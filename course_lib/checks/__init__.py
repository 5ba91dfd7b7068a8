"""The checks of the exercises: ``from course_lib import check``, then ``check.<task>(answer)``.

Each is a ``Task``; called with an answer it returns a ``Report`` that shows itself in a notebook.
"""

from course_lib.checks import ex01, ex02, ex03, ex04
from course_lib.checks.engine import Hint, Report, Task
from course_lib.checks.ex01 import (
    corrected_gradient,
    gradient_descent,
    largest_stable_lr,
    numerical_gradient,
    steps_to_halve,
    wrong_gradient,
)
from course_lib.checks.ex02 import (
    batch_bugs,
    fair_comparison,
    learning_rate,
    lr_for_floor,
    minibatch_gradient,
    noise_floor,
    sgd,
)
from course_lib.checks.ex03 import (
    averaging_lr,
    fast_settings,
    mended_momentum,
    momentum,
    momentum_bugs,
    momentum_limit,
)
from course_lib.checks.ex04 import (
    growth_factors,
    leaving_time,
    mended_nesterov,
    nesterov,
    nesterov_bugs,
    nesterov_limit,
    recovered_points,
)

__all__ = [
    "TASKS",
    "Hint",
    "Report",
    "Task",
    "averaging_lr",
    "batch_bugs",
    "corrected_gradient",
    "fair_comparison",
    "fast_settings",
    "gradient_descent",
    "growth_factors",
    "hint",
    "largest_stable_lr",
    "learning_rate",
    "leaving_time",
    "lr_for_floor",
    "mended_momentum",
    "mended_nesterov",
    "minibatch_gradient",
    "momentum",
    "momentum_bugs",
    "momentum_limit",
    "nesterov",
    "nesterov_bugs",
    "nesterov_limit",
    "noise_floor",
    "numerical_gradient",
    "recovered_points",
    "sgd",
    "steps_to_halve",
    "wrong_gradient",
]

TASKS = {task.name: task for exercise in (ex01, ex02, ex03, ex04) for task in exercise.TASKS}


def hint(name: str, level: int = 1) -> Hint:
    """More help with a task: 1 a nudge, 2 a pointer, 3 the line itself."""
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; there are: {', '.join(TASKS)}")
    return TASKS[name].hint(level)
