"""A course on gradient-descent optimizers: the library behind the notebooks.

Everything a lesson needs is imported from here: ``from course_lib import adam, beale, descend,
explore``. Rules, landscapes and runs need numpy alone; pictures and widgets are loaded when a name
that needs them is first used, so that importing stays quick.
"""

from importlib import import_module

from course_lib import theory
from course_lib.descent import Grid, Path, Step, descend, dissect, step_sizes, sweep
from course_lib.landscapes import (
    LANDSCAPES,
    Landscape,
    beale,
    bowl,
    central_difference,
    cubic,
    himmelblau,
    least_squares,
    parabola,
    plateau,
    quadratic,
    ravine,
    rosenbrock,
    saddle,
    styblinski_tang,
    with_noise,
)
from course_lib.optimizers import (
    RULES,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    dozat_schedule,
    gradient_descent,
    momentum,
    nadam,
    nadam_scheduled,
    nadamax,
    nesterov,
    rmsprop,
)

_LATER = {  # name: the module it is loaded from on first use
    **dict.fromkeys(("curves", "family_tree", "heatmap", "surface", "trajectory"), "plots"),
    **dict.fromkeys(("doctor", "explore", "microscope", "noise_lab"), "labs"),
    **dict.fromkeys(("phase_map", "predict", "race"), "labs"),
}
_LATER["check"] = "checks"  # the checks of the exercises are one name: check.gradient_descent(…)

__all__ = [
    "LANDSCAPES",
    "RULES",
    "Grid",
    "Landscape",
    "Path",
    "Step",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "beale",
    "bowl",
    "central_difference",
    "cubic",
    "descend",
    "dissect",
    "dozat_schedule",
    "gradient_descent",
    "himmelblau",
    "least_squares",
    "momentum",
    "nadam",
    "nadam_scheduled",
    "nadamax",
    "nesterov",
    "parabola",
    "plateau",
    "quadratic",
    "ravine",
    "rmsprop",
    "rosenbrock",
    "saddle",
    "step_sizes",
    "styblinski_tang",
    "sweep",
    "theory",
    "with_noise",
    *_LATER,
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'course_lib' has no attribute {name!r}")
    module = import_module(f"course_lib.{_LATER[name]}")
    globals()[name] = module if name == "check" else getattr(module, name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
