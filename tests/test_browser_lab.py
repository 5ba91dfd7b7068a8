"""Every lesson and exercise in JupyterLab, walked through by somebody who tries all.

``make test`` walks through one lesson, ``make walk`` through all others.
"""

import nbformat
import pytest
from browser import EXPOSED, WALKED, Lab, chromium_window, copy_course, served
from walk import walk


@pytest.fixture(scope="module")
def course(tmp_path_factory, chromium_is_there):
    return copy_course(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def address(course):
    with served(course, EXPOSED) as (address, _):
        yield address


@pytest.fixture(scope="module")
def window(address):
    with chromium_window() as window:
        yield window


@pytest.mark.browser
@pytest.mark.parametrize("notebook", WALKED)
def test_a_notebook_in_jupyterlab(window, address, notebook, record_property):
    lab = Lab(window.new_page(), address)
    found = walk(lab, notebook)
    lab.close()
    record_property("walk", found.as_record())
    assert not found.errors, "\n".join(found.errors)


# The walk itself: what it has to find

WITH_A_PICTURE = """
import io
from ipywidgets import HTML, Button, FloatSlider, Image, VBox
from PIL import Image as Picture
def grey(level):
    file = io.BytesIO()
    Picture.new("L", (40, 40), level).save(file, "png")
    return file.getvalue()
def panel(*controls, picture=grey(99)):
    return VBox([*controls, Image(value=picture)])
"""
FAULTS = [  # what a cell does, and what the walk says about it
    (WITH_A_PICTURE, None),
    ("1 / 0", "cell 1: ZeroDivisionError: division by zero"),
    ("import sys; print('oh', file=sys.stderr)", "cell 2, stderr: oh\n"),
    ("panel(FloatSlider(description='a'))", "cell 3, slider 'a': the pictures stand still"),
    (
        "from IPython.display import display\n"
        "display(Button(tooltip='x')); still = Button(description='b'); still",
        "cell 4, button 'b': nothing changes",
    ),
    ("panel(picture=b'no picture')", "cell 5: a picture that cannot be shown"),
    (
        "c = Button(description='c'); c.on_click(lambda _: {}['gone']); c",
        "cell 6: KeyError: 'gone'",
    ),
    (
        "d = FloatSlider(description='d', min=0, max=1); e = HTML('x')\n"
        "d.observe(lambda new: setattr(d, 'value', min(new.new, 0.5)), 'value'); VBox([d, e])",
        "cell 7, slider 'd': End leads to 0.5, not to 1",
    ),
    ("FloatSlider()", "cell 8: slider '' has no name for screen readers"),
    (
        "HTML('<input type=checkbox tabindex=-1 aria-label=f>')",
        "cell 9: input[type=checkbox] '' cannot be reached with the Tab key",
    ),
    ("%%javascript\nconsole.error('oh dear')", "page: oh dear ()"),
    ("%%javascript\nsetTimeout(() => { throw Error('oh no') })", "page: uncaught: oh no"),
    ("%%html\n<img src='http://example.com/x.png'>", "asked elsewhere: http://example.com/x.png"),
]


@pytest.mark.walk
@pytest.mark.browser
def test_the_walk_finds_what_is_wrong(course, window, address):
    name = "notebooks/99_faults.ipynb"
    cells = [nbformat.v4.new_code_cell(does) for does, _ in FAULTS]
    for cell in cells:  # all of them run, whatever the one before does
        cell.metadata.tags = ["raises-exception"]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), course / name
    )
    lab = Lab(window.new_page(), address)
    found = walk(lab, name, late=1)
    lab.close()
    missed = [said for _, said in FAULTS if said and said not in found.errors]
    assert not missed, "\n".join(found.errors)


KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
