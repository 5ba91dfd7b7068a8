"""The field guide: dialects against stored runs of the libraries, translations, the cheat sheet.

``reference/make_dialects.py`` made the runs, and ``dialects.json`` of the course.
"""

import inspect
import json
from importlib import import_module
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from test_reference import assert_agrees

from course_lib import beale, cheat_sheet, dissect, ravine
from course_lib.family import RULES
from course_lib.field_guide.dialects import (
    AVERAGING,
    BEFORE,
    COURSE,
    DIALECTS,
    FORMS,
    LIBRARIES,
    dialects_of,
    ended_at,
    stored,
    translate,
    understood,
)
from course_lib.field_guide.tables import (
    cards,
    dialect_table,
    memory_table,
    muon_factors,
    neighbours,
    rule_table,
    training_loop,
)
from course_lib.labs.translator import translator
from course_lib.optimizers import newton_schulz
from course_lib.validation import hyperparameters_of

with np.load(Path(__file__).parent / "reference" / "dialects.npz") as file:
    RUNS = dict(file)
STEPS, START = 200, (1.0, 1.5)
UPHILL = "optax.adadelta()"
MEAN = "optax.chain(optax.ema(0.8, debias=False), optax.scale(-0.005))"
LINES = [line for line in RUNS if line not in (UPHILL, MEAN)]


def path_of(line):
    """What our form of a line walks."""
    dialect, given = understood(line)
    return dialect.path(dialect.read(given), beale, START, STEPS).points


# Dialects


@pytest.mark.parametrize("line", LINES)
def test_a_form_repeats_the_run_of_its_library(line):
    assert RUNS[line].shape == (STEPS + 1, 2) and RUNS[line].dtype == np.float64
    assert np.array_equal(RUNS[line][0], START) and np.array_equal(RUNS[line][-1], ended_at(line))
    if "clipnorm" in line:  # Keras measures the norm with seven digits
        np.testing.assert_allclose(path_of(line), RUNS[line], rtol=1e-6, atol=1e-7)
    else:
        assert_agrees(path_of(line), RUNS[line])


def test_averaging_repeats_the_run_of_a_mean():
    assert_agrees(path_of("averaging(lr=0.005, beta=0.8)"), RUNS[MEAN])


def test_adadelta_of_optax_without_a_learning_rate_walks_uphill():
    d = dialects_of("adadelta")["optax"]
    walk = d.path(d.read({"learning_rate": -1.0}), beale, START, STEPS).points
    assert_agrees(walk, RUNS[UPHILL])
    with pytest.raises(ValueError, match="needs a value for learning_rate"):
        translate(UPHILL, "PyTorch")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: f"{d.rule}-{d.library}")
def test_every_dialect_has_a_run(dialect):
    if dialect.library in LIBRARIES:
        assert any(understood(line)[0] is dialect for line in LINES)


@pytest.mark.parametrize("rule", FORMS)
def test_the_form_of_the_course_is_the_rule(rule):
    ours = dialects_of(rule)[COURSE]
    defaults = {k: v for k, v in ours.arguments.items() if k != "lr"}
    lr = {"lr": 0.01} if "lr" in ours.arguments else {}
    settings = ours.read({**defaults, **lr})
    form = ours.path(settings, beale, START, STEPS).points
    path, _ = dissect(RULES[rule], beale, START, STEPS, **defaults, **lr)
    np.testing.assert_allclose(form, path.points, rtol=1e-12)


def test_the_settings_of_each_dialect_are_those_of_its_form():
    for dialect in DIALECTS:
        wanted = list(inspect.signature(FORMS[dialect.rule]).parameters)[2:]
        assert {*dialect.names, *dialect.fixed} == {*wanted, *BEFORE}, dialect


@pytest.mark.parametrize("name", stored()["signatures"])
def test_what_is_stored_is_what_the_installed_library_says(name):
    library = pytest.importorskip(name.partition(".")[0])
    for part in name.split(".")[1:]:
        library = getattr(library, part)
    real = inspect.signature(library).parameters
    for argument, default in stored()["signatures"][name].items():
        here = real[argument].default
        here = None if here is inspect.Parameter.empty else here
        assert json.loads(json.dumps(here)) == default, argument


