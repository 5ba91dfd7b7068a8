"""The checks of exercise 11, AdamW: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Mistake, Task, result_of
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    draw_runs,
    edited,
    undisturbed_points_of,
    where_it_departs,
    with_fixed,
)

Points = Iterator[np.ndarray]

# Task 1: from Adam to AdamW

SETTINGS = {  # η/ε is small, so that the runs come to rest and rounding errors fade
    "lr": (0.05, 0.3),
    "beta1": (0.5, 0.85),
    "beta2": (0.8, 0.95),
    "eps": (0.4, 0.8),
    "weight_decay": (0.2, 0.8),
}
GRADIENT = "g = grad(x)"
M, S = "m = beta1 * m + (1 - beta1) * g", "s = beta2 * s + (1 - beta2) * g**2"
M_HAT, S_HAT = "m_hat = m / (1 - beta1**t)", "s_hat = s / (1 - beta2**t)"
ADAMS = "m_hat / (np.sqrt(s_hat) + eps)"
STEP = f"x = x - lr * ({ADAMS} + weight_decay * x)"
PLAIN = f"x = x - lr * {ADAMS}"


adamw_but = partial(edited, optimizers.adamw)
adamw_with = partial(with_fixed, optimizers.adamw)


def two_steps(grad: Callable, x: np.ndarray, **settings: float) -> Points:
    return islice(optimizers.adamw(grad, x, **settings), 1, None, 2)


adamw = Task(
    name="adamw",
    points=3,
    right=optimizers.adamw,
    observe=undisturbed_points_of,
    cases=draw_runs(**SETTINGS),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adamw, lr=0.5, beta1=0.8, beta2=0.9, eps=0.1, weight_decay=0.1),
    praise="The decay meets no mean and no root: it is the same for all weights.",
    hints=(
        "All lines of Adam stay as they are but one. In which line does `x` change?",
        "In the bracket of the last line, beside Adam's quotient, λx is added. It must be outside "
        "of the division, and inside of what η multiplies.",
        f"`{STEP}`",
    ),
    mistakes=(
        Mistake(
            "Adam",
            adamw_but((STEP, PLAIN)),
            "That is still Adam: nothing shrinks. Where is `weight_decay`?",
        ),
        Mistake(
            "penalty",
            adamw_but((GRADIENT, "g = grad(x) + weight_decay * x"), (STEP, PLAIN)),
            "That is Adam with the L2 penalty: λx goes through both means, and is divided by √ŝ. "
            "Leave the gradient as it is.",
        ),
        Mistake(
            "penalty in m alone",
            adamw_but((M, f"{M.removesuffix('g')}(g + weight_decay * x)"), (STEP, PLAIN)),
            "Your λx goes into `m`, and with it through the division. Add it where `x` changes.",
        ),
        Mistake(
            "penalty and decay",
            adamw_but((GRADIENT, "g = grad(x) + weight_decay * x")),
            "You shrink twice: through the gradient, and once more in the step. Only the second "
            "belongs to AdamW.",
        ),
        Mistake(
            "divided",
            adamw_but((STEP, "x = x - lr * (m_hat + weight_decay * x) / (np.sqrt(s_hat) + eps)")),
            "Your λx is divided by √ŝ + ε as well. Look where the brackets close.",
        ),
        Mistake(
            "in the corrected mean",
            adamw_but((M_HAT, f"{M_HAT} + weight_decay * x")),
            "Your λx is in m̂, and is divided by √ŝ + ε, and it is in the step as well. Once is "
            "enough.",
        ),
        Mistake(
            "paper's form",
            adamw_but((STEP, f"{PLAIN} - weight_decay * x")),
            "That is the form of the paper: η does not multiply your decay. Here it does, as in "
            "PyTorch: λx stands inside the bracket.",
        ),
        Mistake(
            "η twice",
            adamw_but((STEP, f"{PLAIN} - lr**2 * weight_decay * x")),
            "Your decay is multiplied by η twice.",
        ),
        Mistake(
            "only the decay has η",
            adamw_but((STEP, f"x = x - {ADAMS} - lr * weight_decay * x")),
            "Adam's part of the step has lost its learning rate.",
        ),
        Mistake(
            "grows",
            adamw_but((STEP, f"x = x - lr * ({ADAMS} - weight_decay * x)")),
            "Your weights grow by ηλ a step: look at the sign of the decay.",
        ),
        Mistake(
            "uphill",
            adamw_but((STEP, f"x = x + lr * ({ADAMS} - weight_decay * x)")),
            "The decay is right, but Adam's part goes uphill. Look at its sign.",
        ),
        Mistake(
            "uphill and growing",
            adamw_but((STEP, STEP.replace("x - lr", "x + lr"))),
            "You add the whole step, so that you climb and the weights grow. Subtract it.",
        ),
        Mistake(
            "decays after the step",
            adamw_but((STEP, f"x = (1 - lr * weight_decay) * ({PLAIN.removeprefix('x = ')})")),
            "You shrink the point to which Adam's step has led, and so a part of the step itself. "
            "Shrink the `x` from which the step is made.",
        ),
        Mistake(
            "gradient at the shrunk point",
            adamw_but((GRADIENT, "x = (1 - lr * weight_decay) * x; g = grad(x)"), (STEP, PLAIN)),
            "You shrink `x` and then ask for the gradient there. First the gradient, where you "
            "are; then shrink and step.",
        ),
        Mistake(
            "decay of m",
            adamw_but((M, f"{M}; m = (1 - lr * weight_decay) * m"), (STEP, PLAIN)),
            "You shrink `m`, the mean of the gradients. It is the weights `x` that shrink.",
        ),
        Mistake(
            "decays by m",
            adamw_but((STEP, f"x = x - lr * ({ADAMS} + weight_decay * m)")),
            "Your decay is λm. It is λx: the weights themselves.",
        ),
        Mistake(
            "decays by g",
            adamw_but((STEP, f"x = x - lr * ({ADAMS} + weight_decay * g)")),
            "Your decay is λg, a bit of gradient descent. It is λx: the weights themselves.",
        ),
        Mistake(
            "sign",
            adamw_but((STEP, f"x = x - lr * ({ADAMS} + weight_decay * np.sign(x))")),
            "You take the same amount from each weight, whatever its size: that is the decay of "
            "λ|x|. Here a weight shrinks by a share of itself.",
        ),
        Mistake(
            "twice λ",
            adamw_but((STEP, f"x = x - lr * ({ADAMS} + 2 * weight_decay * x)")),
            "Your decay is twice too strong: λx, without a 2.",
        ),
        Mistake(
            "half λ",
            adamw_but((STEP, f"x = x - lr * ({ADAMS} + weight_decay * x / 2)")),
            "Your decay is half of what it should be: the ½ belongs to the penalty ½λ|x|², and it "
            "is gone from its gradient.",
        ),
        Mistake(
            "corrected by t",
            adamw_but((STEP, f"x = x - lr * ({ADAMS} + weight_decay * x / (1 - beta1**t))")),
            "You correct the decay for a bias, too. It comes from no mean, and has none.",
        ),
        Mistake(
            "no corrections",
            adamw_but((M_HAT, "m_hat = m"), (S_HAT, "s_hat = s")),
            "The decay is right. But the two corrections of Adam, 1 − βᵗ, are missing.",
        ),
        Mistake(
            "square forgotten",
            adamw_but((S, S.replace("g**2", "g"))),
            "The decay is right. But `s` is a mean of squared gradients: where is the square?",
        ),
        Mistake(
            "ε inside the root",
            adamw_but((STEP, STEP.replace("np.sqrt(s_hat) + eps", "np.sqrt(s_hat + eps)"))),
            "The decay is right. But your ε is inside the root; it stands outside.",
        ),
        Mistake(
            "λ fixed",
            adamw_with(weight_decay=0.01),
            "Your rule takes the same λ whatever it is given. Use the argument `weight_decay`.",
        ),
        Mistake(
            "η fixed",
            adamw_with(lr=0.001),
            "Your rule takes the same η whatever it is given. Use the argument `lr`.",
        ),
        Mistake(
            "two steps at once",
            two_steps,
            "You take two steps for each point that you yield. Yield after every step.",
        ),
    ),
)

# Tasks 2 and 3: two forms of the decay, and a penalty


def draw_small(*spans: tuple[float, float]) -> Callable:
    low, high = np.transpose(spans)
    return lambda rng: list(rng.uniform(low, high, (8, len(spans))))


def of_numbers(shape: tuple[int, ...]) -> Callable:
    """What a learner's function returns for the numbers of a case."""
    return lambda function, case: result_of(function, *map(float, case), shape=shape)


