"""The course as a student meets it: ``python -m course_lib``, JupyterLab, lessons in Chromium."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
from browser import (
    EXPOSED,
    LESSON,
    NOTEBOOK,
    PATIENCE,
    ROOT,
    START,
    chromium,
    copy_course,
    environment,
    free_port,
    served,
)
from nbformat.sign import NotebookNotary
from walk import PNG, WIDGET, of_kind

from course_lib.pictures.live import LIVE

# python -m course_lib


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return copy_course(tmp_path_factory.mktemp("lab"))


def refused(course, **variables):
    """What ``python -m course_lib`` says when it does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "course_lib"],
        cwd=course, env=environment(course, **variables), capture_output=True, text=True,
        timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 1 and not done.stdout
    return done.stderr


@pytest.mark.parametrize("port", ["eight", "0", "65536"])
def test_a_port_that_is_none_is_refused_in_one_sentence(course, port):
    said = refused(course, PORT=port)
    assert said == f"PORT must be a whole number from 1 to 65535, got {port!r}.\n"


def test_without_lessons_it_says_where_it_looked(course):
    start = course / START
    start.rename(start.with_suffix(".away"))
    try:
        said = refused(course)
    finally:
        start.with_suffix(".away").rename(start)
    assert said.startswith(f"The lessons are not here: there is no {start}. Get ")
    assert said.count("\n") == 1


def test_it_serves_on_the_port_asked_for_and_says_how_to_reach_it_over_ssh(course):
    port = free_port()
    with served(course, PORT=port) as (address, log):
        assert address.startswith(f"http://localhost:{port}/lab/tree/{START}?token=")
        assert urllib.request.urlopen(address, timeout=PATIENCE).status == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"http://localhost:{port}/api/contents", timeout=PATIENCE)
        assert f"ssh -N -L {port}:localhost:{port} " in log.read_text()
        busy = refused(course, PORT=port)
    assert busy.startswith(f"PORT {port} cannot be used here (") and busy.count("\n") == 1


def test_it_opens_a_browser_at_the_first_lesson(course, tmp_path):
    opened, script = tmp_path / "opened", tmp_path / "browser.py"
    script.write_text(
        "import sys, urllib.request as r\n"
        f"open({str(opened)!r}, 'wb').write(r.urlopen(sys.argv[1]).read())\n"
    )
    browser = f"{sys.executable} {script} %s".replace("\\", "/")
    with served(course, NO_BROWSER="", BROWSER=browser) as (address, log):
        until(lambda: opened.exists() and opened.read_text())
        assert address in opened.read_text()
        assert "ssh" not in log.read_text()


# In Chromium


def until(happens):
    """Wait until ``happens()`` is true, and return what it gives."""
    end = time.monotonic() + PATIENCE
    while not (result := happens()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return result


@pytest.fixture(scope="module")
def address(course, chromium_is_there):
    with served(course, EXPOSED) as (address, _):
        yield address


@pytest.fixture
def lab(address):
    with chromium(address) as lab:
        yield lab


def stored(course):
    return json.loads((course / LESSON).read_text("utf-8"))["cells"]


def picture(canvas):
    """What a live picture shows, as a data URL."""
    return canvas.evaluate("canvas => canvas.toDataURL()")


@pytest.mark.browser
def test_the_first_sight_is_the_first_lesson_and_no_question(lab):
    lab.page.goto(lab.address)
    lab.wait_for(START)
    lab.page.get_by_role("heading", level=1).first.wait_for()
    lab.run_script("async () => { await jupyterapp.restored }")  # questions come late
    lab.settle()
    lab.page.wait_for_load_state("networkidle")
    assert lab.page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    assert not lab.complaints
    assert not lab.fetched_elsewhere  # a course has to work where there is no internet


@pytest.mark.browser
@pytest.mark.parametrize("trusted", [False, True])
def test_a_lesson_shows_its_stored_pictures_before_anything_runs(course, lab, trusted):
    if trusted:
        notary = NotebookNotary(data_dir=environment(course)["JUPYTER_DATA_DIR"])
        notary.sign(nbformat.read(course / LESSON, as_version=4))
        notary.store.close()
    lab.open(LESSON)
    assert lab.page.evaluate(f"() => {NOTEBOOK}.content.model.cells.get(1).trusted") == trusted
    pictures = of_kind(stored(course), PNG)
    assert pictures
    for index in pictures:
        cell = lab.cell(index)
        cell.locator(".jp-OutputArea img").first.wait_for()
        assert cell.locator(".jp-OutputArea img").first.evaluate("i => i.naturalWidth") > 300
        assert cell.get_by_text("Error displaying widget").count() == 0


@pytest.mark.browser
def test_the_sliders_of_a_lesson_move_its_picture(course, lab):
    lab.open(LESSON)
    lab.do("notebook:run-all-cells")
    outputs = [output for cell in lab.cells() for output in cell.get("outputs", ())]
    assert not [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]

    cells = lab.cells()
    live = next(i for i in of_kind(cells, WIDGET) if "explore(" in cells[i]["source"])
    for i in of_kind(cells[:live], WIDGET):  # what follows an open prediction is covered
        if cells[i]["source"].startswith("predict("):
            lab.cell(i).get_by_role("button", name="Skip").click()
    cell = lab.cell(live)
    image, handle = cell.locator("canvas[data-frames]"), cell.locator("[type=range]").first
    read_out = cell.locator("[role=status]")
    before = picture(image), read_out.inner_text()

    handle.focus()
    lab.page.keyboard.press("ArrowRight")
    until(lambda: picture(image) != before[0] and read_out.inner_text() != before[1])
    label, field = cell.locator(".live-slider span").first, cell.locator("[type=text]").first
    assert handle.get_attribute("aria-label") == label.inner_text() != ""
    until(lambda: handle.get_attribute("aria-valuetext") == field.input_value())  # not log₁₀ of it
    lab.settle()
    before = picture(image), read_out.inner_text()

    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x - 60, y, steps=12)
    lab.page.mouse.up()
    until(lambda: picture(image) != before[0] and read_out.inner_text() != before[1])
    assert not lab.complaints


