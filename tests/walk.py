"""A walk through a notebook: run it, move every slider to both ends, press every button.

The same walk in every front end of browser.py; in an exercise it also fills in the answers. It does
not stop at an error: it notes all of them, and how long things took, in a ``Walk``.
"""

import json
import time
from dataclasses import asdict, dataclass, field
from itertools import product

from browser import NOTEBOOK, PATIENCE, ROOT, FrontEnd

WIDGET, PNG = "application/vnd.jupyter.widget-view+json", "image/png"
OPEN_QUESTION = ".course-open-question"
LATE = 30
SEEN_BY_NOBODY = {  # the read-out has to follow, but not the picture, and why
    "shift of x": "no rule notices where zero is, and that is what the lesson shows",
}
QUIET = {  # these may change nothing that can be seen, and why
    "speed": "of the play button: it shows when that is pressed",
    "Look again": "there may be nothing new in the record of the student's progress",
}


@dataclass
class Walk:
    """What was found in one notebook in one front end. Times are in seconds."""

    notebook: str
    front_end: str
    first_picture: float | None = None  # since the address was entered: a live one on the screen
    run: float | None = None  # from Run All Cells to the end of the last one
    solved: float | None = None  # the same once more, with all answers filled in
    sliders: int = 0
    buttons: int = 0
    whole: float | None = None
    errors: list[str] = field(default_factory=list)

    def as_record(self) -> str:
        """For pytest's record_property, which carries it from a worker to the summary."""
        return json.dumps(asdict(self))


def walk(front_end: FrontEnd, notebook: str, late: float = LATE) -> Walk:
    """Walk through a notebook. Everything that is wrong is in ``errors`` afterwards.

    late: seconds until a picture that should follow counts as standing still
    """
    from playwright.sync_api import Error  # where it is missing, tests are skipped, and not broken

    found = Walk(notebook, front_end.name)
    began = time.monotonic()
    try:
        front_end.open(notebook)
        _run(front_end, found, began)
        front_end.heard()
        for index in of_kind(front_end.cells(), WIDGET):
            Panel(front_end, found, index, late).try_everything()
        if notebook.startswith("exercises/"):
            _solve(front_end, found)
    except (Error, AssertionError) as error:
        found.errors.append(str(error).split("\nCall log")[0])
    found.errors += [f"page: {complaint}" for complaint in front_end.complaints]
    found.errors += [f"asked elsewhere: {url}" for url in front_end.fetched_elsewhere]
    found.whole = time.monotonic() - began
    return found


def _run(front_end: FrontEnd, found: Walk, began: float) -> None:
    """Run all cells; see the first live picture and that no cell has complained."""
    ran = time.monotonic()
    _begin_to_run(front_end)
    first = front_end.page.wait_for_function(FIRST_LIVE, arg=[WIDGET, PNG]).json_value()
    if first != "none":
        picture = front_end.cell(first).locator(".jp-OutputArea :is(img, canvas)").first
        picture.wait_for(state="attached")  # a prediction may cover it
        picture.evaluate(DECODED)
        found.first_picture = time.monotonic() - began
    found.errors += complaints(_end_of_run(front_end))
    found.run = time.monotonic() - ran


def _solve(front_end: FrontEnd, found: Walk) -> None:
    """Fill in the answers of the solution, run all cells again, and see that every check agrees."""
    solution = ROOT / found.notebook.replace("exercises/", "solutions/", 1)
    cells = json.loads(solution.read_text("utf-8"))["cells"]
    ran = time.monotonic()
    front_end.fill_in({cell["id"]: "".join(cell["source"]) for cell in cells})
    _begin_to_run(front_end)
    cells = _end_of_run(front_end)
    found.solved = time.monotonic() - ran
    found.errors += complaints(cells)
    for i, cell in enumerate(cells):
        graded = cell["metadata"].get("nbgrader", {})
        if graded.get("grade") and not graded["solution"] and "✔" not in str(cell["outputs"]):
            found.errors.append(f"cell {i}: the check does not like the right answer")


