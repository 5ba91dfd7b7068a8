"""The site as it is built: JupyterLite and what its Python is made of. No network, no Pyodide.

That its lessons run is for test_browser_lite.py, what its pages say for test_pages.py.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
from browser import NOTEBOOKS, ROOT, Lite, chromium_window, free_port

pytest.importorskip("jupyterlite_core", reason="JupyterLite is not installed (make site)")
sys.path.insert(0, str(ROOT / "site"))

import build
import links
import lite

PYODIDE_HAS = "numpy matplotlib ipython traitlets micropip jedi".split()


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """A folder like a Pyodide distribution; its packages are there by name only."""
    folder = tmp_path_factory.mktemp("pyodide")
    packages = {}
    for name in PYODIDE_HAS:
        wheel = folder / f"{name}-1.0-py3-none-any.whl"
        wheel.write_text(name)
        packages[name] = {
            "name": name, "version": "1.0", "file_name": wheel.name, "depends": [],
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "imports": [name],
        }  # fmt: skip
    (folder / "pyodide-lock.json").write_text(json.dumps({"packages": packages}))
    (folder / "pyodide.mjs").write_text("export const version = 'none'")
    return folder


@pytest.fixture(scope="module")
def site(pyodide, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    lite.build_lite(folder / "lite", pyodide)
    (folder / "work.html").write_bytes((ROOT / "site/work.html").read_bytes())
    return folder


@pytest.fixture(scope="module")
def settings(site):
    return json.loads((site / "lite/jupyter-lite.json").read_text())["jupyter-config-data"]


def kernel_of(settings):
    return settings["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]


def read_lock(folder):
    return json.loads((folder / "pyodide-lock.json").read_text())["packages"]


# What Python is made of


def test_the_site_asks_no_other_machine_for_anything(settings):
    assert "http" not in json.dumps(settings)


def test_every_package_of_the_lock_is_there_and_is_the_one_meant(site):
    folder = site / "lite/static/python"
    lock = read_lock(folder)
    assert {*PYODIDE_HAS, "gradient-descent-course", "ipywidgets"} < lock.keys()
    for name, package in lock.items():
        wheel = (folder / package["file_name"]).read_bytes()
        assert hashlib.sha256(wheel).hexdigest() == package["sha256"], name
        assert set(package["depends"]) <= lock.keys(), name


def test_the_kernel_reads_this_lock_and_loads_the_course_at_its_start(site, settings):
    options = kernel_of(settings)["loadPyodideOptions"]
    lock = read_lock((site / "lite" / options["lockFileURL"]).parent)
    assert "gradient-descent-course" in options["packages"]
    assert set(options["packages"]) <= lock.keys()
    assert (site / "lite" / kernel_of(settings)["pyodideUrl"]).is_file()


def test_the_course_s_wheel_has_every_file_of_the_library(site):
    (wheel,) = (site / "lite/static/python").glob("gradient_descent_course-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    files = [path for path in (ROOT / "course_lib").rglob("*") if path.is_file()]
    files = [path for path in files if "__pycache__" not in path.parts]
    assert len(files) > 50
    for file in files:
        if "jupyter/data" not in file.as_posix():  # goes elsewhere when installed
            assert packed[file.relative_to(ROOT).as_posix()] == file.read_bytes()
    assert not [name for name in packed if name.endswith(".pyc")]


def test_the_widgets_of_the_kernel_are_those_installed_here(site):
    ours = read_lock(site / "lite/static/python")["ipywidgets"]
    assert ours["version"] == version("ipywidgets")
    assert ours["imports"] == ["ipywidgets"]
    with zipfile.ZipFile(site / "lite/static/python" / ours["file_name"]) as archive:
        assert archive.testzip() is None
        assert f"ipywidgets-{ours['version']}.dist-info/METADATA" in archive.namelist()


def test_pyodide_gets_all_that_pyproject_says_the_library_needs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}
    assert set(lite.NEEDS[lite.COURSE_PACKAGE]) == needed - {"jupyterlab", "ipykernel"}


def test_the_published_site_uses_pyodide_s_own_network(pyodide, tmp_path, monkeypatch):
    fetched = {"packages": read_lock(pyodide)}
    monkeypatch.setattr(lite, "_published_lock", lambda: fetched)
    lite._python(tmp_path / "python", None)
    lock = read_lock(tmp_path / "python")
    assert lock["numpy"]["file_name"] == f"{lite.PYODIDE_CDN_URL}/numpy-1.0-py3-none-any.whl"
    assert (tmp_path / "python" / lock["gradient-descent-course"]["file_name"]).is_file()
    url = kernel_of(lite._settings(local=False)["jupyter-config-data"])["pyodideUrl"]
    assert url == f"{lite.PYODIDE_CDN_URL}/pyodide.mjs"


def test_the_same_course_makes_the_same_packages(site, pyodide, tmp_path):
    lite._python(tmp_path / "python", pyodide)
    assert read_lock(tmp_path / "python") == read_lock(site / "lite/static/python")
    for name in "gradient-descent-course", "ipywidgets", "comm":
        with zipfile.ZipFile(
            tmp_path / "python" / read_lock(tmp_path / "python")[name]["file_name"]
        ) as z:
            assert {entry.date_time for entry in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}, name


def test_a_folder_without_pyodide_is_refused_with_a_reason(tmp_path):
    with pytest.raises(SystemExit, match=r"PYODIDE_DIR.*pyodide-lock\.json"):
        lite.build_lite(tmp_path / "lite", tmp_path)


def test_a_folder_with_other_things_is_not_overwritten(tmp_path, pyodide):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SystemExit, match="name a new or empty folder"):
        build.build(tmp_path, pyodide)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


# What the student meets


def test_every_notebook_is_in_it_as_it_is_in_the_course(site):
    found = [path for name in lite.FOLDERS for path in ROOT.glob(f"{name}/**/*.ipynb")]
    notebooks = {path.relative_to(ROOT).as_posix() for path in found if path.parent.name[0] != "."}
    assert {name.split("/")[0] for name in notebooks} == {"notebooks", "exercises", "solutions"}
    for notebook in sorted(notebooks):
        ours, copy = (nbformat.read(folder / notebook, 4) for folder in (ROOT, site / "lite/files"))
        assert copy == ours
        folder, name = notebook.rsplit("/", 1)
        listed = json.loads((site / f"lite/api/contents/{folder}/all.json").read_text())["content"]
        assert name in [entry["name"] for entry in listed]


def test_no_news_and_the_course_s_settings(settings):
    given = settings["settingsOverrides"]
    lab = json.loads(lite.LAB_SETTINGS.read_text())
    assert lab.items() <= given.items()
    assert given["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_widgets_and_names_for_screen_readers_are_in_it(site, settings):
    names = {extension["name"] for extension in settings["federated_extensions"]}
    assert {"@jupyter-widgets/jupyterlab-manager", "gradient-descent-course"} < names
    for extension in settings["federated_extensions"]:
        assert (site / "lite/extensions" / extension["name"] / extension["load"]).is_file()


@pytest.fixture(scope="module")
def address(site):
    port = free_port()
    serve = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(serve, cwd=site, stdout=quiet, stderr=quiet)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(60)


MINE = "# mine: η ≠ 0"
SAVE = f"""async () => {{
    const panel = jupyterapp.shell.currentWidget;
    panel.content.model.sharedModel.cells[1].setSource('{MINE}');
    await panel.context.save();
}}"""


def edit(window, address, notebook):
    """Open a notebook in JupyterLite, change a cell and save; return what the cell had said."""
    lite = Lite(window.new_page(), address)
    lite.page.goto(lite.url(notebook))
    before = first_code(lite, notebook)
    lite.run_script(SAVE)
    return lite.page, before


def first_code(lite, notebook):
    lite.page.wait_for_function(
        "name => window.jupyterapp?.shell.currentWidget?.context?.path === name"
        " && jupyterapp.shell.currentWidget.content.model?.sharedModel.cells.length > 1",
        arg=notebook,
    )
    return "".join(lite.cells()[1]["source"])


@pytest.mark.browser
def test_a_student_s_work_can_be_downloaded_and_reset(address, chromium_is_there):
    lesson, exercise = NOTEBOOKS[0], next(n for n in NOTEBOOKS if n.startswith("exercises/"))
    with chromium_window() as window:
        page = window.new_page()
        page.goto(f"{address}/work.html")
        page.get_by_text("Nothing is saved here").wait_for()
        page.close()

        page, before = edit(window, address, lesson)
        assert MINE not in before
        page.close()
        page, _ = edit(window, address, exercise)
        with window.expect_page() as opened:
            page.locator("jp-button, button").filter(has_text="Your work").first.click()
        page.close()

        work = opened.value
        work.get_by_text("2 files are saved here").wait_for()
        with work.expect_download() as download:
            work.get_by_role("button", name="Download everything").click()
        with zipfile.ZipFile(BytesIO(Path(download.value.path()).read_bytes())) as archive:
            assert archive.testzip() is None
            assert sorted(archive.namelist()) == sorted([lesson, exercise])
            assert MINE in json.loads(archive.read(exercise))["cells"][1]["source"]

        said = []
        work.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
        with work.expect_download() as download:
            work.get_by_role("button", name=f"Reset {lesson}").click()
        assert MINE in Path(download.value.path()).read_text("utf-8")
        work.get_by_text("One file is saved here").wait_for()
        assert said == [f"Reset {lesson}? Your version is downloaded first."]

        again = Lite(window.new_page(), address)
        again.page.goto(again.url(lesson))
        assert first_code(again, lesson) == before  # as the course has it
        again.page.goto(again.url(exercise))
        assert first_code(again, exercise) == MINE  # as the student left it


# Links to the course itself


def test_links_of_a_first_cell_are_written_once_and_replaced():
    old = "# Title\n\n[Run in the browser](https://elsewhere.example/) · [Binder](x)"
    new = links.with_row(old, "notebooks/01_gradient_descent.ipynb")
    assert new.count("Run in the browser") == 1 and "elsewhere" not in new
    assert new == links.with_row(new, "notebooks/01_gradient_descent.ipynb")
    assert new.startswith("# Title\n\n[Run in the browser](https://")


def test_links_lead_to_what_the_site_has(site):
    for notebook in NOTEBOOKS:
        path = links.run(notebook).removeprefix(links.SITE).split("?path=")
        assert (site / path[0]).is_file() and (site / "lite/files" / path[1]).is_file()
        assert (site / links.download(notebook).removeprefix(links.SITE)).is_file()


def test_a_link_of_the_site_to_nothing_is_found(tmp_path):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lite/files").mkdir(parents=True)
    (tmp_path / "lite/files/a.ipynb").touch()
    good = ["../index.html#top", "https://elsewhere.example/", f"{links.SITE}index.html"]
    good += ["../lite/files/index.html?path=a.ipynb", "mailto:a@example.com"]
    bad = ["../nothing.html", "../index.html?path=b.ipynb", f"{links.SITE}c.html"]
    page = "".join(f'<a href="{link}"></a>' for link in good + bad)
    (tmp_path / "index.html").write_text("<h1 id='top'>Course</h1>")
    (tmp_path / "lite/files/index.html").write_text("<a href='not ours'></a>")
    (tmp_path / "lessons/01.html").write_text(page + "<img src='no.png'>")
    expected = [f"lessons/01.html: {link}" for link in [*bad, "no.png"]]
    assert list(links.broken(tmp_path)) == expected


def test_readme_lessons_and_solutions_have_the_links():
    done = subprocess.run([sys.executable, "site/links.py", "--check"], cwd=ROOT,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# Binder


def test_binder_takes_environment_yml(monkeypatch):
    """By repo2docker's own reading; it is what Binder runs."""
    app = pytest.importorskip("repo2docker.app", reason="repo2docker is not installed (dev extra)")
    monkeypatch.chdir(ROOT)
    packs = (pack(app.Repo2Docker().base_image) for pack in app.Repo2Docker().buildpacks)
    pack = next(pack for pack in packs if pack.detect())
    pack.platform = "linux/amd64"
    assert type(pack).__name__ == "CondaBuildPack"
    assert f"python={pack.python_version} " in (ROOT / "environment.yml").read_text()
    recipe = pack.render()
    # The course is there before its environment is made, which installs it.
    copied, made = recipe.index("COPY --chown=1000:1000 src/"), recipe.index("environment.yml")
    assert copied < made
    assert f"py-2d{pack.python_version.replace('.', '-2e')}" in recipe  # a known Python, by lock
