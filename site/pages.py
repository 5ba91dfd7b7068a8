"""Pages to read: every lesson and exercise as HTML, and the page the site opens with.

Nothing is run. What a reader sees is what the notebooks have stored: pictures become files with
their sentence as alternative text, formulas become MathML, proofs and answers stay folded. The
pages need no script, no other server and no font but the one for formulas, which lies beside them.
"""

import ast
import inspect
import posixpath
import re
import shutil
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, unquote

import alive
import nbformat
from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from links import COLAB_FIRST, PROJECT, REPOSITORY, ROW, SITE, binder, colab, download, run
from math_core import LatexError, LatexToMathML
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from PIL import Image

import course_lib
import exercise_lib
from course_lib.landscapes import ravine
from course_lib.optimizers import momentum

ROOT = Path(__file__).resolve().parent.parent
LOOK = ROOT / "site/look"
COURSE = "Gradient descent, and what came of it"
SHOWN_FIRST = ["image/png", "text/html", "text/markdown", "text/plain"]
LIGHT_ONLY = re.compile(r"color:\s*#|background[^;]*#")  # an output with colours of its own

LABS = ("course_lib.labs.", "exercise_lib.progress_page")  # what makes panels

COVERS = {  # the picture that stands for a lesson: the first one whose cell has this text
    "00_start_here": "race(",
    "01_gradient_descent": "factor_lab(gradient_descent, on=ravine,",
    "02_stochastic_gradient_descent": "noise_lab(",
    "03_momentum": "error_parts(",
    "04_nesterov": "nesterov, on=ravine(), lr=0.05",
    "05_adagrad": "step_size_by_word(",
    "06_rmsprop": "memory(beta=",
    "07_adadelta": "units_table(gradient_descent",
    "08_adam": "inside(adam",
    "09_adamax": "powers(",
    "10_nadam": "microscope(adam, nadam",
    "11_adamw": "adamw, on=leaning",
    "12_the_race": "race(seven",
    "13_training_a_network": "training_curves(runs,",
    "14_beyond": "unit_balls()",
    "15_field_guide": "cheat_sheet()",
}


def build_pages(output: Path) -> None:
    """Write index.html, lessons/, exercises/ and pictures/ into ``output``."""
    lessons = all_pages()
    for page in lessons:
        for one in filter(None, (page, page.exercise)):
            write(output / one.place, page_of(one, lessons, output))
    shutil.copytree(LOOK / "served", output / "look", dirs_exist_ok=True)
    shutil.copy(LOOK / "favicon.svg", output)
    write_landing(lessons, output)


# The notebooks