SAME = "Put both programs side by side. By which number is `x` multiplied in each, without g?"

equal_decays = Task(
    name="equal_decays",
    points=1,
    right=lambda lr, penalty: (penalty, lr * penalty),
    observe=of_numbers((2,)),
    cases=draw_small((0.02, 0.5), (0.1, 2.0)),
    praise="For gradient descent a penalty is a decay: the same points, to the last digits.",
    hints=(
        "Multiply out the step with the penalty. Which term has x in it, and no gradient?",
        "With the penalty x is multiplied by 1 − ηλ. In `as_pytorch` it is multiplied by 1 − η · "
        "decay, in `as_the_paper` by 1 − decay.",
        "`return penalty, lr * penalty`",
    ),
    mistakes=(
        Mistake(
            "exchanged",
            lambda lr, penalty: (lr * penalty, penalty),
            "The two have changed places: `as_pytorch` multiplies its decay by η already.",
        ),
        Mistake(
            "both λ",
            lambda lr, penalty: (penalty, penalty),
            f"The first is right. Nothing multiplies the decay of `as_the_paper`. {SAME}",
        ),
        Mistake(
            "both ηλ",
            lambda lr, penalty: (lr * penalty, lr * penalty),
            "The second is right. `as_pytorch` multiplies its decay by η itself.",
        ),
        Mistake(
            "divided",
            lambda lr, penalty: (penalty, penalty / lr),
            "The first is right. In the second η is on the wrong side: the smaller the steps, the "
            "less a penalty shrinks in one of them.",
        ),
        Mistake(
            "factors",
            lambda lr, penalty: (1 - lr * penalty, 1 - lr * penalty),
            "That is the factor that is left of x. Asked are the decays that give this factor.",
        ),
        Mistake(
            "half",
            lambda lr, penalty: (penalty / 2, lr * penalty / 2),
            "The ½ of ½λ|x|² is gone from its gradient: it is λx.",
        ),
        Mistake(
            "twice",
            lambda lr, penalty: (2 * penalty, 2 * lr * penalty),
            "That fits the penalty λ|x|². With the ½ in front its gradient is λx.",
        ),
    ),
)