def test_the_table_shows_every_stored_default_of_the_dialects():
    head, *rows = dialect_table().rows
    versions = stored()["versions"]
    assert head == ["rule", COURSE, *(f"{name} {versions[name]}" for name in LIBRARIES)]
    cells = dict(zip((row[0] for row in rows), rows, strict=True))
    assert "*λ `weight_decay` 0.0001*" in cells["AdamW"][4]
    assert "λ `weight_decay` 0.01" in cells["AdamW"][2] and "*λ" not in cells["AdamW"][2]
    assert "*s₀ `initial_accumulator_value` 0.1*" in cells["AdaGrad"][3]
    assert "*β `alpha` 0.99*" in cells["RMSProp"][2] and "eps_in_sqrt=True" in cells["RMSProp"][4]
    assert "ψ = 1" in cells["Nadam"][3] and "*ψ `momentum_decay` 0.004*" in cells["Nadam"][2]
    assert cells["Lion"][2] == "–" and "ScheduleFreeAdamW" in cells["Schedule-free"][3]
    assert "β `momentum` None" in cells["Momentum"][4]  # its own default, not the 0 that it means
    assert "λ `weight_decay` None" in cells["Adam"][3] and "clip" not in repr(rows)
    assert [cells[name][0] for name in cells][-2:] == ["Muon", "Schedule-free"]


def test_what_the_libraries_multiply_the_step_of_muon_by():
    shapes = {"8 × 2": (8, 2), "2 × 8": (2, 8)}
    told = stored()["muon"]
    slope = np.array(told["slope"])
    for shape, (rows, columns) in shapes.items():
        ours = np.linalg.svd(newton_schulz(slope if rows == 8 else slope.T), compute_uv=False)
        factor = {
            "PyTorch": np.sqrt(max(1, rows / columns)),
            "Keras": 0.2 * np.sqrt(max(rows, columns)),
            "optax": np.sqrt(max(1, columns / rows)),
        }
        for library, f in factor.items():  # PyTorch computes it with three digits
            np.testing.assert_allclose(told[shape][library], f * ours, rtol=0.02)
            assert f"step × {f:.2f}"[:-1] in muon_factors()[library]


# Translation


TARGETS = (*LIBRARIES, COURSE, AVERAGING)


def translations():
    for line in LINES:
        for to in TARGETS:
            if to in (d.library for d in DIALECTS if d.rule == understood(line)[0].rule):
                yield line, translate(line, to)


def test_an_exact_translation_walks_the_same_path_and_no_other_does():
    exact = 0
    for line, said in translations():
        ours, theirs = said.paths(beale, START, STEPS)
        back = path_of(said.code)  # the written line itself, read again
        np.testing.assert_allclose(theirs.points, back, rtol=1e-12)
        apart = np.abs(ours.points - theirs.points).max()
        way = np.abs(ours.points - START).max()
        exact += said.is_exact
        assert (apart < 1e-9 * way) == said.is_exact or apart < 1e-5 * way, (line, said)
        if said.is_exact:
            assert apart < 1e-9 * way, (line, said)
    assert exact > 80


def test_exact_translations_agree_in_the_libraries_themselves():
    compared = {
        (line, said.code)
        for line, said in translations()
        if said.is_exact and said.code in RUNS and said.code != line
    }
    for line, code in compared:
        rtol = 1e-6 if "clipnorm" in line + code else 1e-9
        np.testing.assert_allclose(RUNS[line], RUNS[code], rtol=rtol, atol=0.1 * rtol)
    assert len(compared) >= 15
    assert {understood(line)[0].library for line, _ in compared} == set(LIBRARIES)


