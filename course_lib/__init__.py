"""A course on gradient-descent optimizers: the library behind the notebooks.

Everything a lesson needs is imported from here: ``from course_lib import adam, beale, descend,
explore``. Rules, landscapes and runs need numpy alone; pictures and widgets are loaded when a name
that needs them is first used, so that importing stays quick.
"""

from importlib import import_module

from course_lib import theory
from course_lib.comparison import Comparison, Robustness, compare, robustness
from course_lib.descent import Grid, Path, Step, descend, dissect, step_sizes, sweep
from course_lib.invariance import Change, deviation, invariances
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
    penalised,
    plateau,
    quadratic,
    ravine,
    rosenbrock,
    saddle,
    styblinski_tang,
    with_noise,
    with_spikes,
)
from course_lib.optimizers import (
    RULES,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    amsgrad,
    dozat_schedule,
    gradient_descent,
    lion,
    momentum,
    muon,
    nadam,
    nadam_scheduled,
    nadamax,
    nesterov,
    newton_schulz,
    rmsprop,
    schedule_free,
)

_LATER = {  # name: the module it is loaded from on first use
    name: module
    for module, names in {
        "plots": "curves family_tree heatmap maps step_size_curves surface trajectory",
        "source": "difference",
        "property_report": "properties",
        "networks": "Network log_softmax",
        "data": "digits",
        "schedules": "constant cosine scheduled step_decay warmup warmup_cosine",
        "training": "train tune",
        "training_pictures": "show_digits show_weights spread training_curves",
        "dialects": "ended_at translate",
        "field_guide": "cheat_sheet dialect_table neighbours rule_table training_loop",
        "labs.doctor": "doctor",
        "labs.explorer": "explore",
        "labs.invariance_table": "invariance_table",
        "labs.memory": "memory",
        "labs.microscope": "microscope",
        "labs.noise_lab": "noise_lab",
        "labs.phase_map": "phase_map",
        "labs.predict": "predict",
        "labs.progress": "progress",
        "labs.quiz": "quiz",
        "labs.race": "race",
        "labs.training_lab": "training_lab",
        "labs.translator": "translator",
        "labs.turned": "turned",
        "labs.units": "units",
        "labs.your_progress": "your_progress",
    }.items()
    for name in names.split()
}
_LATER["check"] = "checks"  # the checks of the exercises are one name: check.gradient_descent(…)

__all__ = [
    "LANDSCAPES",
    "RULES",
    "Change",
    "Comparison",
    "Grid",
    "Landscape",
    "Path",
    "Robustness",
    "Step",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "amsgrad",
    "beale",
    "bowl",
    "central_difference",
    "compare",
    "cubic",
    "descend",
    "deviation",
    "dissect",
    "dozat_schedule",
    "gradient_descent",
    "himmelblau",
    "invariances",
    "least_squares",
    "lion",
    "momentum",
    "muon",
    "nadam",
    "nadam_scheduled",
    "nadamax",
    "nesterov",
    "newton_schulz",
    "parabola",
    "penalised",
    "plateau",
    "quadratic",
    "ravine",
    "rmsprop",
    "robustness",
    "rosenbrock",
    "saddle",
    "schedule_free",
    "step_sizes",
    "styblinski_tang",
    "sweep",
    "theory",
    "with_noise",
    "with_spikes",
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
