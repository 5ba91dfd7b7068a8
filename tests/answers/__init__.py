"""Answers as learners write them; see ``bank.py``."""

from importlib import import_module
from pkgutil import iter_modules

from answers.bank import RIGHT, WRONG

__all__ = ["RIGHT", "WRONG"]

for found in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"answers.{found}")  # each adds to RIGHT and WRONG
