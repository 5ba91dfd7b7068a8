"""The version of the course that an exercise was released with, and that it is graded with.

``versions.json`` in the class folder notes for each release the version of the course, and a
fingerprint of all that decides on points: two copies of one version may differ.
"""

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import course_lib
import exercise_lib
from exercise_lib.classroom.folder import ClassFolder, write

COURSE, EXERCISES = (Path(package.__file__).parent for package in (course_lib, exercise_lib))
DECIDES = (  # folders, and the files in them
    (COURSE, "*.py"),
    (EXERCISES, "*.py"),
    (EXERCISES / "tasks", "*"),
)


@cache
def version_here() -> str:
    """The version of the course that runs now, such as ``0.1.0 (3f2a90c1d7e4)``."""
    digest = hashlib.sha256()
    for folder, pattern in DECIDES:
        for path in sorted(path for path in folder.glob(pattern) if path.is_file()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    try:
        number = version("gradient-descent-course")
    except PackageNotFoundError:
        number = "unknown"
    return f"{number} ({digest.hexdigest()[:12]})"


def version_released(here: ClassFolder, name: str) -> str:
    """The version that an exercise was released with; "" where none was noted."""
    file = here.root / "versions.json"
    noted = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return noted.get(name, "")


def note_version(here: ClassFolder, name: str) -> None:
    file = here.root / "versions.json"
    noted = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    write(file, json.dumps(noted | {name: version_here()}, indent=1, sort_keys=True) + "\n")


def difference(here: ClassFolder, name: str) -> str:
    """What to tell where an exercise was released with another version than runs now, or ""."""
    released = version_released(here, name)
    if released in ("", version_here()):
        return ""
    return (
        f"{name} was released with the course {released}; this is {version_here()}. Its checks may "
        "judge otherwise. Grade with the version of the release, or release it anew to go on."
    )
