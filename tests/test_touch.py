"""The live picture in JupyterLab and Chromium: mouse, finger and keys give the same state."""

import nbformat
import pytest
from browser import EXPOSED, START, Lab, chromium_window, copy_course, served

SOURCE = """from course_lib import adam, beale, explore
panel = explore(adam, on=beale, steps=40, lr=0.05, move_start=True)
panel"""
FRAGILE = """from course_lib import explore, ravine
def fragile(grad, x, lr=0.1):
    while True:
        if lr > 1:
            raise ArithmeticError("too large")
        x = x - lr * grad(x)
        yield x
explore(fragile, on=ravine(), steps=5)"""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture(scope="module")
def address(tmp_path_factory, chromium_is_there):
    course = copy_course(tmp_path_factory.mktemp("touch"))
    cells = [nbformat.v4.new_code_cell(source) for source in (SOURCE, FRAGILE)]
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(book, course / START)
    with served(course, EXPOSED) as (address, _):
        yield address


@pytest.fixture(scope="module")
def lab(address):
    with chromium_window() as window:
        touching = window.browser.new_context(
            viewport={"width": 1280, "height": 900}, has_touch=True
        )
        lab = Lab(touching.new_page(), address)
        lab.open(START)
        lab.do("notebook:run-all-cells")
        lab.cell(0).locator("canvas[data-frames]").wait_for()
        lab.settle()
        yield lab
        lab.close()


def start_of(cell):
    """Where the sliders say that the run begins."""
    fields = (cell.get_by_role("textbox", name=f"start {c}, as a number") for c in "xy")
    return tuple(float(field.input_value()) for field in fields)


def place(area, x, y):
    """Page coordinates of shares of an area, from its lower left corner."""
    box = area.bounding_box()
    return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]


@pytest.mark.browser
def test_mouse_finger_and_keys_lead_to_the_same_start(lab):
    cell = lab.cell(0)
    area = cell.get_by_role("application", name="start")
    target = place(area, 0.4, 0.7)

    lab.page.mouse.move(*place(area, 0.8, 0.3))
    lab.page.mouse.down()
    lab.page.mouse.move(*target, steps=15)
    lab.page.mouse.up()
    lab.settle()
    by_mouse, said = start_of(cell), cell.locator("[role=status]").inner_text()
    # equal scales may show a little more than the window, from −1 to 4.5 and from −1.5 to 2
    assert by_mouse == pytest.approx((-1 + 0.4 * 5.5, -1.5 + 0.7 * 3.5), abs=0.1)

    lab.page.touchscreen.tap(*place(area, 0.8, 0.3))
    lab.settle()
    away = start_of(cell)
    assert away != by_mouse
    lab.page.touchscreen.tap(*target)
    lab.settle()
    assert start_of(cell) == by_mouse
    assert cell.locator("[role=status]").inner_text() == said

    area.focus()
    for key in ("Shift+ArrowRight", "ArrowUp", "ArrowDown", "Shift+ArrowLeft"):
        before = start_of(cell)
        lab.page.keyboard.press(key)
        lab.settle()
        assert start_of(cell) != before
    assert start_of(cell) == pytest.approx(by_mouse, abs=0.03)
    assert not lab.heard()


@pytest.mark.browser
def test_the_loss_curve_is_dragged_and_the_pointer_is_told_what_is_there(lab):
    cell = lab.cell(0)
    area = cell.get_by_role("application", name="step")
    shown = cell.get_by_role("textbox", name="steps shown, as a number")
    lab.page.mouse.move(*place(area, 0.9, 0.5))
    lab.page.mouse.down()
    lab.page.mouse.move(*place(area, 0.5, 0.5), steps=5)
    lab.page.mouse.up()
    lab.settle()
    assert shown.input_value() == "20"
    area.focus()
    lab.page.keyboard.press("ArrowRight")
    lab.settle()
    assert shown.input_value() == "21"
    lab.page.mouse.move(*place(area, 0.25, 0.5))
    told = cell.locator(".live-told")
    told.get_by_text("step 10").wait_for()
    lab.page.mouse.move(0, 0)
    told.wait_for(state="hidden")


@pytest.mark.browser
@pytest.mark.parametrize(("name", "typed"), [("learning rate η", "0.0952"), ("β₂", "0.952")])
def test_what_is_typed_is_taken_as_typed_and_keys_go_along_the_grid(lab, name, typed):
    cell = lab.cell(0)
    field = cell.get_by_role("textbox", name=f"{name}, as a number")
    field.fill(typed)
    field.press("Enter")
    lab.settle()
    assert field.input_value() == typed
    assert f"= {typed}" in cell.locator("[role=status]").inner_text()
    handle = cell.get_by_role("slider", name=name, exact=True)
    assert handle.get_attribute("aria-valuetext") == typed
    handle.press("ArrowRight")
    lab.settle()
    assert float(field.input_value()) > float(typed)
    field.fill("no number")
    field.press("Enter")
    assert field.input_value() != "no number"


@pytest.mark.browser
def test_an_error_behind_a_control_is_seen_and_mended(lab):
    cell = lab.cell(1)
    field = cell.get_by_role("textbox", name="learning rate η, as a number")
    for typed, fails in (("3", True), ("0.2", False)):
        field.fill(typed)
        field.press("Enter")
        lab.settle()
        said = cell.locator("[role=status]").inner_text()
        assert ("ArithmeticError: too large" in said) == fails
    assert not lab.heard()


@pytest.mark.browser
def test_a_cell_that_runs_again_has_one_panel_that_works(lab):
    cell = lab.cell(0)
    lab.do("notebook:run-cell")
    cell.locator("canvas[data-frames]").wait_for()
    lab.settle()
    assert cell.locator(".live-picture").count() == 1
    before = start_of(cell)
    lab.page.mouse.click(*place(cell.get_by_role("application", name="start"), 0.2, 0.2))
    lab.settle()
    assert start_of(cell) != before
    assert not lab.heard()


@pytest.mark.browser
def test_the_page_scrolls_where_nothing_is_dragged_and_targets_are_large(lab):
    cell = lab.cell(0)
    actions = cell.locator(".live-picture").evaluate(
        "p => [p, p.firstChild, ...p.querySelectorAll('.live-area')].map("
        "part => getComputedStyle(part).touchAction)"
    )
    assert actions == ["auto", "auto", "none", "none"]
    for part in cell.locator(".live-area, .live-slider input").all():
        box = part.bounding_box()
        assert min(box["width"], box["height"]) >= 24
