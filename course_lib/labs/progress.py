"""``progress``: a bar that fills while a loop takes its time."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import ipywidgets as widgets
from IPython.display import display

from course_lib.pictures.live import Panel

Item = TypeVar("Item")


def progress(items: Iterable[Item], doing: str) -> Iterator[Item]:
    """The same items, one after the other, with a bar that says how far the loop is.

    doing: what the loop does, for the label: "training"
    """
    waiting = list(items)
    panel = Progress(len(waiting), doing)
    display(panel)
    for item in waiting:
        panel.now(getattr(item, "__name__", str(item)))
        yield item
        panel.one_done()
    panel.now("done")


class Progress(Panel):
    """The panel of ``progress``."""

    def __init__(self, count: int, doing: str):
        self.doing = doing
        self.bar = widgets.IntProgress(
            max=count, description=doing, style={"description_width": "initial"}
        )
        self.label = widgets.Label()
        super().__init__([widgets.HBox([self.bar, self.label])])

    def now(self, name: str) -> None:
        """Say what is being done now."""
        self.label.value = name.replace("_", " ")

    def one_done(self) -> None:
        self.bar.value += 1

    @property
    def says(self) -> str:
        return f"{self.doing.capitalize()}: {self.bar.max} to do."