translated_decays = Task(
    name="translated_decays",
    points=1,
    right=lambda paper_decay, lr, new_lr: (paper_decay / lr, paper_decay / new_lr),
    observe=of_numbers((2,)),
    cases=draw_small((1e-5, 1e-3), (1e-3, 1e-2), (0.02, 0.1)),
    praise="Both times a weight shrinks by the same share in each step.",
    hints=(
        "By which share does a weight shrink in one step, in the paper's form, and in PyTorch's?",
        "In the paper's form a step takes the share λ′, in PyTorch's ηλ. Set them equal, with the "
        "η that is used.",
        "`return paper_decay / lr, paper_decay / new_lr`",
    ),
    mistakes=(
        Mistake(
            "multiplied",
            lambda paper_decay, lr, new_lr: (paper_decay * lr, paper_decay * new_lr),
            "You go the other way: that turns a λ of PyTorch into the paper's. Solve ηλ = λ′.",
        ),
        Mistake(
            "as it is",
            lambda paper_decay, lr, new_lr: (paper_decay, paper_decay),
            "You take λ′ over as it is. PyTorch multiplies it by η once more, so almost nothing of "
            "the decay would be left.",
        ),
        Mistake(
            "η kept",
            lambda paper_decay, lr, new_lr: (paper_decay / lr, paper_decay / lr),
            "The first is right. With the new η the same λ would shrink more in each step.",
        ),
        Mistake(
            "exchanged",
            lambda paper_decay, lr, new_lr: (paper_decay / new_lr, paper_decay / lr),
            "The two have changed places: first the λ for `lr`, then that for `new_lr`.",
        ),
        Mistake(
            "raised with η",
            lambda paper_decay, lr, new_lr: (paper_decay / lr, paper_decay * new_lr / lr**2),
            "The first is right. For the second: if η gets larger and the share of a step is to "
            "stay the same, λ must get smaller.",
        ),
        Mistake(
            "only the change",
            lambda paper_decay, lr, new_lr: (paper_decay / lr, paper_decay * lr / new_lr),
            "The first is right. The second must be in PyTorch's form as well.",
        ),
    ),
)

