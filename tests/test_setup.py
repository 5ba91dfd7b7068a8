"""The files that set the course up say the same thing, and `make` fails in plain words.

The dependencies are written in pyproject.toml; environment.yml, requirements.lock, the Makefile,
the workflow and the README repeat parts of it, and each repetition is compared here.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import course_lib

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {"matplotlib-base": "matplotlib"}  # the same library without a desktop toolkit
LOCK_LINE = re.compile(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)( ; [^;]+)?")
needs_make = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("make"), reason="make is for Linux and macOS"
)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
ENVIRONMENT = yaml.safe_load(read("environment.yml"))
WORKFLOW = yaml.safe_load(read(".github/workflows/ci.yml"))
README = read("README.md")
OLDEST = PROJECT["requires-python"].removeprefix(">=")
SUPPORTED = [
    c.rpartition(" :: ")[2] for c in PROJECT["classifiers"] if "Python :: 3." in c
]  # in the order written: oldest to newest


def bounds(lines):
    """Package name -> version range, from lines such as "numpy>=2.0"."""
    found = {}
    for line in lines:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        found[CONDA_NAMES.get(name, name)] = requirement.specifier
    return found


def locked_lines():
    return [line for line in read("requirements.lock").splitlines() if not line.startswith("#")]


def locked_versions():
    return {line.split("==")[0]: Version(re.split("==| ", line)[1]) for line in locked_lines()}


# environment.yml, for conda and Binder


def test_environment_has_the_packages_and_bounds_of_pyproject():
    conda = [line for line in ENVIRONMENT["dependencies"] if isinstance(line, str)]
    packages = [line for line in conda if line != "pip" and not line.startswith("python=")]
    assert bounds(packages) == bounds(PROJECT["dependencies"])


def test_environment_installs_the_course_itself():
    # "-e ." is the form by which repo2docker knows that it must copy the repository in first.
    assert "pip" in ENVIRONMENT["dependencies"]
    assert ENVIRONMENT["dependencies"][-1] == {"pip": ["-e ."]}
    assert ENVIRONMENT["name"] == PROJECT["name"]
    assert ENVIRONMENT["channels"] == ["conda-forge"]


def test_environment_names_one_supported_python_the_way_binder_reads():
    # repo2docker finds the version with this expression, and takes an older default otherwise.
    [python] = [line for line in ENVIRONMENT["dependencies"] if str(line).startswith("python")]
    match = re.fullmatch(r"python\s*=+\s*([\d\.]*)", python)
    assert match, f"Binder would not see the version in {python!r}"
    assert match[1] in SUPPORTED


# requirements.lock


def test_lock_lines_are_a_version_and_perhaps_a_marker():
    wrong = [line for line in locked_lines() if not LOCK_LINE.fullmatch(line)]
    assert not wrong, "neither a URL nor a path nor a range belongs into requirements.lock"
    assert all(Requirement(line) for line in locked_lines())


def test_lock_names_every_package_once_and_no_address():
    names = [line.split("==")[0] for line in locked_lines()]
    assert names == sorted({canonicalize_name(name) for name in names})
    assert len(names) > 50
    assert not re.search(r"://|file:|^-|\.\.?/|@", read("requirements.lock"), re.MULTILINE)


@pytest.mark.parametrize(
    "requirement",
    [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())],
)
def test_lock_fits(requirement):
    wanted = Requirement(requirement)
    name = canonicalize_name(wanted.name)
    if name == PROJECT["name"]:
        return  # an extra that includes another
    locked = locked_versions()
    assert name in locked, f"{name} is not in requirements.lock: make lock"
    assert locked[name] in wanted.specifier, "make lock"
    line = f"{name}=={locked[name]}" + (f" ; {wanted.marker}" if wanted.marker else "")
    assert line.replace('"', "'") in locked_lines(), "on some systems it would not be locked"


def test_ranges_have_a_lower_bound_and_no_cap():
    for extra in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]:
        for name, specifier in bounds(extra).items():
            operators = [s.operator for s in specifier]
            assert operators == ([] if name == PROJECT["name"] else [">="]), name


# The Python versions


def test_oldest_python_is_the_same_everywhere():
    makefile = read("Makefile")
    assert OLDEST == SUPPORTED[0]
    assert f"sys.version_info < ({OLDEST.replace('.', ', ')})" in makefile
    assert set(re.findall(r"needs Python ([\d.]+) or newer", makefile)) == {OLDEST}
    assert re.findall(r"--python-version ([\d.]+)", makefile) == [OLDEST]
    assert set(re.findall(r"Python (3\.\d+)\+? or newer", README)) <= {OLDEST}
    assert "target-version" not in tomllib.loads(read("pyproject.toml"))["tool"]["ruff"]


# The workflow


def test_workflow_runs_weekly_on_three_systems_at_both_ends():
    triggers = WORKFLOW[True]  # YAML reads the key `on` as true
    assert "pull_request" in triggers
    assert triggers["schedule"][0]["cron"].endswith("* * 1")
    systems = {"ubuntu-latest", "macos-latest", "windows-latest"}
    for job in ("locked", "ranges"):
        assert set(WORKFLOW["jobs"][job]["strategy"]["matrix"]["os"]) == systems
    ranges = WORKFLOW["jobs"]["ranges"]["strategy"]["matrix"]
    assert ranges["python"] == [SUPPORTED[0], SUPPORTED[-1]]
    assert {(i["python"], i["resolution"]) for i in ranges["include"]} == {
        (SUPPORTED[0], "lowest-direct"),
        (SUPPORTED[-1], "highest"),
    }


def test_workflow_runs_what_the_readme_tells():
    steps = {s.get("name"): s.get("run", "") for s in WORKFLOW["jobs"]["locked"]["steps"]}
    assert steps["Linux"] == ".ci/run"
    assert steps["macOS"] == "make test"
    missing = [c for c in steps["Windows"].splitlines() if c not in README]
    assert not missing, "README.md lacks these commands for Windows, which the workflow runs"
    limits = re.findall(r"^timeout (\d+)m make (test|walk)\b", read(".ci/run"), re.MULTILINE)
    assert [part for _, part in limits] == ["test", "walk"]
    whole = WORKFLOW["jobs"]["locked"]["timeout-minutes"]
    assert sum(int(minutes) for minutes, _ in limits) < whole


def test_every_test_is_run_by_make_test_or_by_make_walk():
    settings = tomllib.loads(read("pyproject.toml"))["tool"]["pytest"]["ini_options"]["addopts"]
    assert settings[-2:] == ["-m", "not walk"]
    recipes = dict(re.findall(r"^(test|walk): .*\n\t(.*)$", read("Makefile"), re.MULTILINE))
    assert " -m walk " in recipes["walk"] and " -m walk" not in recipes["test"]


@needs_make
def test_ci_run_can_be_run():
    assert os.access(ROOT / ".ci/run", os.X_OK)
    parsed = subprocess.run(["bash", "-n", ROOT / ".ci/run"], capture_output=True, text=True)
    assert (parsed.returncode, parsed.stderr) == (0, "")


# Versions


def test_one_version_is_said_everywhere():
    version = PROJECT["version"]
    citation = yaml.safe_load(read("CITATION.cff"))
    newest = re.search(r"^## (\S+)$", read("CHANGELOG.md"), re.MULTILINE)[1]
    assert version == citation["version"] == newest == course_lib.__version__
    assert re.fullmatch(r"20\d\d\.(0[1-9]|1[0-2])", version)
    assert citation["date-released"].startswith(version.replace(".", "-"))


def test_the_citation_holds_what_its_schema_demands_and_the_course_s_own_addresses():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert all({"name"} <= author.keys() for author in citation["authors"])
    assert citation["license"] == PROJECT["license"]
    assert citation["url"] == PROJECT["urls"]["Homepage"]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]


@pytest.mark.walk
def test_the_wheel_works_outside_a_clone_and_says_where_the_lessons_are(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(tmp_path / "installed")

    def outside(*command):
        return subprocess.run(
            [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
        )  # fmt: skip

    told = outside("-c", "import course_lib as c; print(c.__file__, c.__version__, c.adam)").stdout
    assert told.startswith(str(tmp_path / "installed")) and PROJECT["version"] in told
    told = outside("-m", "course_lib").stderr
    assert f"git clone {PROJECT['urls']['Repository']}" in told


# make


def make_targets():
    return set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".github/workflows/ci.yml"])
def test_make_targets_named_in_the_pages_exist(page):
    text = read(page)
    settings = r"(?:[A-Z_]+=\S+ )*"
    named = set(re.findall(rf"`{settings}make ([a-z]+)", text))
    named |= set(re.findall(rf"^ {{4}}{settings}make ([a-z]+)", text, re.MULTILINE))
    for block in re.findall(r"```.*?```", text, re.DOTALL):
        named |= set(re.findall(rf"^{settings}make ([a-z]+)", block, re.MULTILINE))
    assert named <= make_targets()
    if page == "README.md":
        assert {"lab", "test"} <= named


def make(folder, *arguments, **environment):
    outer = {k: v for k, v in os.environ.items() if "MAKE" not in k and k != "PYTHON"}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**outer, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def course(tmp_path):
    """A folder with the files `make` reads, and a space in its name."""
    folder = tmp_path / "my course"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


def fake_python(folder, pretence):
    """Put this Python, changed by a line of code, in front of PATH as python3."""
    code = f"import sys; {pretence}; exec(sys.argv[1])"
    script = folder / "python3"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$2"\n')
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def sentence(run):
    """What `make` said before it gave up, without its own last line."""
    assert run.returncode != 0
    assert run.stdout == ""
    said = [line for line in run.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1, run.stderr
    return said[0]


@needs_make
def test_make_alone_lists_the_targets(course):
    listed = make(course).stdout
    assert set(re.findall(r"^  make ([a-z]+)", listed, re.MULTILINE)) == make_targets()


@needs_make
def test_make_without_python(course):
    said = sentence(make(course, "lab", "PYTHON=python-not-here"))
    assert said.startswith(f"This course needs Python {OLDEST} or newer, but there is no ")
    assert "python-not-here" in said
    assert "https://www.python.org/downloads/" in said
    assert not (course / ".venv").exists()


@needs_make
def test_make_with_an_old_python(course):
    path = fake_python(course, "sys.version = '3.9.6 (x)'; sys.version_info = (3, 9, 6)")
    said = sentence(make(course, "test", PATH=path))
    assert said.startswith(f"This course needs Python {OLDEST} or newer, but python3 is Python 3.9")
    assert "make lab PYTHON=python3.12" in said
    assert not (course / ".venv").exists()


@needs_make
def test_make_where_debian_left_venv_out(course):
    path = fake_python(course, "sys.modules['ensurepip'] = None")
    said = sentence(make(course, "lab", PATH=path))
    assert f"sudo apt install python3.{sys.version_info[1]}-venv" in said
    assert not (course / ".venv").exists()


@needs_make
@pytest.mark.parametrize("target", ["lab", "test"])
def test_make_with_too_little_disk(course, target):
    little = "import shutil; shutil.disk_usage = lambda path: type('', (), dict(free=2 * 10**8))"
    said = sentence(make(course, target, PATH=fake_python(course, little)))
    assert "only 0.2 GB free: make room" in said
    assert not (course / ".venv").exists()


@needs_make
def test_make_lab_with_a_port_that_is_taken(course):
    with socket.create_server(("localhost", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = sentence(make(course, "lab", PORT=port))
        assert said.startswith(f"PORT {port} cannot be used here (")
    assert not (course / ".venv").exists()


@needs_make
def test_make_lab_with_a_port_that_is_none(course):
    said = sentence(make(course, "lab", PORT="eight"))
    assert said == "PORT must be a whole number from 1 to 65535, got 'eight'."


@needs_make
@pytest.mark.parametrize(("no_browser", "told"), [("", True), ("0", True), ("1", False)])
def test_make_lab_without_a_browser_says_so_and_goes_on(course, no_browser, told):
    none = (
        "import atexit, os, webbrowser; atexit.register(lambda: os._exit(3)); "
        "webbrowser.register_standard_browsers = lambda: setattr(webbrowser, '_tryorder', [])"
    )
    run = make(course, "lab", PATH=fake_python(course, none), NO_BROWSER=no_browser)
    assert run.returncode  # only this test ends it here
    assert ("There is no browser here" in run.stderr) == told


@pytest.fixture
def installed(course):
    """The traces of a finished `make lab`."""
    (course / ".venv/bin").mkdir(parents=True)
    (course / ".venv/bin/python").symlink_to(sys.executable)
    (course / ".venv/ready").write_text(f"{course.resolve()}\n")
    (course / ".venv/lab").touch()
    assert nothing_to_do(course)
    return course


def nothing_to_do(folder):
    return make(folder, "--question", ".venv/lab").returncode == 0


@needs_make
@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements.lock"])
def test_make_installs_again_when_the_packages_changed(installed, changed):
    later = (installed / ".venv/lab").stat().st_mtime + 10
    os.utime(installed / changed, (later, later))
    assert not nothing_to_do(installed)


@needs_make
@pytest.mark.parametrize("lost", [".venv/ready", ".venv/lab", ".venv/bin/python"])
def test_make_installs_again_after_an_interruption(installed, lost):
    (installed / lost).unlink()
    assert not nothing_to_do(installed)


@needs_make
def test_make_installs_again_after_the_folder_moved(installed):
    assert not nothing_to_do(installed.rename(installed.parent / "elsewhere"))