def _begin_to_run(front_end: FrontEnd) -> None:
    front_end.run_script(
        "() => { window.ended = false; const end = () => { window.ended = true };"
        " jupyterapp.commands.execute('notebook:run-all-cells').then(end, end) }"
    )


def _end_of_run(front_end: FrontEnd) -> list[dict]:
    front_end.page.wait_for_function("() => window.ended", timeout=1000 * RUNNING)
    if not complaints(front_end.cells()):  # after an error JupyterLite drops what widgets have sent
        front_end.settle()
    return front_end.cells()


def complaints(cells: list[dict]) -> list[str]:
    """What the cells of a notebook complain about, and those that have not run."""
    said = []
    for i, cell in enumerate(cells):
        if cell["cell_type"] == "code" and "".join(cell["source"]).strip():
            if cell["execution_count"] is None:
                said.append(f"cell {i} has not run")
            for output in cell["outputs"]:
                if output["output_type"] == "error":
                    said.append(f"cell {i}: {output['ename']}: {output['evalue']}")
                if output.get("name") == "stderr":
                    said.append(f"cell {i}, stderr: {''.join(output['text'])}")
    return said


def of_kind(cells: list[dict], kind: str) -> list[int]:
    """The indices of the cells with an output of this MIME type."""
    return [
        i
        for i, cell in enumerate(cells)
        if any(kind in output.get("data", ()) for output in cell.get("outputs", ()))
    ]


