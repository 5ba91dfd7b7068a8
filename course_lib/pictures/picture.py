"""A finished still picture: a PNG and the sentence that says what it shows."""

from base64 import b64encode
from io import BytesIO
from os import PathLike

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course_lib.pictures.style import (
    STYLE,
)

PNG = {"format": "PNG", "colours": 256}


class Picture:
    """A finished still picture: a PNG and one sentence that says what it shows.

    The sentence is the alternative text, and the text that tests compare.
    """

    def __init__(self, figure: Figure, alt: str):
        self.figure, self.alt = figure, alt

    def __repr__(self) -> str:
        return self.alt

    def png(self) -> bytes:
        canvas = FigureCanvasAgg(self.figure)
        with rc_context(STYLE):
            canvas.draw()
        return encoded(canvas, **PNG)

    def save(self, file: str | PathLike[str]) -> None:
        """Write the picture to a file; its ending says how: .pdf and .svg to print, or .png."""
        with rc_context(STYLE):
            self.figure.savefig(file, metadata={"Title": self.alt})

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        data = {"text/plain": self.alt, "image/png": b64encode(self.png()).decode()}
        return data, {"image/png": png_metadata(self.figure, self.alt)}


def encoded(canvas: FigureCanvasAgg, colours: int | None = None, **how: object) -> bytes:
    """What the canvas shows, as a file: ``how`` goes to Pillow; few ``colours`` make it small."""
    size, pixels = canvas.get_width_height(), canvas.buffer_rgba()
    picture = Image.frombuffer("RGBX", size, pixels, "raw", "RGBX", 0, 1)  # the pixels, no copy
    if colours:
        picture = picture.convert("RGB").quantize(colours, method=Image.Quantize.FASTOCTREE)
    out = BytesIO()
    picture.save(out, **how)
    return out.getvalue()


def png_metadata(figure: Figure, alt: str) -> dict[str, object]:
    """Width in CSS pixels and alternative text, for the metadata of an output."""
    return {"width": round(figure.get_figwidth() * 100), "alt": alt}