SAID = {  # what must be written, worked out by hand
    ("keras.optimizers.Adagrad()", "PyTorch"): (
        "torch.optim.Adagrad(params, lr=0.001, initial_accumulator_value=0.1000001, eps=0.0)", True
    ),
    ("torch.optim.SGD(params, 0.1, 0.9)", AVERAGING): ("averaging(lr=1.0, beta=0.9)", True),
    ("averaging(lr=0.5, beta=0.98)", "optax"): (
        "optax.sgd(learning_rate=0.01, momentum=0.98)", True
    ),
    ("torch.optim.RMSprop(params)", "optax"): (
        "optax.rmsprop(learning_rate=0.01, decay=0.99, eps=1e-08, eps_in_sqrt=False)", True
    ),
    ("torch.optim.RMSprop(params, eps=0)", "Keras"): (
        "keras.optimizers.RMSprop(learning_rate=0.01, rho=0.99, epsilon=0.0)", True
    ),
    ("torch.optim.RMSprop(params)", "Keras"): (
        "keras.optimizers.RMSprop(learning_rate=0.01, rho=0.99, epsilon=1e-08)", False
    ),
    ("keras.optimizers.Nadam()", "PyTorch"): (
        "torch.optim.NAdam(params, lr=0.001, betas=(0.9, 0.999), eps=1e-07, momentum_decay=1.0)",
        True,
    ),
    ("keras.optimizers.Adam(epsilon=0, weight_decay=0.1)", "PyTorch"): (
        "torch.optim.AdamW(params, lr=0.001, betas=(0.9, 0.999), eps=0.0, weight_decay=0.1)", True
    ),
    ("torch.optim.Adam(params, weight_decay=0.1, eps=0)", "Keras"): (
        "keras.optimizers.Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=0.0)", False
    ),
    ("optax.nadam(0.02)", "PyTorch"): (
        "torch.optim.NAdam(params, lr=0.02, betas=(0.9, 0.999), eps=1e-08, "
        "momentum_decay=1000000.0)",
        True,
    ),
    ("nesterov(lr=0.1)", "PyTorch"): (
        "torch.optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True)", False
    ),
    ("torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)", "optax"): (
        "optax.chain(optax.add_decayed_weights(0.0001), "
        "optax.sgd(learning_rate=0.1, momentum=0.9))", True
    ),
    ("torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=1e-4)", "Keras"): (
        "keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)", False
    ),
    ("torch.optim.SGD(params, lr=0.1, weight_decay=1e-4)", "Keras"): (
        "keras.optimizers.SGD(learning_rate=0.1, weight_decay=0.0001)", True
    ),
    ("keras.optimizers.SGD(0.1, 0.9, weight_decay=1e-4)", "PyTorch"): (
        "torch.optim.SGD(params, lr=0.1, momentum=0.9)", False
    ),
    ("optimizer = optim.Adam(net.parameters(), lr=0.01, fused=True)", "optax"): (
        "optax.adam(learning_rate=0.01, b1=0.9, b2=0.999, eps=1e-08)", True
    ),
    ("torch.optim.Adam(params, weight_decay=0.1, decoupled_weight_decay=True)", "optax"): (
        "optax.adamw(learning_rate=0.001, b1=0.9, b2=0.999, eps=1e-08, weight_decay=0.1)", True
    ),
    ("tf.keras.optimizers.SGD(0.1, global_clipnorm=1.0)", "PyTorch"): (
        "torch.nn.utils.clip_grad_norm_(params, 1.0)  # before each step\n"
        "torch.optim.SGD(params, lr=0.1)", False
    ),
    ("keras.optimizers.SGD(0.1, global_clipnorm=1.0)", "optax"): (
        "optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(learning_rate=0.1))", True
    ),
    ("keras.optimizers.SGD(0.1, clipnorm=1.0)", "optax"): (
        "optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(learning_rate=0.1))", False
    ),
    ("optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-3))", "Keras"): (
        "keras.optimizers.AdamW(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-08, "
        "weight_decay=0.0001, global_clipnorm=1.0)", False
    ),
    ("torch.optim.RMSprop(params, momentum=0.9, centered=True)", "optax"): (
        "optax.rmsprop(learning_rate=0.01, decay=0.99, eps=1e-08, momentum=0.9, centered=True, "
        "eps_in_sqrt=False)", True
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "to"), SAID)
def test_translation_written_by_hand(line, to):
    said = translate(line, to)
    assert (said.code, said.is_exact) == SAID[line, to]
    assert repr(said).startswith(said.code)
    assert ("not the same" in repr(said)) != said.is_exact


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("torch.optim.SGD(params, lr=0.1, maximize=True)", "maximize=True.*walks uphill"),
        ("torch.optim.Adagrad(params, lr_decay=0.1)", "lr_decay=0.1.*makes η fall"),
        ("keras.optimizers.Adam(use_ema=True)", "use_ema=True.*mean of the weights"),
        ("keras.optimizers.Adamax(weight_decay=0.1)", "weight_decay=0.1 of .*Adamax.*nothing like"),
        ("torch.optim.SGD(params, lr=0.1, speed=3)", "no argument 'speed'; it takes: lr, momentum"),
        ("optax.chain(optax.adam(0.1), optax.clip(1.0))", "one optimizer at its end"),
        ("optax.chain(optax.zero_nans(), optax.adam(0.1))", "optax.zero_nans has no translation"),
        ("torch.optim.Rprop(params)", "torch.optim.Rprop has no translation"),
    ],
)
def test_what_has_no_translation_is_named_with_its_reason(line, why):
    with pytest.raises(ValueError, match=why):
        translate(line, "optax")


