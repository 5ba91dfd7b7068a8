"""The pages to read: nothing lost on the way from the notebook, and nothing in a reader's way.

What the pages must hold is read from the notebooks' files themselves. axe-core and the widths are
tried in Chromium.
"""

import importlib.util
import json
import os
import re
import sys
from copy import copy
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from browser import find_chromium, lacking
from PIL import Image

for needed in ("bs4", "math_core", "nbconvert"):
    pytest.importorskip(needed, reason=f"the pages need {needed} (pip install -e '.[site]')")

from bs4 import BeautifulSoup  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(ROOT.glob("notebooks/*.ipynb"))
EXERCISES = sorted(ROOT.glob("exercises/*/*.ipynb"))
PLACES = [
    "index",
    *(f"lessons/{p.stem}" for p in LESSONS),
    *(f"exercises/{p.stem}" for p in EXERCISES),
]
PHONE = 360


@pytest.fixture(scope="module")
def pages():
    sys.path.insert(0, str(ROOT / "site"))
    try:
        spec = importlib.util.spec_from_file_location("pages", ROOT / "site/pages.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["pages"] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(ROOT / "site"))


@pytest.fixture(scope="module")
def site(pages, tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("site")
    pages.build_pages(output)
    return output


@pytest.fixture(scope="module")
def soups(site) -> dict[str, BeautifulSoup]:
    return {
        place: BeautifulSoup((site / f"{place}.html").read_text(), "html.parser")
        for place in PLACES
    }


def notebook_of(place: str) -> Path:
    folder, stem = place.split("/")
    return ROOT / (
        f"notebooks/{stem}.ipynb" if folder == "lessons" else f"exercises/{stem}/{stem}.ipynb"
    )


def cells_of(place: str) -> list[dict]:
    return json.loads(notebook_of(place).read_text())["cells"]


def text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)


by_page = pytest.mark.parametrize("place", PLACES[1:])


# Nothing is lost


@by_page
def test_every_stored_picture_is_there_with_its_sentence(place, soups, site):
    stored = [
        (output["metadata"]["image/png"], text(output["data"]["text/plain"]))
        for cell in cells_of(place)
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    shown = soups[place].select("main img:not(live-explore img)")
    assert len(shown) == len(stored)
    for img, (notes, sentence) in zip(shown, stored, strict=True):
        assert img["alt"] == notes["alt"] == sentence
        assert int(img["width"]) == notes["width"]
        with Image.open(site / "lessons" / img["src"]) as file:
            width, height = file.size
        assert int(img["height"]) == pytest.approx(notes["width"] * height / width, abs=0.51)
        assert img["loading"] == "lazy"


@by_page
def test_all_the_text_and_code_is_there(place, soups):
    shown = re.sub(r"\s", "", soups[place].find("main").get_text())
    for cell in cells_of(place):
        source = text(cell["source"])
        if cell["cell_type"] == "code":
            assert re.sub(r"\s", "", source) in shown
        else:
            for heading in re.findall(r"^#+ ([^$`*\n]+)$", source, re.MULTILINE):
                assert re.sub(r"\s", "", heading) in shown


@by_page
def test_every_formula_is_typeset(place, soups):
    expected = 0
    for cell in cells_of(place):
        if cell["cell_type"] == "markdown":
            prose = re.sub(r"```.*?```|`[^`]*`", "", text(cell["source"]), flags=re.DOTALL)
            expected += len(re.findall(r"\$\$.+?\$\$|\$[^$]+\$", prose, re.DOTALL))
        for output in cell.get("outputs", []):
            html = text(output.get("data", {}).get("text/markdown", ""))
            expected += len(re.findall(r"\$[^$]+\$", html))
    soup = copy(soups[place])
    assert len(soup.find_all("math")) == expected
    for code in soup.find_all(["pre", "code"]):
        code.clear()
    left = soup.find("main").get_text()
    assert "$" not in left and not re.search(r"\\[a-z]{2,}", left)


@by_page
def test_proofs_and_answers_are_folded(place, soups):
    in_text = sum(
        text(cell["source"]).count("<details")
        for cell in cells_of(place)
        if cell["cell_type"] != "code"
    )
    hidden = [c for c in cells_of(place) if c["metadata"].get("jupyter", {}).get("source_hidden")]
    soup = soups[place]
    assert len(soup.select(".text details")) == in_text
    assert len(soup.select("details.code")) == len(hidden)
    assert not soup.select("details[open]")
    for cell in hidden:  # nowhere but in the fold
        if "answer=" in text(cell["source"]):
            question = [
                d for d in soup.select("details.code") if text(cell["source"]) in d.get_text()
            ]
            assert "with the answer" in question[0].find("summary").get_text()


@by_page
def test_what_is_collapsed_in_the_notebook_is_folded_up_to_the_next_heading(place, soups):
    closed = [c for c in cells_of(place) if c["metadata"].get("jp-MarkdownHeadingCollapsed")]
    folds = soups[place].select("details.deeper")
    assert [fold.find("summary").get_text().strip() for fold in folds] == [
        re.sub("[*`]", "", re.match(r"#+ (.*)", text(cell["source"]))[1]) for cell in closed
    ]
    for fold in folds:
        title, *below = fold.find_all(re.compile("^h[1-6]$"))
        assert title.parent.name == "summary" and all(h.name > title.name for h in below)
        assert len(fold.find_all(recursive=False)) > 1  # something to open it for


@by_page
def test_nothing_needs_a_kernel_a_script_or_another_server(place, soups):
    shown = " ".join(str(output) for output in soups[place].select(".output"))
    for sign in ("Error displaying widget", "interactive(children", "widget-view", "Output()"):
        assert sign not in shown
    scripts = [tag["src"] for tag in soups[place].select("script")]
    assert scripts == ["../look/live-explore.js"] * bool(soups[place].select("live-explore"))
    assert not soups[place].select("iframe, object, style")
    for tag in soups[place].select("[src], link[href]"):
        assert "//" not in tag.get("src", tag.get("href"))


# Links


def test_every_link_leads_somewhere(soups, site):
    ids = {place: {tag["id"] for tag in soup.select("[id]")} for place, soup in soups.items()}
    for place, soup in soups.items():
        for tag in soup.select("a[href], img[src], link[href]"):
            link = urlsplit(tag.get("href", tag.get("src")))
            if link.scheme:
                assert link.scheme == "https", link
                continue
            target = (
                (site / place).parent / unquote(link.path) if link.path else site / f"{place}.html"
            )
            inside = target.resolve().relative_to(site.resolve()).as_posix()
            if inside == "lite/notebooks/index.html":
                assert (ROOT / parse_qs(link.query)["path"][0]).suffix == ".ipynb"
                assert (ROOT / parse_qs(link.query)["path"][0]).exists()
            elif inside.startswith("lite/files/"):
                assert (ROOT / inside.removeprefix("lite/files/")).exists()
            elif inside != "work.html":  # site/build.py copies it
                assert target.exists(), (place, tag)
                assert not link.path.endswith(".ipynb")
            if link.fragment and not inside.startswith("lite/"):
                assert unquote(link.fragment) in ids[inside.removesuffix(".html")], (place, tag)


def test_no_id_twice_and_headings_in_order(soups):
    for place, soup in soups.items():
        ids = [tag["id"] for tag in soup.select("[id]")]
        assert len(ids) == len(set(ids)), place
        levels = [int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b <= a + 1 for a, b in pairwise(levels)), place


def test_lessons_lead_from_the_first_to_the_last_and_back(soups):
    place, seen = PLACES[1], [PLACES[1]]
    while onwards := soups[place].select_one("a[rel=next]"):
        following = "lessons/" + Path(onwards["href"]).stem
        assert Path(soups[following].select_one("a[rel=prev]")["href"]).stem == place.split("/")[1]
        place = following
        seen.append(place)
    assert seen == [f"lessons/{path.stem}" for path in LESSONS]


# The landing page


def test_the_landing_page_has_every_lesson_with_question_minutes_and_ways(soups, site):
    cards = soups["index"].select(".cards > li")
    assert len(cards) == len(LESSONS)
    for card, path in zip(cards, LESSONS, strict=True):
        opening = text(json.loads(path.read_text())["cells"][0]["source"])
        said = card.get_text()
        assert re.search(r"\*\*(.+?)\*\*", opening)[1] in said
        minutes = sum(map(int, re.findall(r"\| (\d+) minutes ", opening)))  # reading and playing
        assert f"{minutes} minutes" in said
        links = [a["href"] for a in card.select("ul a")]
        assert f"lite/notebooks/index.html?path=notebooks/{path.name}" in links
        assert f"lessons/{path.stem}.html" in links
        assert f"lite/files/notebooks/{path.name}" in links
        assert any("mybinder.org" in link and path.name in link for link in links)
        assert (ROOT / f"exercises/{path.stem}").exists() == any("exercises/" in a for a in links)
        with Image.open(site / card.select_one("img")["src"]) as cover:
            assert cover.width >= 400
            corner = cover.convert("L").getpixel((cover.width // 2, cover.height - 1))
            assert corner > 150  # a small picture is filled up with white
    assert "race.gif" in str(soups["index"].select_one(".race"))


# What goes wrong is said


def test_a_formula_without_mathml_stops_the_build(pages):
    with pytest.raises(ValueError, match=r"no MathML for the formula '\\\\nosuch"):
        pages.mathml(r"\nosuch{x}", display=False)


def test_a_link_to_nothing_stops_the_build(pages):
    page = pages.all_pages()[3]
    with pytest.raises(ValueError, match=r"no notebooks/99_nothing\.ipynb"):
        pages.moved("99_nothing.ipynb", page)
    assert pages.moved("04_nesterov.ipynb#Summary", page) == "../lessons/04_nesterov.html#Summary"
    assert pages.moved("../README.md", page).endswith("/blob/main/README.md")
    solution = "solutions/03_momentum.ipynb"
    if (ROOT / solution).exists():
        assert pages.moved(f"../{solution}", page).endswith(f"?path={solution}")


def test_a_lesson_without_its_cover_stops_the_build(pages, monkeypatch, tmp_path):
    lessons = pages.all_pages()[:1]
    pages.store_pictures(lessons[0], tmp_path)
    monkeypatch.setitem(pages.COVERS, lessons[0].stem, "no such cell")
    with pytest.raises(ValueError, match=r"00_start_here.ipynb has no picture .* see COVERS"):
        pages.cover(lessons[0])


# Alternative texts, in the notebooks themselves

ALL = sorted([*LESSONS, *EXERCISES, *ROOT.glob("solutions/*/*.ipynb")])


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_picture_says_what_it_shows(path):
    for cell in json.loads(path.read_text())["cells"]:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                says(output["metadata"]["image/png"]["alt"])
        if cell["cell_type"] == "markdown":
            source = text(cell["source"])
            for alt in re.findall(r"!\[([^\]]*)\]\(", source):
                says(alt)
            for tag in BeautifulSoup(source, "html.parser").find_all("img"):
                says(tag["alt"])


def says(alt: str) -> None:
    assert 30 < len(alt) < 1500, alt
    assert " " in alt and not re.search(r"\.(png|jpe?g|gif|svg)\b|<Figure|object at", alt), alt


# In a browser

needs_chromium = pytest.mark.skipif(
    bool(lacking()) and os.environ.get("CI") != "true", reason=lacking() or "Chromium is there"
)

# One element of each kind of code and a few formulas are enough to judge colours, and quicker.
FEWER = """() => {
  const seen = new Set();
  for (const span of document.querySelectorAll('.highlight span')) {
    if (seen.has(span.className)) span.replaceWith(...span.childNodes);
    seen.add(span.className);
  }
  for (const formula of [...document.querySelectorAll('math:not(:has(.marked))')].slice(5))
    formula.replaceChildren(Object.assign(document.createElement('mi'), {textContent: 'x'}));
}"""
AXE = "async () => (await axe.run({resultTypes: ['violations'], preload: false})).violations"
TOO_WIDE = "document.documentElement.scrollWidth"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def browser(site):
    """Chromium without any network but the built site; and the site's address."""
    from playwright.sync_api import sync_playwright

    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Quiet(*args, directory=str(site)))
    Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield chromium, f"http://127.0.0.1:{server.server_port}"
        chromium.close()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def axe() -> str:
    base = pytest.importorskip("axe_playwright_python.base", reason="needs axe-playwright-python")
    return base.AXE_SCRIPT


@pytest.fixture(scope="module")
def phones(browser):
    """A page as wide as a phone for the light and one for the dark, and what they complained of."""
    chromium, _ = browser
    complaints: list[str] = []
    pages = {}
    for scheme in ("light", "dark"):
        size = {"width": PHONE, "height": 740}
        pages[scheme] = chromium.new_page(viewport=size, color_scheme=scheme)
        pages[scheme].on("console", lambda message: complaints.append(message.text))
        pages[scheme].on("requestfailed", lambda failed: complaints.append(failed.url))
    return pages, complaints


# In the dark only pages that between them have every kind of thing.
LOOKED_AT = [("light", place) for place in PLACES]
LOOKED_AT += [("dark", place) for place in ("index", "lessons/10_nadam", "lessons/14_beyond")]
FIRST = [("light", "index"), ("light", "exercises/01_gradient_descent"), ("dark", "index")]
LOOKED_AT = [
    one if one in FIRST else pytest.param(*one, marks=pytest.mark.walk) for one in LOOKED_AT
]


@needs_chromium
@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "place"), LOOKED_AT)
def test_a_page_on_a_phone_is_accessible_and_no_wider(scheme, place, browser, phones, axe):
    (_, address), (pages, complaints) = browser, phones
    page = pages[scheme]
    page.goto(f"{address}/{place}.html")
    assert page.evaluate(TOO_WIDE) == PHONE
    page.evaluate(FEWER)
    page.evaluate(axe)
    found = [
        (v["id"], v["impact"], [node["html"][:200] for node in v["nodes"][:3]])
        for v in page.evaluate(AXE)
    ]
    assert not found
    assert not complaints


@needs_chromium
@pytest.mark.browser
def test_proofs_print_and_answers_do_not(browser):
    chromium, address = browser
    page = chromium.new_page()
    page.goto(f"{address}/lessons/03_momentum.html")
    proof, answer = page.locator(".deeper p").first, page.locator(".html > details").first
    closed = answer.bounding_box()["height"]
    visible = "element => element.checkVisibility({contentVisibilityAuto: true})"
    assert not proof.evaluate(visible)
    page.emulate_media(media="print")
    assert proof.evaluate(visible)
    assert answer.bounding_box()["height"] < closed * 1.5
    for away in (".list", ".bar", ".onwards", ".ways", "details.code >> nth=0"):
        assert not page.locator(away).is_visible()
    page.close()


@needs_chromium
@pytest.mark.browser
def test_the_race_can_be_stopped(browser):
    chromium, address = browser
    page = chromium.new_page()
    page.goto(f"{address}/index.html")
    moving, still = page.locator(".race .moving"), page.locator(".race .still")
    assert moving.is_visible() and not still.is_visible()
    page.get_by_label("Stop the race").press("Space")
    assert still.is_visible() and not moving.is_visible()
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    assert still.is_visible() and not moving.is_visible()
    page.close()