# Task 4: how long a weight is remembered


def steps_until(share: float, lr: float, weight_decay: float) -> float:
    """Steps, and parts of a step, until this share of an unused weight is left."""
    return np.log(share) / np.log1p(-lr * weight_decay)


KEPT_APART = ((0.3, 0.1), (0.06, 0.15), (0.5, 0.5))  # where no two mistakes round to the same


half_life = Task(
    name="half_life",
    points=1,
    right=lambda lr, weight_decay: np.ceil(steps_until(0.5, lr, weight_decay)),
    observe=of_numbers(()),
    cases=lambda rng: [*draw_small((0.1, 0.5), (0.2, 0.9))(rng), *KEPT_APART],
    praise="No gradient, no mean, no root: an unused weight knows only ηλ.",
    hints=(
        "Without gradients m stays 0, and Adam's part of the step with it. What is left of a step?",
        "Each step multiplies the weight by 1 − ηλ. Find the first t with (1 − ηλ)ᵗ at most ½.",
        "`return np.ceil(np.log(0.5) / np.log(1 - lr * weight_decay))`",
    ),
    mistakes=(
        Mistake(
            "not rounded",
            lambda lr, weight_decay: steps_until(0.5, lr, weight_decay),
            "Steps are whole: round up to the first step after which at most half is left.",
        ),
        Mistake(
            "rounded down",
            lambda lr, weight_decay: np.floor(steps_until(0.5, lr, weight_decay)),
            "After that step more than half is still left. Round up.",
        ),
        Mistake(
            "rounded to the nearest",
            lambda lr, weight_decay: np.round(steps_until(0.5, lr, weight_decay)),
            "Sometimes more than half is left after your step: always round up, not to the "
            "nearest.",
        ),
        Mistake(
            "small steps",
            lambda lr, weight_decay: np.ceil(np.log(2) / (lr * weight_decay)),
            "ln 2/(ηλ) holds if ηλ is small. Here it need not be: take the logarithm of 1 − ηλ.",
        ),
        Mistake(
            "small steps, not rounded",
            lambda lr, weight_decay: np.log(2) / (lr * weight_decay),
            "ln 2/(ηλ) is only for small ηλ, and not a whole step. Take the logarithm of 1 − ηλ, "
            "and round up.",
        ),
        Mistake(
            "time scale",
            lambda lr, weight_decay: np.ceil(1 / (lr * weight_decay)),
            "1/(ηλ) is the time scale: after it about 1/e of the weight is left, not a half.",
        ),
        Mistake(
            "paper's form",
            lambda lr, weight_decay: np.ceil(steps_until(0.5, 1.0, weight_decay)),
            "η plays no part in your answer. In PyTorch's form a step takes the share ηλ.",
        ),
        Mistake(
            "penalty in Adam",
            lambda lr, weight_decay: np.ceil(0.5 / lr),
            "That is Adam with the L2 penalty, which takes about η from the weight, whatever λ is.",
        ),
        Mistake(
            "η alone",
            lambda lr, weight_decay: np.ceil(steps_until(0.5, lr, 1.0)),
            "λ plays no part in your answer. A step takes the share ηλ.",
        ),
        Mistake(
            "one too many",
            lambda lr, weight_decay: np.ceil(steps_until(0.5, lr, weight_decay)) + 1,
            "One too many: the start is not a step.",
        ),
        Mistake(
            "a quarter",
            lambda lr, weight_decay: np.ceil(steps_until(0.25, lr, weight_decay)),
            "That is when the square of the weight has halved twice: a quarter of it is left.",
        ),
    ),
)

