"""The exercises: how they answer, what keeps code of others in bounds, and how a class is graded.

``from exercise_lib import check`` is all that an exercise needs. It builds on ``course_lib``, which
knows nothing of it.
"""

from importlib import import_module

_LATER = {"your_progress": "progress_page"}  # name: the module it is loaded from on first use
__all__ = ["check", *_LATER]


def __getattr__(name: str) -> object:
    if name == "check":
        return import_module("exercise_lib.check")
    if name not in _LATER:
        raise AttributeError(f"module 'exercise_lib' has no attribute {name!r}")
    return getattr(import_module(f"exercise_lib.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
