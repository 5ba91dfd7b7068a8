"""Every link to the course itself, from its two addresses: ``[project.urls]`` in pyproject.toml.

``python site/links.py`` writes them into the README and into the first cell of each lesson and
each solution (``make exercises`` takes them from there); with ``--check`` it only says which are
not as they should be.
"""

import argparse
import json
import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

COURSE = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))["project"]
SITE, REPOSITORY = PROJECT["urls"]["Homepage"], PROJECT["urls"]["Repository"]
START = "notebooks/00_start_here.ipynb"

# Without what it needs: Colab has that, and newer versions would break Colab.
COLAB_FIRST = f"%pip install -q --no-deps git+{REPOSITORY}"
ROW = re.compile(r"\n*^\[Run in the browser\]\(.*$", re.MULTILINE)
BADGES = re.compile(r"^(\[!\[Run in the browser\].*\n)?\[!\[Binder\].*$", re.MULTILINE)


def run(notebook: str) -> str:
    """Where a notebook, named by its path in the repository, runs in the reader's browser."""
    return f"{SITE}lite/notebooks/index.html?path={quote(notebook)}"


def binder(notebook: str) -> str:
    """Where Binder opens it."""
    owner_and_name = "/".join(REPOSITORY.split("/")[-2:])
    return f"https://mybinder.org/v2/gh/{owner_and_name}/HEAD?urlpath=lab/tree/{quote(notebook)}"


def colab(notebook: str) -> str:
    """Where Google Colab opens it; there the course has to be installed first, see ``row``."""
    place = REPOSITORY.removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{place}/blob/HEAD/{quote(notebook)}"


def download(notebook: str) -> str:
    """Where its file lies."""
    return f"{SITE}lite/files/{quote(notebook)}"


def row(notebook: str) -> str:
    """The line of links in the first cell of a notebook."""
    return (
        f"[Run in the browser]({run(notebook)}) · [Binder]({binder(notebook)}) · "
        f"[Download]({download(notebook)}) · [Colab]({colab(notebook)}) "
        f"(there, first run `{COLAB_FIRST}`)"
    )


def badges() -> str:
    """The two lines under the title of the README."""
    lite, badge = "https://jupyterlite.rtfd.io/en/latest/_static/badge.svg", "badge_logo.svg"
    return (
        f"[![Run in the browser]({lite})]({run(START)})\n"
        f"[![Binder](https://mybinder.org/{badge})]({binder(START)})"
    )


def with_row(text: str, notebook: str) -> str:
    """The text of a first cell with the row of links at its end, in place of an older one."""
    return f"{ROW.sub('', text).rstrip()}\n\n{row(notebook)}"


class Links(HTMLParser):
    """Collects what a page links to or shows."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def broken(site: Path) -> Iterator[str]:
    """Each link of the built site's own pages that leads to nothing inside the site.

    A link to the course's public address counts as one into this site, and a link that opens a
    notebook as one to the notebook too.
    """
    home = f"{site.resolve().as_uri()}/"
    for page in sorted(path for path in site.rglob("*.html") if site / "lite" not in path.parents):
        for link in Links(page.read_text("utf-8")).found:
            address = urlsplit(urljoin(page.resolve().as_uri(), link.replace(SITE, home, 1)))
            if address.scheme != "file":
                continue
            wanted = [Path(unquote(address.path))]
            for notebook in parse_qs(address.query).get("path", []):
                wanted.append(site.resolve() / "lite/files" / notebook)
            if not all(path.exists() for path in wanted):
                yield f"{page.relative_to(site)}: {link}"


def files() -> Iterator[tuple[Path, str]]:
    """Each file with links, and what should be in it."""
    readme = COURSE / "README.md"
    text = readme.read_text("utf-8")
    if not BADGES.search(text):
        raise SystemExit("README.md has no badges: two lines that begin with [![Run in the browser]"
                         " and [![Binder].")  # fmt: skip
    yield readme, BADGES.sub(lambda _: badges(), text)
    for folder in "notebooks", "solutions":
        for path in sorted(COURSE.glob(f"{folder}/**/*.ipynb")):
            if ".ipynb_checkpoints" in path.parts:
                continue
            content = json.loads(path.read_text("utf-8"))
            # An exercise is made from its solution, so both have the links of the exercise.
            named = path.relative_to(COURSE).as_posix().replace("solutions/", "exercises/", 1)
            cell = content["cells"][0]
            cell["source"] = with_row("".join(cell["source"]), named).splitlines(keepends=True)
            yield path, json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the links to the course itself.")
    parser.add_argument("--check", action="store_true", help="only say which are wrong")
    only_check = parser.parse_args().check
    wrong = [(path, text) for path, text in files() if path.read_text("utf-8") != text]
    for path, text in wrong:
        print(path.relative_to(COURSE))
        if not only_check:
            path.write_text(text, "utf-8")
    if only_check and wrong:
        raise SystemExit("The links in these files are not those of [project.urls] in "
                         "pyproject.toml; put them right with: python site/links.py")  # fmt: skip


if __name__ == "__main__":
    main()