# Task 5: where a run ends


def draw_bowls(rng: np.random.Generator) -> list[Case]:
    """Curvatures, minimum and λ: some coordinates beyond the box on either side, some inside."""
    bowls = []
    for _ in range(6):
        weight_decay = rng.uniform(0.2, 1.0)
        places = np.array([rng.uniform(1.2, 3), -rng.uniform(1.2, 3), *rng.uniform(-0.9, 0.9, 2)])
        minimum = rng.permutation(places) / weight_decay
        bowls.append((rng.uniform(0.2, 3.0, 4), minimum, weight_decay))
    return bowls


def of_bowl(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case, shape=(2, len(case[1])))


def ends(curvatures: np.ndarray, minimum: np.ndarray, lam: float) -> np.ndarray:
    """Where Adam with the penalty comes to rest, and where AdamW does."""
    return np.array(
        [curvatures * minimum / (curvatures + lam), np.clip(minimum, -1 / lam, 1 / lam)]
    )


def second(end: Callable) -> Callable:
    """The wrong answer whose AdamW ends at end(curvatures, minimum, λ)."""
    return lambda *case: np.array([ends(*case)[0], end(*case)])


def first(end: Callable) -> Callable:
    """The wrong answer whose Adam with the penalty ends at end(curvatures, minimum, λ)."""
    return lambda *case: np.array([end(*case), ends(*case)[1]])


NOT_PENALISED = "The first row is right. But AdamW does not minimise f with a penalty: "
BALANCE = "The second row is right. With the penalty a run rests where h(x − c) = −λx: "

