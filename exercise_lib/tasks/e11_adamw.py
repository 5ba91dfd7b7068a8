"""The checks of exercise 11, AdamW: each task with its right answer and wrong ones."""

from collections.abc import Callable

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Task, result_of, spread
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import draw_runs, rule_edges, undisturbed_points_of, where_it_departs

MISTAKES = MistakesFile(__file__, globals())

# Task 1: from Adam to AdamW

SETTINGS = {  # η/ε is small, so that the runs come to rest and rounding errors fade
    "lr": (0.05, 0.3),
    "beta1": (0.5, 0.85),
    "beta2": (0.8, 0.95),
    "eps": (0.4, 0.8),
    "weight_decay": (0.2, 0.8),
}

adamw = Task(
    name="adamw",
    points=3,
    right=optimizers.adamw,
    observe=undisturbed_points_of,
    cases=draw_runs(**SETTINGS),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adamw, lr=0.5, beta1=0.8, beta2=0.9, eps=0.1, weight_decay=0.1),
    edges=rule_edges("lr", "beta", "eps"),
    praise="The decay meets no mean and no root: it is the same for all weights.",
    hints=(
        "All lines of Adam stay as they are but one. In which line does `x` change?",
        "In the bracket of the last line, beside Adam's quotient, λx is added. It must be outside "
        "of the division, and inside of what η multiplies.",
        "`x = x - lr * (m_hat / (np.sqrt(s_hat) + eps) + weight_decay * x)`",
    ),
    mistakes=MISTAKES.of("adamw", optimizers.adamw),
)

# Tasks 2 and 3: two forms of the decay, and a penalty


def draw_small(*spans: tuple[float, float]) -> Callable:
    return lambda rng: list(np.transpose([spread(rng, *span, 8) for span in spans]))


def of_numbers(shape: tuple[int, ...]) -> Callable:
    """What a learner's function returns for the numbers of a case."""
    return lambda function, case: result_of(function, *map(float, case), shape=shape)


def as_decays(lr: float, penalty: float) -> tuple[float, float]:
    """The decays of the two forms that shrink x as the penalty does."""
    return penalty, lr * penalty


equal_decays = Task(
    name="equal_decays",
    points=1,
    right=as_decays,
    observe=of_numbers((2,)),
    cases=draw_small((0.02, 0.5), (0.1, 2.0)),
    edges={"a small η": lambda case: case[0] < 0.08, "a large η": lambda case: case[0] > 0.44},
    praise="For gradient descent a penalty is a decay: the same points, to the last digits.",
    hints=(
        "Multiply out the step with the penalty. Which term has x in it, and no gradient?",
        "With the penalty x is multiplied by 1 − ηλ. In `as_pytorch` it is multiplied by 1 − η · "
        "decay, in `as_the_paper` by 1 − decay.",
        "`return penalty, lr * penalty`",
    ),
    mistakes=MISTAKES.of("equal_decays", as_decays),
)


def translated(paper_decay: float, lr: float, new_lr: float) -> tuple[float, float]:
    """The λ of PyTorch's form for ``lr``, and for ``new_lr``."""
    return paper_decay / lr, paper_decay / new_lr


translated_decays = Task(
    name="translated_decays",
    points=1,
    right=translated,
    observe=of_numbers((2,)),
    cases=draw_small((1e-5, 1e-3), (1e-3, 1e-2), (0.02, 0.1)),
    edges={
        "a small η": lambda case: case[0] < 1.4e-4,
        "a large η": lambda case: case[0] > 8e-4,
    },
    praise="Both times a weight shrinks by the same share in each step.",
    hints=(
        "By which share does a weight shrink in one step, in the paper's form, and in PyTorch's?",
        "In the paper's form a step takes the share λ′, in PyTorch's ηλ. Set them equal, with the "
        "η that is used.",
        "`return paper_decay / lr, paper_decay / new_lr`",
    ),
    mistakes=MISTAKES.of("translated_decays", translated),
)

# Task 4: how long a weight is remembered


def steps_to_half(lr: float, weight_decay: float) -> float:
    """Steps until at most half of an unused weight is left."""
    return np.ceil(np.log(0.5) / np.log1p(-lr * weight_decay))


KEPT_APART = (  # where no two mistakes round to the same; after a step of the last half is left
    (0.3, 0.1),
    (0.06, 0.15),
    (0.5, 0.5),
    (1.0, 0.5),
)


half_life = Task(
    name="half_life",
    points=1,
    right=steps_to_half,
    observe=of_numbers(()),
    cases=lambda rng: [*draw_small((0.1, 0.5), (0.2, 0.9))(rng), *KEPT_APART],
    edges={
        "half is gone in one step": lambda case: case[0] * case[1] == 0.5,
        "where two formulas round alike": lambda case: tuple(case) in KEPT_APART,
    },
    praise="No gradient, no mean, no root: an unused weight knows only ηλ.",
    hints=(
        "Without gradients m stays 0, and Adam's part of the step with it. What is left of a step?",
        "Each step multiplies the weight by 1 − ηλ. Find the first t with (1 − ηλ)ᵗ at most ½.",
        "`return np.ceil(np.log(0.5) / np.log(1 - lr * weight_decay))`",
    ),
    mistakes=MISTAKES.of("half_life", steps_to_half),
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
    penalised = curvatures * minimum / (curvatures + lam)
    decayed = np.clip(minimum, -1 / lam, 1 / lam)
    return np.array([penalised, decayed])


resting_places = Task(
    name="resting_places",
    points=2,
    right=ends,
    observe=of_bowl,
    cases=draw_bowls,
    rtol=0.02,
    edges={
        "beyond the box": lambda case: (case[1] * case[2]).max() > 1,
        "beyond its other side": lambda case: (case[1] * case[2]).min() < -1,
        "inside": lambda case: np.abs(case[1] * case[2]).min() < 1,
    },
    praise="One rule minimises f with a penalty, the other f in a box.",
    hints=(
        "Take one coordinate. At rest nothing moves any more: which sum must be 0, with the "
        "penalty, and which in AdamW? What becomes of m̂/√ŝ if the gradient stays the same?",
        "With the penalty h(x − c) + λx = 0. In AdamW m̂/√ŝ is the sign of the gradient, so either "
        "the gradient is 0 (x = c) or λx is ±1. Which of the two, if c lies beyond 1/λ?",
        "`np.array([curvatures * minimum / (curvatures + weight_decay), np.clip(minimum, "
        "-1 / weight_decay, 1 / weight_decay)])`",
    ),
    mistakes=MISTAKES.of("resting_places", ends),
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
        "One decays twice: through the gradient, too. One does not multiply the decay by η. One "
        "shrinks something that is not a weight. One shrinks the step that it has just made.",
        "Line 3 of `coupled`, line 7 of `unscaled`, line 6 of `misplaced`, line 8 of `late`",
    ),
    **bug_hunt(
        coupled=innocent(3),
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