@dataclass
class Page:
    """A lesson or an exercise: its notebook, and where its page lies in the site."""

    path: Path
    exercise: "Page | None" = None
    anchors: list[tuple[str, str]] = field(default_factory=list)
    pictures: list["Picture"] = field(default_factory=list)

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def source(self) -> str:
        """The notebook's path in the repository, and so in JupyterLite too."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def is_exercise(self) -> bool:
        return self.source.startswith("exercises/")

    @property
    def place(self) -> str:
        return f"{'exercises' if self.is_exercise else 'lessons'}/{self.stem}.html"

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        return nbformat.read(self.path, as_version=4)

    @property
    def opening(self) -> str:
        """The first cell: title, question, what you learn, minutes."""
        return self.notebook.cells[0].source

    @property
    def title(self) -> str:
        return self._find(r"^# (.+)$", "a title: # 03 · Momentum")

    @property
    def number(self) -> str:
        return self.stem[:2]

    @property
    def name(self) -> str:
        return self.title.split(" · ")[1]

    @property
    def question(self) -> str:
        return self._find(r"^\*\*(.+?)\*\*$", "a question: **…?**")

    @property
    def minutes(self) -> int:
        """Reading and playing together, from the table that a lesson opens with."""
        found = re.findall(r"\| (\d+) minutes ", self.opening)
        if not found:
            raise ValueError(f"{self.source} must open with a table that says | … | 20 minutes |")
        return sum(map(int, found))

    @property
    def run(self) -> str:
        return run(self.source).removeprefix(SITE)

    @property
    def download(self) -> str:
        return download(self.source).removeprefix(SITE)

    def _find(self, pattern: str, wanted: str) -> str:
        if found := re.search(pattern, self.opening, re.MULTILINE):
            return found[1]
        raise ValueError(f"the first cell of {self.source} must have {wanted}")


def all_pages() -> list[Page]:
    """Every lesson in its order, each with its exercise."""
    lessons = [Page(path) for path in sorted(ROOT.glob("notebooks/[0-9]*.ipynb"))]
    for page in lessons:
        exercise = ROOT / "exercises" / page.stem / f"{page.stem}.ipynb"
        page.exercise = Page(exercise) if exercise.exists() else None
    return lessons


# A page


def page_of(page: Page, lessons: list[Page], output: Path) -> str:
    """The whole page of a lesson or exercise; its pictures are written into ``output``."""
    store_pictures(page, output)
    bring_to_life(page, output)
    soup = BeautifulSoup(rendered(page), "html.parser")
    typeset(soup)
    put_in_order(soup, page)
    where = [lesson.stem for lesson in lessons].index(page.stem)
    before = lessons[where] if page.is_exercise else lessons[where - 1] if where else None
    shell = ENVIRONMENT.get_template("page.html.j2")
    return shell.render(
        page=page, lessons=lessons, body=str(soup), root="../", course=COURSE, before=before,
        after=lessons[where + 1] if where + 1 < len(lessons) else None,
        repository=REPOSITORY,
    )  # fmt: skip


def bring_to_life(page: Page, output: Path) -> None:
    """Below each ``explore`` that can be played without Python, the same to be played here."""
    for cell in page.notebook.cells if not page.is_exercise else ():
        panel = cell.cell_type == "code" and alive.panel_of(cell, page.notebook)
        if panel:
            element = alive.explore(ENVIRONMENT, output, panel, root="../")
            cell.outputs.append(
                nbformat.v4.new_output("display_data", {"text/html": PLAY_HERE + element})
            )


PLAY_HERE = '<p class="hint">Play here: drag the start, move the sliders.</p>'


def rendered(page: Page) -> str:
    """The cells as HTML, formulas in Markdown already typeset."""
    exporter = TemplateExporter(
        template_name="base",
        template_file="lesson.html.j2",
        extra_template_paths=[str(LOOK)],
        filters={
            "markdown2html": markdown,
            "highlight_code": coloured,
            "asks": lambda source: called_at_the_end(source) in ("quiz", "predict"),
        },
    )
    exporter.config.NbConvertBase.display_data_priority = SHOWN_FIRST
    exporter.register_preprocessor(CoalesceStreamsPreprocessor, enabled=True)
    notebook = without_what_needs_a_kernel(page.notebook)
    return exporter.from_notebook_node(notebook, {"run": f"site:{page.run}"})[0]


HIGHLIGHT = Highlight2HTML(pygments_lexer="ipython3")


def coloured(code: str) -> str:
    """Python in colours; names and signs have none, and get no element each."""
    return re.sub(r'<span class="[nopw]">([^<]*)</span>', r"\1", HIGHLIGHT(code))


def without_what_needs_a_kernel(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without views of widgets, the advice to run its cells, and ways to run it."""
    first = notebook.cells[0]
    advice = r"^\*Press \*\*▶ Start lesson.*\*$"
    first.source = re.sub(advice, "", first.source, flags=re.MULTILINE)
    first.source = ROW.sub("", first.source)
    for _, output in outputs_of(notebook):
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return notebook


