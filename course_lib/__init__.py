"""A course on gradient-descent optimizers: the library behind the notebooks.

Everything a lesson needs is imported from here: ``from course_lib import adam, beale, descend,
explore``. Rules (those of family.py), landscapes and runs need numpy alone; measurements, pictures
and widgets are loaded when a name that needs them is first used, so that importing stays quick.
"""

from importlib import import_module

from course_lib import theory
from course_lib.derivation import agree
from course_lib.descent import Grid, Path, Step, descend, dissect, step_sizes, steps_on, sweep
from course_lib.family import RULES
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
from course_lib.optimizers import dozat_schedule, newton_schulz

_LATER = {  # name: the module it is loaded from on first use
    name: module
    for module, names in {
        "pictures.charts": (
            "curves grounds heatmap maps small_multiples step_size_curves surface trajectory"
        ),
        "pictures.family_tree": "family_tree",
        "measure.comparison": "Comparison Robustness compare robustness",
        "measure.difference": "difference",
        "measure.invariance": "Change deviation invariances",
        "measure.property_report": "properties",
        "training.networks": "Network log_softmax",
        "training.digits": "digits",
        "training.real_data": "on_real_data",
        "training.words": "LogisticRegression words",
        "training.schedules": "constant cosine scheduled step_decay warmup warmup_cosine",
        "training.train": "train tune",
        "training.pictures": "show_digits spread training_curves",
        "field_guide.dialects": "ended_at translate",
        "field_guide.cheat_sheet": "cheat_sheet",
        "field_guide.tables": (
            "dialect_table lesson_table memory_table neighbours rule_table training_loop"
        ),
        "labs.digit_pad": "digit_pad",
        "labs.doctor": "doctor",
        "labs.error_parts": "error_parts",
        "labs.explore": "explore",
        "labs.factor_lab": "factor_lab",
        "labs.inside": "inside",
        "labs.invariance_table": "invariance_table",
        "labs.memory": "memory",
        "labs.microscope": "microscope",
        "labs.noise_lab": "noise_lab",
        "labs.phase_map": "phase_map",
        "labs.powers": "powers",
        "labs.predict": "predict",
        "labs.progress": "progress",
        "labs.quiz": "quiz",
        "labs.race": "race",
        "labs.step_size_by_word": "step_size_by_word",
        "labs.training_lab": "training_lab",
        "labs.translator": "translator",
        "labs.turned": "turned",
        "labs.unit_balls": "unit_balls",
        "labs.units": "units",
        "labs.units_table": "units_table",
    }.items()
    for name in names.split()
}
_MOVED = {  # where notebooks made by version 0.1 still look for what exercise_lib has now
    "check": "exercise_lib.check",
    "your_progress": "exercise_lib.progress_page",
}

__all__ = [
    "LANDSCAPES",
    "RULES",
    "Grid",
    "Landscape",
    "Path",
    "Step",
    "agree",
    "beale",
    "bowl",
    "central_difference",
    "cubic",
    "descend",
    "dissect",
    "dozat_schedule",
    "himmelblau",
    "least_squares",
    "newton_schulz",
    "parabola",
    "penalised",
    "plateau",
    "quadratic",
    "ravine",
    "rosenbrock",
    "saddle",
    "step_sizes",
    "steps_on",
    "styblinski_tang",
    "sweep",
    "theory",
    "with_noise",
    "with_spikes",
    *RULES,
    *_LATER,
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("importlib.metadata").version("gradient-descent-course")
    if name in RULES:
        return RULES[name]
    if name in _MOVED:
        module = import_module(_MOVED[name])
        return module if name == "check" else getattr(module, name)
    if name not in _LATER:
        raise AttributeError(f"module 'course_lib' has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"course_lib.{_LATER[name]}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *RULES, *_LATER})
