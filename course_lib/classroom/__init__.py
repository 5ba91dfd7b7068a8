"""A class: hand out exercises, collect, repair and grade them, give feedback. See INSTRUCTORS.md.

On the command line ``python -m course_lib.classroom``; in Python:

    here = new("../my-class")                # or ClassFolder("../my-class")
    release(here, "03_momentum")             # the zip to hand out
    collect(here, "03_momentum", "lms.zip")  # who was placed, and who could not be
    repair(here, "03_momentum")              # each on the released notebook
    grade(here, "03_momentum", jobs=2)       # a ``Run`` for each student
    feedback(here, "03_momentum")            # the zip of pages
    grades(here); mistakes(here, "03_momentum")
"""

from importlib import import_module

_WHERE = {  # name: the module it is loaded from on first use; nbgrader takes a second to load
    name: module
    for module, names in {
        "folder": "ClassFolder ClassroomError Student new",
        "handout": "available release",
        "inbox": "Collected collect read_attempts",
        "mending": "Repaired rebuilt repair",
        "grading": "Run grade",
        "pages": "feedback",
        "results": "grades write_grades",
        "tally": "mistakes",
        "sandbox": "Limits bubblewrap run",
    }.items()
    for name in names.split()
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
