"""What a lesson calls. Each function returns a ``Panel`` that shows itself as a cell's last line.

All work for every rule of the course, and for any generator function that keeps its contract.
Sliders come from the rule's signature: a keyword with a numeric default is a hyperparameter, and
its name decides the scale.
"""

from course_lib.labs.controls import control_for, controls_for
from course_lib.labs.doctor import Doctor, doctor
from course_lib.labs.explorer import Explorer, explore
from course_lib.labs.invariance_table import InvarianceTable, invariance_table
from course_lib.labs.memory import Memory, memory
from course_lib.labs.microscope import Microscope, microscope, parts_of
from course_lib.labs.noise_lab import NoiseLab, noise_lab
from course_lib.labs.phase_map import PhaseMap, phase_map
from course_lib.labs.predict import Prediction, predict
from course_lib.labs.progress import Progress, progress
from course_lib.labs.race import Race, race
from course_lib.labs.training_lab import TrainingLab, training_lab
from course_lib.labs.translator import Translator, translator
from course_lib.labs.turned import Turned, turned
from course_lib.labs.units import Units, units

__all__ = [
    "Doctor",
    "Explorer",
    "InvarianceTable",
    "Memory",
    "Microscope",
    "NoiseLab",
    "PhaseMap",
    "Prediction",
    "Progress",
    "Race",
    "TrainingLab",
    "Translator",
    "Turned",
    "Units",
    "control_for",
    "controls_for",
    "doctor",
    "explore",
    "invariance_table",
    "memory",
    "microscope",
    "noise_lab",
    "parts_of",
    "phase_map",
    "predict",
    "progress",
    "race",
    "training_lab",
    "translator",
    "turned",
    "units",
]