def test_what_leads_nowhere_else_is_left_out_with_a_word():
    said = translate("optim.AdamW(params, lr=0.1, foreach=False, fused=True)", "optax")
    assert said.is_exact and len(said.notes) == 2 and "fused=True has no say" in repr(said)
    quiet = translate("torch.optim.SGD(params, lr=0.1, maximize=False)", "Keras")
    assert quiet.is_exact and quiet.notes == ()


def test_clipping_is_exact_but_where_the_libraries_differ():
    (why,) = translate("keras.optimizers.SGD(0.1, clipnorm=1.0)", "optax").differences
    assert "each variable by its own norm" in why
    (why,) = translate("optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1))", "PyTorch"
                       ).differences  # fmt: skip
    assert "1e-6" in why
    course = translate("keras.optimizers.SGD(0.1, global_clipnorm=1.0)", COURSE)
    assert not course.is_exact and "norm to which a gradient is clipped" in repr(course)


# Training loops


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_training_loop_ends_where_ours_does(library):
    told = stored()["loops"]
    a, b = np.array(told["inputs"]), np.array(told["targets"])
    walk = RULES["adam"](lambda w: 2 * a.T @ (a @ w - b) / len(b), np.zeros(2), lr=0.1)
    ends = [next(walk) for _ in range(100)][-1]
    loop = training_loop(library)
    np.testing.assert_allclose(loop.ends, ends, rtol=1e-6 if library == "Keras" else 1e-12)
    compile(loop.code, "<loop>", "exec")
    assert "<pre" in loop._repr_html_() and repr(loop) == loop.code


# Memory


def test_bytes_are_those_of_the_numbers_that_a_rule_holds():
    head, *rows = memory_table(1e9).rows
    of = {title: row for row in rows for title in row[1].split(", ")}
    assert set(of) == {card.title for card in cards().values()}
    assert of["Gradient descent"][2:] == ["8", "8", "8", "8"]
    assert of["Adam"] == of["AdamW"] and of["Adam"][2:4] == ["16", "16"]  # as in ZeRO, section 3
    assert of["Adam"][4] == "10" and of["Lion"][3:] == ["12", "9", "12"]
    for card in cards().values():
        assert of[card.title][0] == str(card.memory)
        assert float(of[card.title][5]) == 1e9 * (8 + 4 * card.memory) / 1e9
    assert "1 · 10⁹ parameters" in head[5] and "7 · 10⁹" in memory_table().rows[0][5]


# Cards and the cheat sheet


def test_every_rule_but_a_variant_has_a_card():
    assert list(cards()) == [name for name in RULES if name != "nadam_scheduled"]


@pytest.mark.parametrize("name", cards())
def test_memory_is_what_the_rule_holds_between_steps(name):
    """Its local arrays before it has asked for a first gradient, besides x."""
    rule = RULES[name]
    settings = {"lr": 0.01} if "lr" in hyperparameters_of(rule) else {}
    _, taken = dissect(rule, ravine(), steps=2, **settings)
    held = [k for k, v in taken[0].before.items() if np.shape(v) == (2,) and k != "x"]
    own = [k for k in held if k != "y"]  # schedule_free computes y anew in each step
    assert len(own) == cards()[name].memory, held


