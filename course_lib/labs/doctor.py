"""``doctor``: does this front end show widgets, and do they answer?"""

import platform
from importlib.metadata import PackageNotFoundError, version

import ipywidgets as widgets

from course_lib.labs.controls import says_html
from course_lib.pictures.live import Panel

NAMED = ("numpy", "matplotlib", "ipywidgets", "anywidget", "ipython", "jupyterlab")
OLD_WIDGETS = (
    "ipywidgets 7 is older than what the course is tested with in a browser. Pictures and "
    "sentences are there; should sliders or dragging fail, run: pip install -U ipywidgets"
)


class Doctor(Panel):
    """Does this front end show widgets, and do they answer? What to do if not.

    A button that answers. Where no widgets are shown, its text says what to do instead.
    """

    def __init__(self) -> None:
        self.button = widgets.Button(description="Press me", button_style="primary")
        self.readout = widgets.HTML()
        self.button.on_click(lambda _: self.examine())
        super().__init__([self.button, self.readout])

    def examine(self) -> None:
        """Say that all is well, and with which versions."""
        found = ", ".join(f"{name} {version(name)}" for name in NAMED if _is_installed(name))
        old = int(version("ipywidgets").split(".")[0]) < 8
        self.readout.value = says_html(
            "<b>✔ All is well.</b> This front end shows widgets, and they answer.",
            f"Python {platform.python_version()}, {found}",
            f"Limited: {OLD_WIDGETS}" if old else "",
        )

    @property
    def says(self) -> str:
        return (
            "Do you read this line instead of seeing a button? Then the cell has not run yet, or "
            "this front end shows no widgets. Run the cell; if the line stays, open the course "
            "with `make lab`, or on Binder. In VS Code, install the Jupyter extension."
        )


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:  # in JupyterLite there is no JupyterLab to ask
        return False
    return True


doctor = Doctor
