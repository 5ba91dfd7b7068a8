"""Pictures of training: digits, weights, losses over the steps, the spread of runs."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from course_lib.family import LOOKS, Look, title_of
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import STYLE, look_of, looks_of, new_figure, theme
from course_lib.training.digits import Images
from course_lib.training.networks import Network
from course_lib.training.train import Training, Tuning
from course_lib.wording import settings_in_words

GAP = 2  # empty pixels between two images of a mosaic
WEIGHTS = {"cmap": "RdBu", "vmin": -1, "vmax": 1}
LOST = 1e6  # where a loss is drawn that is larger or infinite: far above the picture
INK = {"cmap": "Greys", "vmin": 0, "vmax": 1}


def mosaic(images: np.ndarray, columns: int, rows: int, gap: int = GAP) -> np.ndarray:
    """(rows (8 + gap), columns (8 + gap)): images (k, 64) side by side, nan where there is none."""
    tiles = np.full((rows * columns, 8 + gap, 8 + gap), np.nan)
    kept = images[: rows * columns]
    tiles[: len(kept), :8, :8] = kept.reshape(-1, 8, 8)
    tiles = tiles.reshape(rows, columns, 8 + gap, 8 + gap)
    return tiles.transpose(0, 2, 1, 3).reshape(rows * (8 + gap), columns * (8 + gap))


def caption(ax: Axes, index: int, columns: int, gap: int, text: str = "", **style: object):
    """A text under the image with this number in a mosaic."""
    row, column = divmod(index, columns)
    x, y = column * (8 + gap) + 3.5, row * (8 + gap) + 7.8
    return ax.text(x, y, text, ha="center", va="top", **style)


def show_digits(
    part: Images, guesses: np.ndarray | None = None, title: str = "", columns: int = 12
) -> Picture:
    """The first images of a part (three rows at most), each with what it shows.

    guesses: (n,), what a network took them for: then each has "label → guess"
    """
    rows = min(3, max(1, -(-len(part.labels) // columns)))
    shown, gap = Images(*(array[: rows * columns] for array in part)), 5
    texts = [str(label) for label in shown.labels]
    if guesses is not None:
        texts = [f"{label} → {guess}" for label, guess in zip(texts, guesses, strict=False)]
    with rc_context(STYLE):
        figure, ax = new_figure(columns=1, height=0.4 + 0.78 * rows)
        ax.imshow(mosaic(shown.images, columns, rows, gap), **INK)
        for i, text in enumerate(texts):
            caption(ax, i, columns, gap, text, fontsize=10)
        ax.set_axis_off()
        ax.set_title(title)
    what = "Handwritten digits" if guesses is None else "Digits and what they were taken for"
    return Picture(figure, f"{what}, as small grey images: {', '.join(texts)}.")


def unit_images(network: Network, w: np.ndarray) -> np.ndarray:
    """(units, 64), the weights of the first layer, its largest taken as 1."""
    weights = network.layers(w)[0][0].T
    return weights / max(np.abs(weights).max(), 1e-12)


def training_curves(runs: Mapping[str, Training], title: str, columns: int = 4) -> Picture:
    """The training loss over the steps, a small picture for each name, on common axes.

    In colour the median of the seeds, and as a band all of them; in grey the medians of the others.
    A name that is a rule's gives the rule's colour.
    """
    rows = -(-len(runs) // columns)
    columns = min(columns, len(runs))
    losses = [run.loss for run in runs.values()]
    low = min(loss.min() for loss in losses)
    high = max(np.median(loss[0]) for loss in losses)
    with rc_context(STYLE):
        figure, axes = new_figure(
            columns, height=0.7 + 1.75 * rows, rows=rows, sharex=True, sharey=True, squeeze=False
        )
        for ax, (i, (name, run)) in zip(axes.flat, enumerate(runs.items()), strict=False):
            colour = _style(name, i)["color"]
            for other in runs.values():
                ax.plot(other.steps, _middle(other), color=theme().faint, lw=0.7, alpha=0.7)
            ends = run.loss.min(axis=1), np.minimum(run.loss.max(axis=1), 1e6)
            ax.fill_between(run.steps, *ends, color=colour, alpha=0.25, lw=0)
            ax.plot(run.steps, _middle(run), color=colour, lw=2.2)
            ax.set_title(_label(name, run), color=colour, fontsize=11)
            ax.grid(True)
            ax.set(yscale="log", ylim=(0.8 * low, 1.3 * high), xlim=(0, run.steps[-1]))
            ax.yaxis.set_major_locator(LogLocator(subs=(1,) if high > 30 * low else (1, 2, 5)))
            ax.yaxis.set_major_formatter("{x:g}")
            ax.yaxis.set_minor_locator(NullLocator())
        for ax in axes.flat[len(runs) :]:
            ax.set_axis_off()
        for ax in axes.flat[max(0, len(runs) - columns) : len(runs)]:
            ax.tick_params(labelbottom=True)
        figure.supxlabel("step t", fontsize=10)
        figure.supylabel("training loss", fontsize=10)
        figure.suptitle(title)
    told = "; ".join(
        f"{_label(name, run)} {_middle(run)[0]:.2g} to {_middle(run)[-1]:.2g}"
        for name, run in runs.items()
    )
    return Picture(figure, f"{title}. Training loss from the first step to the last: {told}.")


def _middle(run: Training) -> np.ndarray:
    """(k,): the median over the seeds, drawn far above the picture where it is infinite."""
    return np.minimum(np.median(run.loss, axis=1), 1e6)


def _label(name: str, run: Training) -> str:
    return title_of(name) if run.rule == name else name


def _style(name: str, index: int) -> dict[str, object]:
    if name not in LOOKS:
        colours = [f"#{c.lstrip('#')}" for c in STYLE["axes.prop_cycle"].by_key()["color"]]
        return {"color": colours[index % len(colours)]}
    look = look_of(name)
    return {"color": look.colour, "ls": look.line, "marker": look.marker, "ms": 4.5, "lw": 1.4}


def judged_and_tuned(
    runs: Mapping[str, Training], tuned: Mapping[str, Tuning], titles: Mapping[str, str], of: str
) -> Picture:
    """Left the loss on new data over the steps, a name beside each line; right what tuning tried.

    runs:   by name, with ``validation`` the loss on new data: medians as lines, quartiles as bands
    tuned:  by name; titles: by name, what is written beside the line; of: the data, "images"
    """
    looks = dict(zip(runs, looks_of(list(runs.values())), strict=True))
    quartiles = {name: _quartiles(run.validation) for name, run in runs.items()}
    start = max(middle[0] for _, middle, _ in quartiles.values())
    lows = [low for low, _, _ in quartiles.values()] + [t.loss for t in tuned.values()]
    lowest = np.min(np.concatenate(lows), initial=start)
    with rc_context(STYLE):
        figure, (left, right) = new_figure(
            width=9.6, height=4.1, sharey=True, width_ratios=(1.35, 1)
        )
        for name, run in runs.items():
            look, (low, middle, high) = looks[name], quartiles[name]
            own = {"color": look.colour}
            left.plot(run.steps, middle, ls=look.line, lw=1.8, **own)
            left.plot(run.steps[-1], middle[-1], look.marker, ms=7, zorder=3, **own)
            left.fill_between(run.steps, low, high, alpha=0.18, lw=0, **own)
        _draw_tunings(right, tuned, titles, looks)
        left.set(xlabel="step t", ylabel=f"loss on new {of}")
        left.set(yscale="log", ylim=(0.9 * lowest, 1.35 * start))
        left.set_xlim(0, 1.02 * max(run.steps[-1] for run in runs.values()))
        ticks = (1, 2, 3, 5, 7) if start > 6 * lowest else (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8)
        left.yaxis.set_major_locator(LogLocator(subs=ticks))
        left.yaxis.set_major_formatter("{x:g}")
        left.yaxis.set_minor_locator(NullLocator())
        count = next(iter(runs.values())).validation.shape[1]
        left.set_title(f"Tuned, then judged: {count} runs, median and quartiles")
        right.set_title("What tuning tried, best marked")
        for ax in (left, right):
            ax.grid(True)
        ends = {name: middle[-1] for name, (_, middle, _) in quartiles.items()}
        _name_lines(left, [(titles[name], end, looks[name].colour) for name, end in ends.items()])
    told = "; ".join(
        f"{titles[name]} {end:.2g}" if end < LOST else f"{titles[name]} has diverged"
        for name, end in ends.items()
    )
    chosen = "; ".join(f"{titles[name]} {settings_in_words(t.best)}" for name, t in tuned.items())
    return Picture(
        figure,
        f"Left the loss on new {of} falls from {start:.2g} to (medians): {told}. "
        f"Right the loss at the end of tuning runs, lowest at: {chosen or 'nothing to tune'}.",
    )


def _quartiles(losses: np.ndarray) -> np.ndarray:
    """(3, k): lower quartile, median, upper quartile of (k, runs); what diverged is at LOST."""
    return np.quantile(np.minimum(losses, LOST), [0.25, 0.5, 0.75], axis=1)


def _draw_tunings(
    ax: Axes, tuned: Mapping[str, Tuning], titles: Mapping[str, str], looks: Mapping[str, Look]
) -> None:
    """The loss that each value led to; ε, where a rule has no η, on an axis of its own below."""
    dials = {tuning.dial for tuning in tuned.values()}
    of_eps = ax.twiny() if len(dials) == 2 else ax
    for name, tuning in tuned.items():
        look, on = looks[name], of_eps if tuning.dial == "eps" else ax
        loss = np.minimum(tuning.loss, LOST)
        on.plot(tuning.tried, loss, color=look.colour, ls=look.line, lw=1.4)
        best = tuning.best[tuning.dial], loss.min()
        on.plot(*best, look.marker, color=look.colour, mec=theme().paper, ms=10, zorder=3)
    ax.set(xscale="log", xlabel="ε" if dials == {"eps"} else "learning rate η")
    if of_eps is not ax:
        names = [titles[name] for name, tuning in tuned.items() if tuning.dial == "eps"]
        of_eps.set(xscale="log", xlabel=f"ε of {', '.join(names)}")
        of_eps.xaxis.set_ticks_position("bottom")
        of_eps.xaxis.set_label_position("bottom")
        of_eps.spines["bottom"].set_position(("outward", 40))
        of_eps.spines["bottom"].set_visible(True)


def _name_lines(ax: Axes, ends: Sequence[tuple[str, float, str]]) -> None:
    """A name to the right of each line's end, in its colour; moved apart where they would touch.

    ends: (name, height, colour) of each line
    """
    ax.figure.draw_without_rendering()
    ends = sorted(ends, key=lambda end: end[1])
    heights = np.clip([height for _, height, _ in ends], *ax.get_ylim())
    pixels = ax.transData.transform([(0, height) for height in heights])[:, 1]
    apart = 13 * ax.figure.dpi / 72
    for _ in range(200):  # two that touch move apart, each by a half of what is missing
        missing = np.maximum(apart - np.diff(pixels), 0)
        pixels[:-1] -= missing / 2
        pixels[1:] += missing / 2
    for (name, _, colour), pixel in zip(ends, pixels, strict=True):
        height = ax.transAxes.inverted().transform((0, pixel))[1]
        ax.annotate(
            name, (1, height), xycoords="axes fraction", xytext=(7, 0), va="center",
            textcoords="offset points", color=colour, fontsize=9.5, fontweight="bold",
        )  # fmt: skip


def spread(
    runs: Mapping[str, Training], judged: Mapping[str, np.ndarray], titles: tuple[str, str]
) -> Picture:
    """Every run as a dot: left its training loss at the end, right its accuracy in the test.

    judged: (seeds,), the share of the test images that were recognised, by the same names
    """
    names = sorted(runs, key=lambda name: np.median(runs[name].loss[-1]))
    with rc_context(STYLE):
        figure, (left, right) = new_figure(height=1.3 + 0.3 * len(names), sharey=True)
        for row, name in enumerate(names):
            style = _style(name, row)
            for ax, numbers in ((left, runs[name].loss[-1]), (right, 100 * judged[name])):
                offsets = np.linspace(-0.22, 0.22, len(numbers))
                marks = {"marker": style.get("marker", "o"), "color": style["color"], "ls": "none"}
                ax.plot(numbers, row + offsets, ms=5, alpha=0.5, mew=0, **marks | {"label": None})
                middle = np.median(numbers)
                ax.plot([middle, middle], [row - 0.34, row + 0.34], color=theme().ink, lw=2.2)
        labels = [_label(name, runs[name]) for name in names]
        left.set_yticks(range(len(names)), labels)
        left.set_ylim(len(names) - 0.4, -0.6)
        left.set(xscale="log", xlabel="training loss at the end")
        left.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        left.xaxis.set_major_formatter("{x:g}")
        left.xaxis.set_minor_locator(NullLocator())
        right.set(xlabel="test images recognised, %")
        for ax in (left, right):
            ax.grid(True, axis="x")
        left.set_title(titles[0])
        right.set_title(titles[1])
    told = "; ".join(
        f"{label} {np.median(runs[name].loss[-1]):.2g} and {100 * np.median(judged[name]):.0f}"
        for label, name in zip(labels, names, strict=True)
    )
    said = "Each run and its median: training loss at the end, and % of the test recognised"
    return Picture(figure, f"{said}. {told}.")