def test_tables_show_themselves():
    table = rule_table()
    assert len(table.rows) == 1 + len(cards())
    assert table._repr_markdown_().count("\n") == len(cards()) + 1
    assert "| [Adam](08_adam.ipynb) |" in table._repr_markdown_()
    assert "<b>" in dialect_table()._repr_html_() and "Adam" in repr(dialect_table())
    assert "adam → nadam: 1 line out, 1 line in." in repr(neighbours())
    assert neighbours()._repr_html_().count("<details>") == len(cards()) - 1


@pytest.fixture(scope="module")
def sheet():
    picture = cheat_sheet()
    canvas = FigureCanvasAgg(picture.figure)
    canvas.draw()
    texts = [t for t in picture.figure.findobj(Text) if t.get_text() and t.get_visible()]
    texts = [t for t in texts if t.axes is None]
    return picture, [(t, t.get_window_extent(canvas.get_renderer())) for t in texts]


def test_the_cheat_sheet_is_a_page_with_no_tiny_type(sheet):
    picture, texts = sheet
    assert tuple(picture.figure.get_size_inches()) == (8.27, 11.69)
    assert len(texts) > 80 and min(t.get_size() for t, _ in texts) >= 7
    for card in cards().values():
        assert card.title in {t.get_text() for t, _ in texts}


def test_nothing_overlaps_on_the_cheat_sheet(sheet):
    picture, texts = sheet
    page = picture.figure.bbox
    pictures = [ax.get_window_extent() for ax in picture.figure.axes]
    for text, box in texts:
        assert box.x0 > 0.04 * page.width and box.x1 < 0.96 * page.width, text.get_text()
        assert box.y0 > 0.02 * page.height and box.y1 < 0.99 * page.height, text.get_text()
        assert not any(_common(box, other) for other in pictures), text.get_text()
    for (a, box), (b, other) in combinations(texts, 2):
        assert not _common(box, other), (a.get_text(), b.get_text())


def _common(box, other, slack=2.5):
    """Whether two boxes overlap by more than the leading of a line."""
    wide = min(box.x1, other.x1) - max(box.x0, other.x0)
    high = min(box.y1, other.y1) - max(box.y0, other.y0)
    return wide > slack and high > slack


@pytest.mark.parametrize(
    ("ending", "begins"), [("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89P")]
)
def test_a_picture_is_saved(tmp_path, ending, begins):
    file = tmp_path / f"sheet.{ending}"
    cheat_sheet().save(file)
    assert file.read_bytes().startswith(begins)
    assert 20_000 < file.stat().st_size < 1_000_000


# The panel


def test_the_translator_follows_its_controls():
    panel = translator("keras.optimizers.RMSprop(learning_rate=0.05)", to="PyTorch")
    assert "alpha=0.9" in panel.says and "off by less than 1%" in panel.says
    panel.controls["code"].value = "averaging(lr=0.02, beta=0.9)"
    assert panel.translation.code == "torch.optim.SGD(params, lr=0.002, momentum=0.9)"
    assert "on the same path" in panel.says and "diverges" in panel.says
    panel.controls["to"].value = AVERAGING
    assert "the copied numbers are on the same path" in panel.says
    drawn = panel.figure.png()
    panel.controls["code"].value = "something(else"
    assert "Not understood: code must be one call" in panel.readout.value
    assert panel.figure.png() != drawn  # not the paths of another line
    assert not any(len(trace._path.get_xdata()) for trace in panel._traces)
    panel.controls["code"].value = "averaging(lr=0.02, beta=0.9)"
    assert panel.figure.png() == drawn
    panel.controls["code"].value = "torch.optim.Lion(params)"
    assert "torch.optim.Lion has no translation" in panel.readout.value


def test_the_script_is_where_the_lesson_says():
    script = Path(__file__).parent / "reference" / "make_dialects.py"
    assert "inspect.signature" in script.read_text(encoding="utf-8")
    assert import_module("course_lib.field_guide.dialects").stored()["versions"].keys() == set(
        LIBRARIES
    )
