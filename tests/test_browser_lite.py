"""Every lesson and exercise in JupyterLite: Python in the browser, and no network.

``make test`` walks through one lesson, ``make walk`` through all others.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest
from browser import LESSON, PATIENCE, ROOT, WALKED, Lite, chromium_window, free_port
from walk import walk

PYODIDE_MAKER = ROOT.parent / "shared/tools/pyodide_offline/make.sh"


@pytest.fixture(scope="module")
def site(tmp_path_factory, pytestconfig, chromium_is_there):
    """The site, with a Pyodide of its own in it. That one is made once, and then kept."""
    if not PYODIDE_MAKER.is_file() or shutil.which("bash") is None:
        pytest.skip("nothing here makes a Pyodide to test with (the published site fetches it)")
    if find_spec("jupyterlite_core") is None:
        missing = "JupyterLite is not installed (get it with: make site)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    cache = getattr(pytestconfig, "cache", None)
    pyodide = cache.mkdir("pyodide") if cache else tmp_path_factory.mktemp("pyodide")
    folder = tmp_path_factory.mktemp("site")
    run("bash", str(PYODIDE_MAKER), str(pyodide))
    run(sys.executable, "site/build.py", "--pyodide", str(pyodide), "--output", str(folder))
    return folder


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=2 * PATIENCE)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def address(site):
    """The site, served as any host of still pages does."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "-d", str(site)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(PATIENCE)


@pytest.fixture(scope="module")
def window(address):
    with chromium_window() as window:
        yield window


@pytest.mark.browser
@pytest.mark.parametrize("notebook", WALKED)
def test_a_notebook_in_jupyterlite(window, address, notebook, record_property):
    lite = Lite(window.new_page(), address)
    found = walk(lite, notebook)
    lite.close()
    record_property("walk", found.as_record())
    assert not found.errors, "\n".join(found.errors)


@pytest.mark.walk
@pytest.mark.browser
def test_on_a_phone_a_lesson_shows_its_pictures_at_once_and_starts_by_its_button(window, address):
    phone = window.browser.new_context(viewport={"width": 390, "height": 844})
    lite = Lite(phone.new_page(), address)
    lite.page.goto(lite.url(LESSON))
    lite.page.locator(".jp-OutputArea img").first.wait_for()
    assert not lite.page.locator(".live-picture").count()
    lite.page.get_by_role("button", name="Start lesson").click()
    lite.page.get_by_role("button", name="Start again").wait_for()
    assert lite.page.locator(".course-bar [role=status]").inner_text().startswith("Alive")
    assert lite.page.locator(".live-picture canvas").count()
    assert not lite.complaints
    phone.close()
