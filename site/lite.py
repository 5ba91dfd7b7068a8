"""The course in JupyterLite: a Jupyter that runs wholly in the student's browser.

``build_lite`` writes the folder ``lite/`` of the site. In it are the notebooks, JupyterLite itself
and, beside Pyodide (Python compiled to WebAssembly), the wheels of what Pyodide does not bring:
``course_lib`` and the widgets. One file ties them together, Pyodide's list of packages, the
"lock": the course is entered there as a package like any other, so ``from course_lib import …``
works in the first cell of a lesson with nothing to install.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import chdir
from importlib.metadata import distribution
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
from hatchling import build
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_LOCK, PYODIDE_VERSION

COURSE = Path(__file__).resolve().parent.parent
FOLDERS = "notebooks", "exercises", "solutions"
APPS = ["notebooks", "tree", "edit"]
INSTALLED = Path(sys.prefix, "share", "jupyter", "labextensions")
KERNEL = INSTALLED / "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = [
    INSTALLED / "@jupyter-widgets/jupyterlab-manager",
    INSTALLED / "anywidget",
    KERNEL,
    COURSE / "course_lib/jupyter/data/share/jupyter/labextensions/gradient-descent-course",
]
LAB_SETTINGS = COURSE / "course_lib/jupyter/labconfig/default_setting_overrides.json"
OWN_SETTINGS = COURSE / "site/overrides.json"  # the buttons above a notebook
STORAGE = "gradient-descent-course"  # the database in the student's browser; work.html reads it

COURSE_PACKAGE = "gradient-descent-course"
NEEDS = {  # what the site adds to Pyodide, and what each needs there
    COURSE_PACKAGE: ["anywidget", "ipywidgets", "matplotlib", "numpy"],
    "ipywidgets": ["comm", "ipython", "traitlets"],  # its front end is part of the site
    "comm": [],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "psygnal": [],
    "typing-extensions": [],
    "ipykernel": [],  # JupyterLite's stand-ins for what a kernel is elsewhere
    "piplite": ["micropip"],
    "pyodide-kernel": ["ipykernel", "ipython", "comm"],
}
AT_START = [*NEEDS, "micropip", "jedi"]  # fetched while Python itself is still being loaded


def build_lite(output: Path, pyodide: Path | None = None) -> None:
    """Write JupyterLite with the whole course into the folder ``output``.

    pyodide: a folder with a Pyodide distribution to copy into the site; without it the site uses
             the ordinary one from Pyodide's content-delivery network
    """
    if pyodide is not None and not (pyodide / PYODIDE_LOCK).is_file():
        raise SystemExit(
            f"PYODIDE_DIR must name an unpacked Pyodide distribution, with {PYODIDE_LOCK} in it; "
            f"there is none in {pyodide}."
        )
    # JupyterLite keeps notes of what it has built and trusts them more than our settings: each
    # build starts in a fresh folder.
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        for folder in FOLDERS:
            for notebook in sorted(COURSE.glob(f"{folder}/**/*.ipynb")):
                if ".ipynb_checkpoints" not in notebook.parts:
                    copy = project / "files" / notebook.relative_to(COURSE)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    # Texts whole, not in lines: JupyterLite, unlike Jupyter's server, does not
                    # join them, and its table of contents fails at a Markdown output in lines.
                    whole = nbformat.read(notebook, as_version=4)
                    copy.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")
        _write_json(project / "jupyter-lite.json", _settings(local=pyodide is not None))
        for app in APPS:  # each brings an icon of its own, which it then does not find
            (project / app).mkdir()
            icon = {"jupyter-config-data": {"faviconUrl": "./../../favicon.svg"}}
            _write_json(project / app / "jupyter-lite.json", icon)
        settings = [json.loads(path.read_text()) for path in (LAB_SETTINGS, OWN_SETTINGS)]
        _write_json(project / "overrides.json", settings[0] | settings[1])
        _run_jupyterlite(project, output)
    _python(output / "static" / "python", pyodide)


def _run_jupyterlite(project: Path, output: Path) -> None:
    build = {
        "output_dir": str(output.resolve()),
        "apps": APPS,
        "federated_extensions": [str(folder) for folder in EXTENSIONS],
        "ignore_sys_prefix": ["federated_extensions"],  # what else is installed here is not ours
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "no_libarchive": True,
    }
    _write_json(project / "jupyter_lite_config.json", {"LiteBuildConfig": build})
    command = [sys.executable, "-m", "jupyterlite_core.app", "build"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"JupyterLite could not be built:\n{done.stdout}\n{done.stderr}")


def _settings(local: bool) -> dict:
    kernel = {
        "pyodideUrl": "./static/python/pyodide.mjs" if local else f"{PYODIDE_CDN_URL}/pyodide.mjs",
        "loadPyodideOptions": {
            "lockFileURL": f"./static/python/{PYODIDE_LOCK}",
            "packages": AT_START,
        },
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Gradient descent",
            "appUrl": "./tree",
            "contentsStorageName": STORAGE,
            "settingsStorageName": f"{STORAGE} settings",
            "workspacesStorageName": f"{STORAGE} workspaces",
            "exposeAppInBrowser": True,  # so that tests can press its buttons by name
            "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel},
        },
    }


# What Python is made of


def _python(target: Path, pyodide: Path | None) -> None:
    """Put the wheels that Pyodide lacks into ``target``, and a lock that knows all of them."""
    target.mkdir(parents=True)
    if pyodide is None:
        lock = _published_lock()
        for package in lock["packages"].values():
            package["file_name"] = f"{PYODIDE_CDN_URL}/{package['file_name']}"
    else:
        for file in pyodide.iterdir():
            if file.is_file() and not file.name.startswith("."):
                shutil.copy(file, target)
        lock = json.loads((pyodide / PYODIDE_LOCK).read_text())
    added = {entry["name"]: entry for entry in map(_lock_entry, _wheels(target))}
    if missing := NEEDS.keys() - added.keys():
        raise SystemExit(f"Not installed here: {', '.join(sorted(missing))}; try: make site")
    lock["packages"] |= added
    _write_json(target / PYODIDE_LOCK, lock)


def _published_lock() -> dict:
    """The lock of the published Pyodide, from its network or else, the same, from npm."""
    try:
        with urlopen(f"{PYODIDE_CDN_URL}/{PYODIDE_LOCK}", timeout=20) as answer:
            return json.load(answer)
    except (URLError, TimeoutError) as error:
        print(f"{PYODIDE_CDN_URL} cannot be reached ({error}); asking npm instead.", flush=True)
    if not (npm := shutil.which("npm")):
        raise SystemExit("Without a network, name a Pyodide to copy: make site PYODIDE_DIR=…")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([npm, "pack", "--silent", f"pyodide@{PYODIDE_VERSION}"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            return json.load(archive.extractfile(f"package/{PYODIDE_LOCK}"))


def _wheels(folder: Path) -> Iterator[Path]:
    os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800")  # 1980: the same wheel every time
    with chdir(COURSE):
        yield folder / build.build_wheel(str(folder))
    for name in "ipywidgets", "comm", "anywidget", "psygnal", "typing_extensions":
        yield _repacked(name, folder)
    for wheel in sorted(KERNEL.glob("static/pypi/*.whl")):
        if not wheel.name.startswith("widgetsnbextension"):
            yield Path(shutil.copy(wheel, folder))


def _repacked(name: str, folder: Path) -> Path:
    """A wheel of a package of Python that is installed here, so in the version tested.

    psygnal has compiled parts beside the Python they are made from; that alone goes.
    """
    package = distribution(name)
    wheel = folder / f"{name}-{package.version}-py3-none-any.whl"
    files = [
        file
        for file in package.files
        if file.suffix not in (".pyc", ".so", ".pyd") and ".." not in file.parts
    ]
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(files):
            entry = zipfile.ZipInfo(file.as_posix())  # dated 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.locate().read_bytes())
    return wheel


def _lock_entry(wheel: Path) -> dict:
    name, version, *_ = wheel.name.split("-")
    name = name.replace("_", "-")
    with zipfile.ZipFile(wheel) as archive:
        files = [file for file in archive.namelist() if file.endswith(".py")]
        tops = {file.split("/")[0].removesuffix(".py") for file in files}
    return {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted(tops),
        "depends": NEEDS[name],
        "unvendored_tests": False,
    }


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