class Panel:
    """The widgets below one cell, for somebody who tries everything, with the keyboard."""

    def __init__(self, front_end: FrontEnd, found: Walk, index: int, late: float):
        self.front_end, self.found, self.index, self.late = front_end, found, index, late
        self.cell = front_end.cell(index)
        self.cell.locator(".jupyter-widgets").first.wait_for()
        front_end.settle()
        self.tried: set[str] = set()

    def try_everything(self) -> None:
        """Sliders to both ends, then choices and buttons; also those that appear on the way."""
        asks = self.cell.locator(OPEN_QUESTION).count() > 0
        if asks and not self.next_is_covered():
            self.found.errors.append(f"cell {self.index}: what follows gives the answer away")
        self.sliders_menus_and_play()
        for i in range(max(len(self.named(RADIO)), 1)):
            if i < len(radios := self.named(RADIO)) and self.controls[radios[i]]["enabled"]:
                self.press(radios[i], "Space")
            self.buttons()
        self.front_end.settle()
        self.sliders_menus_and_play()  # what an answer has revealed
        self.buttons()
        self.pictures()
        if asks and self.next_is_covered():
            self.found.errors.append(f"cell {self.index}: answered, and what follows is covered")
        self.found.errors += [f"cell {self.index}: {said}" for said in self.unlabelled()]
        self.found.errors += [f"cell {self.index}: {said}" for said in self.front_end.heard()]

    def next_is_covered(self) -> bool:
        """Whether the cell after this one cannot be read (or there is none)."""
        return self.front_end.run_script(
            f"async i => {{ await new Promise(requestAnimationFrame);"
            f" const next = {NOTEBOOK}.content.widgets[i + 1]?.node;"
            " return !next || next.classList.contains('course-covered') }",
            self.index,
        )

    def sliders_menus_and_play(self) -> None:
        self.sliders()
        self.menus()
        self.play()

    @property
    def controls(self) -> dict[str, dict]:
        """The controls that can be seen, in their order on the page."""
        return {c["id"]: c for c in self.cell.evaluate(CONTROLS)}

    def named(self, kind: str) -> list[str]:
        return [id for id, control in self.controls.items() if control["kind"] == kind]

    def note(self, control: dict, what: str) -> None:
        self.found.errors.append(
            f"cell {self.index}, {control['kind']} {control['label']!r}: {what}"
        )

    def press(self, id: str, key: str) -> None:
        """Press a key on a control, and wait for what comes of it."""
        self.cell.locator(f"[data-walk='{id}']").focus()
        self.front_end.page.keyboard.press(key)
        self.front_end.settle()

    def state(self) -> dict:
        """All that can be seen of the panel: its pictures, its words, how its controls stand."""
        return self.cell.evaluate(STATE)

    def changes(self, before: dict, what: str | None = None, patience: float | None = None) -> bool:
        """Whether the panel (or one part of what is seen) differs from before, in the end."""
        end = time.monotonic() + (self.late if patience is None else patience)
        while True:
            now = self.state()
            if (now[what] != before[what]) if what else (now != before):
                return True
            if time.monotonic() >= end:
                return False
            self.front_end.settle()

    def sliders(self) -> None:
        for id in self.named("slider"):
            if id in self.tried:
                continue
            self.tried.add(id)
            self.found.sliders += 1
            control, before = self.controls[id], self.state()
            what = "pictures" if before["pictures"] else "said"
            if control["label"] in SEEN_BY_NOBODY:
                what = "said"
            if self.moves(id, what) or control["label"] in QUIET:
                continue
            if not self.moves_somewhere(id, what):
                part = "pictures stand" if what == "pictures" else "read-out stands"
                self.note(control, f"the {part} still")

    def moves_somewhere(self, id: str, what: str) -> bool:
        """Whether a slider moves anything with the others at some ends of theirs.

        With a step far too long all is lost at once, and at the first step nothing has begun.
        """
        others = [other for other in self.named("slider") if other != id]
        for ends in product(("Home", "End"), repeat=len(others)):
            for other, end in zip(others, ends, strict=True):
                self.press(other, end)
            if self.moves(id, what):
                return True
        return False

    def moves(self, id: str, what: str) -> bool:
        """Move a slider to both ends; whether this part of what is seen changes on the way."""
        seen = [self.state()[what]]
        for key, end in (("Home", "lowest"), ("End", "highest")):
            self.press(id, key)
            moved = self.controls[id]
            if moved["value"] != moved[end]:
                self.note(moved, f"{key} leads to {moved['value']}, not to {moved[end]}")
            seen.append(self.state()[what])
        return any(one != seen[0] for one in seen)

    def menus(self) -> None:
        for id in self.named("select"):
            if id in self.tried:
                continue
            self.tried.add(id)
            control, before = self.controls[id], self.state()
            self.press(id, "Home")
            first = self.state()
            self.press(id, "End")
            if first == before and not self.changes(before):
                self.note(control, "nothing changes")

    def play(self) -> None:
        """The button that plays, pauses, and the one that goes back to the beginning."""
        buttons = self.named("play")
        for ids in (buttons[i : i + 2] for i in range(0, len(buttons), 2)):
            if ids[0] in self.tried:
                continue
            self.tried.update(ids)
            self.found.buttons += len(ids)
            first, last = (self.controls[id] for id in ids)
            self.press(ids[-1], "Enter")
            at_rest = self.state()
            self.press(ids[0], "Enter")
            if not self.changes(at_rest, "pictures"):
                self.note(first, "the picture stands still")
            if self.controls[ids[0]]["pressed"] != first["pressed"]:
                self.press(ids[0], "Enter")
            self.press(ids[-1], "Enter")
            end = time.monotonic() + self.late
            while self.state()["pictures"] != at_rest["pictures"]:
                if time.monotonic() > end:
                    self.note(last, "does not lead back to the beginning")
                    break
                self.front_end.settle()

    def buttons(self) -> None:
        """Press every button; some do nothing at first (a step beyond the last one), so twice."""
        idle: list[str] = []
        while fresh := [
            id
            for id in self.named("button")
            if id not in self.tried and self.controls[id]["enabled"]
        ]:
            id, label = fresh[0], self.controls[fresh[0]]["label"]
            self.tried.add(id)
            self.found.buttons += 1
            before = self.state()
            self.press(id, "Enter")
            if not self.changes(before, patience=0) and label not in QUIET:
                idle.append(id)
        for id in idle:
            if id in self.controls:
                before = self.state()
                self.press(id, "Enter")
                if not self.changes(before):
                    self.note(self.controls[id], "nothing changes")

    def pictures(self) -> None:
        """Every picture can be seen."""
        for image in self.cell.locator(".jp-OutputArea :is(img, canvas)").all():
            if not image.evaluate(DECODED):
                self.found.errors.append(f"cell {self.index}: a picture that cannot be shown")

    def unlabelled(self) -> list[str]:
        """Controls that a screen reader cannot name, or that the Tab key does not reach."""
        said, controls = [], self.controls
        names = self.cell.evaluate(NAMES)
        for id, control in controls.items():
            which = f"{control['kind']} {control['label']!r}"
            if not any(letter.isalnum() for letter in names[id]):
                said.append(f"{which} has no name for screen readers")
            if not control["reachable"] and control["enabled"]:
                said.append(f"{which} cannot be reached with the Tab key")
        return said