def outputs_of(
    notebook: nbformat.NotebookNode,
) -> Iterator[tuple[nbformat.NotebookNode, nbformat.NotebookNode]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield cell, output


# Pictures


@dataclass
class Picture:
    """A stored picture: the cell it came from, where its file lies, and what it shows."""

    cell: str
    file: str
    png: bytes
    alt: str
    width: int
    height: int
    live: bool


def store_pictures(page: Page, output: Path) -> None:
    """Write the pictures of a notebook as files and note in each output what to say of it."""
    page.pictures = []
    for cell, shown in outputs_of(page.notebook):
        if "image/png" not in shown.get("data", {}):
            continue
        png = b64decode(shown.data["image/png"])
        notes = shown.metadata.get("image/png", {})
        width, height = Image.open(BytesIO(png)).size
        across = notes.get("width", width)
        page.pictures.append(
            Picture(
                cell=cell.source,
                file=f"pictures/{page.stem}/{len(page.pictures) + 1}.png",
                png=png,
                alt=notes.get("alt") or shown.data["text/plain"],
                width=across,
                height=round(height * across / width),
                live=makes_a_panel(cell.source),
            )
        )
        shown.metadata["picture"] = page.pictures[-1]
        write(output / page.pictures[-1].file, png)


def makes_a_panel(source: str) -> bool:
    """Whether the cell ends in a call of a lab: what it shows has sliders when it runs."""
    call = called_at_the_end(source)
    made_by = inspect.getmodule(getattr(course_lib, call, getattr(exercise_lib, call, None)))
    return made_by is not None and made_by.__name__.startswith(LABS)


def called_at_the_end(source: str) -> str:
    """The name of the function that the cell's last line calls, or nothing."""
    last = ast.parse(source).body[-1]
    call = last.value if isinstance(last, ast.Expr) else None
    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    return call.func.id if named else ""


# Formulas


class Renderer(IPythonRenderer):
    """Markdown as nbconvert reads it, with formulas as MathML."""

    def block_math(self, body: str) -> str:
        return mathml(body, display=True)

    def inline_math(self, body: str) -> str:
        return mathml(body, display=False)


def markdown(source: str) -> str:
    return MarkdownWithMath(Renderer(escape=False, exclude_anchor_links=True)).render(source)


CONVERTER = LatexToMathML(fancy_error=False)
MARKED = "magenta"  # the one colour that formulas use goes through as this, and out as a class


def mathml(latex: str, display: bool) -> str:
    """A formula as MathML, which every browser draws by itself."""
    named = re.sub(r"\\color\{#\w+\}\{", rf"\\textcolor{{{MARKED}}}{{", unescape(latex))
    try:
        formula = CONVERTER.convert_with_local_state(named, displaystyle=display)
    except LatexError as error:
        raise ValueError(f"no MathML for the formula {latex!r}: {error}") from error
    formula = re.sub(r'style="color:#FB3199;?"', 'class="marked"', formula)
    return f'<div class="formula">{formula}</div>' if display else formula


def typeset(soup: BeautifulSoup) -> None:
    """Formulas in raw HTML, where Markdown does not look: summaries, and outputs with $…$."""
    for text in soup.find_all(string=re.compile(r"\$.+\$", re.DOTALL)):
        if text.find_parent(["pre", "code", "math"]):
            continue
        parts = re.split(r"(\$\$.+?\$\$|\$[^$]+\$)", str(text), flags=re.DOTALL)
        html = "".join(
            mathml(part.strip("$"), part.startswith("$$")) if i % 2 else escape(part, quote=False)
            for i, part in enumerate(parts)
        )
        text.replace_with(BeautifulSoup(html, "html.parser"))


# Order: links, headings, tables


def put_in_order(soup: BeautifulSoup, page: Page) -> None:
    """What is left to do on the whole page."""
    for link in soup.find_all("a", href=True):
        link["href"] = moved(link["href"], page)
    name_headings(soup, page)
    fold_collapsed(soup)
    for table in soup.find_all("table"):
        mend_table(table)
        wrap(soup, table, "scroll", "table")
    for code in soup.find_all("pre"):
        if max(map(len, code.get_text().splitlines()), default=0) > 30:  # scrolls on a phone
            code["tabindex"] = "0"
    for formula in soup.find_all("div", class_="formula"):
        if len(formula.get_text()) > 20:
            formula["tabindex"] = "0"
            formula["role"], formula["aria-label"] = "group", "formula"
    for picture in soup.find_all("div", class_="card"):
        picture["role"], picture["aria-label"] = "group", "picture"
    for html in soup.find_all("div", class_="html"):
        if html.find(style=LIGHT_ONLY):
            html["class"] = ["html", "on-white"]
    ways = ENVIRONMENT.get_template("ways.html.j2").render(page=page, root="../")
    opening = soup.find("h1").find_next_sibling("p")
    opening["class"] = "question"
    opening.insert_after(BeautifulSoup(ways, "html.parser"))


def moved(link: str, page: Page) -> str:
    """Where a link leads in the site: one of the notebook's, or ``site:`` and a place."""
    if link.startswith("site:"):
        return "../" + link.removeprefix("site:")
    if link.startswith(SITE):
        return "../" + link.removeprefix(SITE)
    if link.startswith("#") or re.match(r"[a-z]+:", link):
        return link
    path, _, anchor = link.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), unquote(path)))
    if not (ROOT / target).exists():
        raise ValueError(f"{page.source} links to {link}, and there is no {target}")
    folder, stem = target.split("/")[0], Path(target).stem
    if target.endswith(".ipynb") and folder == "solutions":
        place = run(target).removeprefix(SITE)
    elif target.endswith(".ipynb"):
        place = f"{'lessons' if folder == 'notebooks' else 'exercises'}/{stem}.html"
    else:
        return f"{REPOSITORY}/blob/main/{quote(target)}"
    return f"../{place}" + (f"#{anchor}" if anchor else "")