STARTED = "() => document.querySelector('.course-start')?.textContent.includes('again')"


def all_pictures_are_there(lab, pictures):
    """Each of these cells shows a picture, live or still, and no widget that is missing."""
    for index in pictures:
        cell = lab.cell(index)
        cell.locator(".jp-OutputArea :is(img, canvas)").first.wait_for()
        assert cell.get_by_text("Error displaying widget").count() == 0


@pytest.mark.browser
def test_a_lesson_starts_where_the_reader_is_and_never_loses_its_pictures(course, lab):
    pictures = of_kind(stored(course), PNG)
    live = next(i for i in pictures if LIVE in str(stored(course)[i]["outputs"]))
    lab.open(LESSON)
    assert lab.page.locator(".live-picture").count() == 0  # nothing runs unasked

    place = lab.cell(live)
    veil = place.get_by_role("button", name="Wake this lesson")
    top = veil.bounding_box()["y"]
    veil.click()
    lab.page.wait_for_function(STARTED)
    assert lab.page.locator(".course-bar [role=status]").inner_text().startswith("Alive")
    assert 0 < place.bounding_box()["y"] + place.bounding_box()["height"] and top > 0
    assert not veil.count()
    outputs = [output for cell in lab.cells() for output in cell.get("outputs", ())]
    assert not [o for o in outputs if o["output_type"] == "error"]
    assert of_kind(lab.cells(), WIDGET)

    for _ in range(2):  # saved alive; then asleep, touched, saved again
        lab.do("docmanager:save")
        assert of_kind(stored(course), PNG) == pictures and not of_kind(stored(course), WIDGET)
        assert "widgets" not in json.loads((course / LESSON).read_text("utf-8"))["metadata"]
        lab.page.evaluate(f"() => {NOTEBOOK}.sessionContext.shutdown()")
        lab.page.wait_for_function("() => !document.querySelector('.live-picture')")
        all_pictures_are_there(lab, pictures)
        lab.cell(live).locator("img").first.click()

    lab.open(LESSON)  # the next day
    all_pictures_are_there(lab, pictures)
    lab.cell(live).get_by_role("button", name="Wake this lesson").click()
    lab.page.wait_for_function(STARTED)
    assert lab.page.locator(".live-picture canvas").count()
    assert not lab.complaints


@pytest.mark.browser
def test_a_lesson_saved_by_another_front_end_is_shown_still(course, lab):
    cells = json.loads((course / LESSON).read_text("utf-8"))
    pictures = of_kind(cells["cells"], PNG)
    for index in pictures:
        for output in cells["cells"][index]["outputs"]:
            if PNG in output.get("data", {}):
                view = {"model_id": "gone", "version_major": 2, "version_minor": 0}
                output["data"][WIDGET] = view
    foreign = course / LESSON.replace("01_", "51_")
    foreign.write_text(json.dumps(cells), "utf-8")
    lab.open(LESSON.replace("01_", "51_"))
    all_pictures_are_there(lab, pictures)


@pytest.mark.browser
def test_a_lesson_that_stops_says_where(course, lab):
    notebook = json.loads((course / LESSON).read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code[2]["source"] = "1 / 0"
    (course / LESSON.replace("01_", "52_")).write_text(json.dumps(notebook), "utf-8")
    lab.open(LESSON.replace("01_", "52_"))
    lab.page.get_by_role("button", name="Start lesson").click()
    lab.page.wait_for_function(STARTED)
    said = lab.page.locator(".course-bar [role=status]").inner_text()
    assert said.startswith(f"Stopped with an error after 3 of {len(code)} cells")


def run_cells(lab, *ids):
    """Run the cells with these ids, one after the other, as with Ctrl-Enter."""
    for index in (i for id in ids for i, cell in enumerate(lab.cells()) if cell["id"] == id):
        lab.cell(index)
        lab.do("notebook:run-cell")
    lab.settle()


@pytest.mark.browser
def test_a_check_about_old_code_says_so_and_runs_the_new(lab):
    exercise = "03_momentum/03_momentum.ipynb"
    solved = json.loads((ROOT / "solutions" / exercise).read_text("utf-8"))["cells"]
    right = next("".join(cell["source"]) for cell in solved if cell["id"] == "momentum")
    wrong = right.replace("beta * v", "v")
    assert wrong != right
    lab.open(f"exercises/{exercise}")
    note = lab.page.locator(".course-old-code")

    lab.fill_in({"momentum": wrong})
    run_cells(lab, "imports", "momentum", "check-momentum")
    assert not note.count()
    lab.fill_in({"momentum": right})
    run_cells(lab, "check-momentum")
    assert "you have changed its cell and not run it since" in note.inner_text()
    assert "Not right yet" in str(lab.cells())
    note.get_by_role("button").click()
    note.wait_for(state="detached")
    lab.page.get_by_text("✔ Right, 3 points.").wait_for()

    lab.fill_in({"momentum": right + "\n    )"})
    run_cells(lab, "momentum", "check-momentum")
    assert "failed when you ran it last" in note.inner_text()
    lab.fill_in({"momentum": right})
    run_cells(lab, "momentum", "check-momentum")
    assert not note.count()