resting_places = Task(
    name="resting_places",
    points=2,
    right=ends,
    observe=of_bowl,
    cases=draw_bowls,
    rtol=0.02,
    praise="One rule minimises f with a penalty, the other f in a box.",
    hints=(
        "Take one coordinate. At rest nothing moves any more: which sum must be 0, with the "
        "penalty, and which in AdamW? What becomes of m̂/√ŝ if the gradient stays the same?",
        "With the penalty h(x − c) + λx = 0. In AdamW m̂/√ŝ is the sign of the gradient, so either "
        "the gradient is 0 (x = c) or λx is ±1. Which of the two, if c lies beyond 1/λ?",
        "`np.array([curvatures * minimum / (curvatures + weight_decay), np.clip(minimum, "
        "-1 / weight_decay, 1 / weight_decay)])`",
    ),
    mistakes=(
        Mistake(
            "exchanged",
            lambda *case: ends(*case)[::-1],
            "The two rows have changed places: first Adam with the penalty, then AdamW.",
        ),
        Mistake(
            "penalty twice",
            second(lambda *case: ends(*case)[0]),
            f"{NOT_PENALISED}at rest m̂/√ŝ is the sign of the gradient, whatever its size.",
        ),
        Mistake(
            "box twice",
            first(lambda *case: ends(*case)[1]),
            f"{BALANCE}solve it for x.",
        ),
        Mistake(
            "minimum of f",
            second(lambda h, c, lam: c),
            f"{NOT_PENALISED}it ends at the minimum of f if that is near enough. How far away from "
            "0 can it stay?",
        ),
        Mistake(
            "corner",
            second(lambda h, c, lam: np.sign(c) / lam),
            "The first row is right. AdamW ends at ±1/λ only where the minimum lies beyond it; "
            "inside of the box the gradient can be 0.",
        ),
        Mistake(
            "box of λ",
            second(lambda h, c, lam: np.clip(c, -lam, lam)),
            "The first row is right. The box of AdamW reaches to 1/λ: a larger λ makes it smaller.",
        ),
        Mistake(
            "one side",
            second(lambda h, c, lam: np.minimum(c, 1 / lam)),
            "The first row is right. The box has another side: no weight is below −1/λ.",
        ),
        Mistake(
            "scaled to the box",
            second(lambda h, c, lam: c / max(1, np.abs(lam * c).max())),
            "The first row is right. Each coordinate goes its own way: only those beyond the box "
            "are held at its side, the others reach their minimum.",
        ),
        Mistake(
            "same for all curvatures",
            first(lambda h, c, lam: c / (1 + lam)),
            f"{BALANCE}the curvatures h matter.",
        ),
        Mistake(
            "upside down",
            first(lambda h, c, lam: lam * c / (h + lam)),
            f"{BALANCE}a strong λ leaves little of c.",
        ),
        Mistake(
            "sign of λ",
            first(lambda h, c, lam: h * c / (h - lam)),
            f"{BALANCE}look at the sign of λ when you collect the x.",
        ),
        Mistake(
            "first row not shrunk",
            first(lambda h, c, lam: c),
            f"{BALANCE}that is not where the gradient of f alone is 0.",
        ),
        Mistake(
            "λ forgotten in both",
            lambda h, c, lam: np.array([c, c]),
            "Both rows are the minimum of f itself. What holds the two rules off from it?",
        ),
    ),
)

# Task 6: the bug hunt

INNOCENT = {
    1: "both means begin at 0, and every run anew",
    2: "`t` counts the steps, from 1",
    3: "the gradient of f, where the step begins",
    4: "that is the mean of the gradients",
    5: "that is the mean of their squares",
    6: "that is Adam's quotient, both means freed of their bias",
    7: "that is AdamW's step",
    8: "it hands out the point after each step",
}


def innocent(bug: int, **others: str) -> dict[int, str]:
    """Why the lines without the bug are right; ``others`` are those of this program alone."""
    reasons = INNOCENT | {int(line.removeprefix("line_")): why for line, why in others.items()}
    return {line: why for line, why in reasons.items() if line != bug}


decay_bugs = Task(
    name="decay_bugs",
    points=2,
    right={"coupled": 3, "unscaled": 7, "misplaced": 6, "late": 8},
    praise="All four shrink something, and so their losses look healthy. Only numbers tell.",
    hints=(
        "Run each beside your own rule, a few steps, with a large λ and from a point far from 0. "
        "Which part of it has met the weight decay that should not have?",
        "One decays through the gradient. One does not multiply the decay by η. One shrinks "
        "something that is not a weight. One shrinks the step that it has just made.",
        "Line 3 of `coupled`, line 7 of `unscaled`, line 6 of `misplaced`, line 8 of `late`",
    ),
    **bug_hunt(
        coupled=innocent(3, line_7="Adam's step, with the learning rate"),
        unscaled=innocent(7),
        misplaced=innocent(
            6,
            line_7="that is Adam's quotient, both means freed of their bias",
            line_8="Adam's step, with the learning rate",
            line_9="it hands out the point after each step",
        ),
        late=innocent(
            8,
            line_7="Adam's step, with the learning rate",
            line_9="it hands out the point after each step",
        ),
    ),
)

TASKS = (adamw, equal_decays, translated_decays, half_life, resting_places, decay_bugs)