RADIO = "input[type=radio]"
RUNNING = 2 * PATIENCE  # the longest lesson, in Pyodide, on a busy machine

# The first cell of this run with a live picture, or "none" when all has run.
FIRST_LIVE = f"""([widget, png]) => {{
    const cells = [...{NOTEBOOK}.model.cells].map(cell => cell.toJSON());
    const live = output => output.data?.[widget] && output.data[png];
    const first = cells.findIndex(cell => cell.outputs?.some(live));
    return first >= 0 ? first : window.ended && 'none';
}}"""
DECODED = """image => image.decode ? image.decode().then(() => true, () => false)
    : image.dataset.frames > 0 || new Promise(painted => {
        image.addEventListener('painted', () => painted(true), {once: true}) })"""

# Each control gets a mark of its own, by which the walk finds it again.
CONTROLS = """cell => {
    const all = '[role=slider], [contenteditable=true], button, select, textarea, input';
    return [...cell.querySelectorAll('.jp-OutputArea-output :is(' + all + ')')]
        .filter(control => control.checkVisibility())
        .map(control => {
            window.walked = window.walked ?? 0;
            control.dataset.walk ??= String(++window.walked);
            const value = name => Number(control.getAttribute('aria-value' + name));
            const range = control.type === 'range';
            const slider = range || control.getAttribute('role') === 'slider';
            const tag = control.tagName.toLowerCase();
            const kind = slider ? 'slider' : control.closest('.widget-play') ? 'play'
                : tag === 'input' ? `input[type=${control.type}]` : tag;
            const row = control.closest('.widget-inline-hbox');
            return {
                id: control.dataset.walk,
                kind,
                label: control.closest('.live-slider')?.innerText.trim()
                    ?? (row?.querySelector('.widget-label') ?? control).innerText.trim(),
                enabled: !control.disabled && !control.closest('[disabled]'),
                reachable: control.tabIndex >= 0 || control.isContentEditable,
                pressed: control.className + control.innerHTML,
                value: range ? +control.value : value('now'),
                lowest: range ? +control.min : value('min'),
                highest: range ? +control.max : value('max'),
            };
        });
}"""
# What a screen reader calls them; kept apart, because Chromium takes its time to say it.
NAMES = """cell => Object.fromEntries(Array.from(
    cell.querySelectorAll('[data-walk]'), control => [control.dataset.walk, control.computedName]
))"""
STATE = """async cell => {
    const digest = async image => {
        if (!image.src) return image.toDataURL();
        for (let tries = 0; ; tries++) {  // a newer picture may come in the middle
            try {
                const bytes = await (await fetch(image.src)).arrayBuffer();
                const hash = await crypto.subtle.digest('SHA-1', bytes);
                return Array.from(new Uint8Array(hash), byte => byte.toString(16)).join('');
            } catch (error) {
                if (tries === 20) throw error;
                await new Promise(wait => setTimeout(wait, 50));
            }
        }
    };
    const of = selector => [...cell.querySelectorAll('.jp-OutputArea ' + selector)];
    return {
        pictures: await Promise.all(of(':is(img, canvas)').map(digest)),
        words: of('.jupyter-widgets').map(widget => widget.innerText),
        said: of('[role=status]').map(status => status.innerText),
        controls: of(':is(button, input, select, [role=slider])').map(control =>
            [control.disabled, control.value, control.getAttribute('aria-valuenow')].join()),
    };
}"""
