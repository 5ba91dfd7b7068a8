"""What may import what: no circles, nothing runs back up, computing never draws.

The imports are read from the source, those inside of functions included.
"""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("course_lib", "exercise_lib")

# The floors of each house, the ground first; a module may import what stands below its own floor,
# and what stands on it as long as that makes no circle. Names are modules or folders.
FLOORS = {
    "course_lib": (
        (
            "optimizers",
            "landscapes",
            "theory",
            "lessons",
            "wording",
            "progress_record",
            "derivation",
        ),
        ("family", "validation"),
        ("running",),
        ("descent",),
        ("measure", "training", "field_guide", "pictures"),
        ("labs",),
        ("server", "__main__"),
    ),
    "exercise_lib": (
        ("containment",),
        ("engine",),
        ("rule_runs", "rule_mistakes", "bug_hunt", "personal", "path_picture", "known_mistakes"),
        ("tasks",),
        ("check",),
        ("progress_page", "classroom"),
    ),
}
DRAWS = (  # and all else computes, which is quick to import and works where no picture can be shown
    "course_lib.pictures",
    "course_lib.labs",
    "course_lib.measure.comparison_pictures",
    "course_lib.training.pictures",
    "course_lib.field_guide.tables",
    "course_lib.field_guide.cheat_sheet",
    "exercise_lib.progress_page",
)
HAS_WIDGETS = ("course_lib.pictures.live", "course_lib.labs", "exercise_lib.progress_page")
SHOWS_ITSELF = {  # what computes and is shown as a picture: the one module that draws it
    "course_lib.measure.comparison": "course_lib.measure.comparison_pictures",
    "course_lib.training.real_data": "course_lib.training.pictures",
}
OLD_NAMES = {  # what a notebook of version 0.1 imports, forwarded
    "course_lib.checks.ex14": {"exercise_lib.tasks.e14_beyond"},
}


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    name_of(file): file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))
}


def imported_by(file: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                found.add(module if module in FILES else node.module)
    return found


IMPORTS = {name: imported_by(file) for name, file in FILES.items()}
OURS = {
    name: {m for m in modules if m.split(".")[0] in PACKAGES and m not in PACKAGES}
    for name, modules in IMPORTS.items()
}


def floor_of(module: str) -> int:
    package, _, inside = module.partition(".")
    return next(
        level
        for level, rooms in enumerate(FLOORS[package])
        if inside in rooms or inside.split(".")[0] in rooms
    )


def is_in(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


ROOMS = [
    name
    for name in FILES
    if name not in PACKAGES and not is_in(name, ("course_lib.checks", "course_lib.classroom"))
]


def test_no_circles() -> None:
    tuple(TopologicalSorter(OURS).static_order())  # a CycleError names the circle


@pytest.mark.parametrize("module", ROOMS)
def test_nothing_runs_back_up(module: str) -> None:
    package = module.split(".")[0]
    above = {
        other
        for other in OURS[module]
        if other.split(".")[0] == package and floor_of(other) > floor_of(module)
    }
    assert not above, f"{module} stands below what it imports"


def test_course_lib_knows_nothing_of_exercise_lib() -> None:
    for module, modules in OURS.items():
        up = {other for other in modules if other.startswith("exercise_lib")}
        if module.startswith("course_lib"):
            assert up == OLD_NAMES.get(module, set()), module


def test_computing_never_draws_and_drawing_knows_no_widgets() -> None:
    for module in ROOMS:
        outside = {name.split(".")[0] for name in IMPORTS[module]}
        draws = is_in(module, DRAWS)
        assert draws or not outside & {"matplotlib", "PIL"} or "classroom" in module, module
        assert is_in(module, HAS_WIDGETS) or "ipywidgets" not in outside, module
        if not draws and "classroom" not in module:
            drawing = {other for other in OURS[module] if is_in(other, DRAWS)}
            assert drawing <= {SHOWS_ITSELF.get(module)}, module


def test_nobody_imports_the_classroom() -> None:
    for module, modules in OURS.items():
        if not module.startswith("exercise_lib.classroom"):
            assert not {m for m in modules if m.startswith("exercise_lib.classroom")}, module


def test_names_are_not_given_twice_to_classes() -> None:
    """No two classes of one name: who searches for it finds one place."""
    places: dict[str, list[str]] = {}
    for name, file in FILES.items():
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    words = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "core", "base"}
    assert not {name for name in FILES if name.split(".")[-1] in words}