def name_headings(soup: BeautifulSoup, page: Page) -> None:
    """Give each heading the anchor that Jupyter gives it, once, and note those of level two."""
    seen: Counter[str] = Counter()
    page.anchors = []
    for heading in soup.find_all(re.compile("^h[1-6]$")):
        words = re.sub(r"\s+", " ", heading.get_text()).strip()
        anchor = words.replace(" ", "-")
        seen[anchor] += 1
        heading["id"] = anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor]}"
        if heading.name == "h2":
            page.anchors.append((heading["id"], words))


def fold_collapsed(soup: BeautifulSoup) -> None:
    """Fold what a heading that is collapsed in the notebook hides there.

    That is all up to the next heading of its level or a higher one.
    """
    for opening in soup.select("section.collapsed"):
        heading = opening.find(re.compile("^h[1-6]$"))
        ends = re.compile(f"^h[1-{heading.name[1]}]$")
        below = []
        for part in opening.next_siblings:
            if isinstance(part, Tag) and part.name == "section" and part.find(ends):
                break
            below.append(part)
        fold, summary = soup.new_tag("details", attrs={"class": "deeper"}), soup.new_tag("summary")
        opening.insert_before(fold)
        summary.append(heading.extract())
        opening["class"] = "text"
        fold.extend([summary, *([opening] if opening.get_text(strip=True) else []), *below])
        if opening.parent is not fold:
            opening.decompose()


def mend_table(table: Tag) -> None:
    """Say of each header which cells it heads; an empty one heads nothing."""
    for header in table.find_all("th"):
        if not header.get_text(strip=True) and not header.find("math"):
            header.name = "td"
        elif not header.get("scope"):
            header["scope"] = "col" if header.find_parent("thead") else "row"


def wrap(soup: BeautifulSoup, tag: Tag, name: str, says: str) -> None:
    """Put something wide into a box that scrolls, with the keyboard too."""
    tag.wrap(
        soup.new_tag(
            "div", attrs={"class": name, "tabindex": "0", "role": "group", "aria-label": says}
        )
    )


# The page the site opens with


def write_landing(lessons: list[Page], output: Path) -> None:
    """index.html, a small picture for each lesson, and the race."""
    covers = {}
    for page in lessons:
        covers[page.stem] = f"pictures/covers/{page.stem}.webp"
        write(output / covers[page.stem], cover(page))
    shutil.copy(ROOT / ".github/race.gif", output / "pictures")
    with Image.open(ROOT / ".github/race.gif") as race:
        race.seek(race.n_frames - 1)
        race.convert("RGB").save(output / "pictures/race.png", optimize=True)
    text = ENVIRONMENT.get_template("index.html.j2").render(
        course=COURSE, lessons=lessons, covers=covers, cover_size=COVER, race_size=race.size,
        hours=round(sum(page.minutes for page in lessons) / 60), repository=REPOSITORY,
        binder=binder, colab=colab, colab_first=COLAB_FIRST,
        alive=alive.explore(ENVIRONMENT, output, TRY_IT, root=""),
    )  # fmt: skip
    write(output / "index.html", text)
    alive.write_script(output)


TRY_IT = alive.Panel(momentum, ravine(), 60, {"lr": 0.1, "beta": 0.8})
COVER = (450, 390)  # about the left panel of a live picture, in CSS pixels


def cover(page: Page) -> bytes:
    """The left part of the picture that stands for a lesson."""
    wanted = COVERS[page.stem]
    picture = next((picture for picture in page.pictures if wanted in picture.cell), None)
    if picture is None:
        raise ValueError(f"{page.source} has no picture from a cell with {wanted!r}; see COVERS")
    whole = Image.open(BytesIO(picture.png)).convert("RGB")
    scale = whole.width / picture.width
    part = Image.new("RGB", (round(COVER[0] * scale), round(COVER[1] * scale)), "white")
    part.paste(whole)  # its top left; a smaller picture leaves white
    out = BytesIO()
    part.save(out, "WEBP", quality=85)
    return out.getvalue()


ENVIRONMENT = Environment(
    loader=FileSystemLoader(LOOK), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.globals["version"] = PROJECT["version"]


def write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
