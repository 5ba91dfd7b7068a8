"""The checks of exercise 06, RMSProp: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Task, Trouble, learners_code, result_of, spread
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    Run,
    draw_runs,
    gradient_of,
    rule_edges,
    undisturbed_points_of,
    where_it_departs,
)

MISTAKES = MistakesFile(__file__, globals())

# Task 1: the rule

rmsprop = Task(
    name="rmsprop",
    points=3,
    right=optimizers.rmsprop,
    observe=undisturbed_points_of,
    # η/ε < 2/λ, so that the runs come to rest: no jitter in which rounding could matter
    cases=draw_runs(lr=(0.05, 0.15), beta=(0.55, 0.85), eps=(0.2, 0.5)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.rmsprop, lr=0.4, beta=0.8, eps=0.1),
    edges=rule_edges("lr", "beta", "eps"),
    praise="Your rule remembers as long as β says, each coordinate for itself.",
    hints=(
        "Two lines of the loop are the two equations. What must be made before the loop, and with "
        "which value?",
        "`s` begins as zeros. In each round: take the gradient, mix its square into `s` with the "
        "weights β and 1 − β, divide by root and ε together, step.",
        "`s = beta * s + (1 - beta) * g**2`, then `x = x - lr * g / (np.sqrt(s) + eps)`",
    ),
    mistakes=MISTAKES.of("rmsprop", optimizers.rmsprop),
)

# Task 2: β for a memory


def of_all(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def draw_memories(rng: np.random.Generator) -> list[tuple[int, float]]:
    """Numbers of steps, and the parts of all weight that they shall hold."""
    draws = zip([2, 50, *rng.integers(3, 60, 6)], rng.uniform(0.6, 0.97, 8), strict=True)
    return [(int(n), float(part)) for n, part in draws]


def beta_of_memory(n: int, part: float) -> float:
    return (1 - part) ** (1 / n)


beta_for_memory = Task(
    name="beta_for_memory",
    points=1,
    right=beta_of_memory,
    observe=of_all,
    cases=draw_memories,
    edges={"two steps": lambda case: case[0] == 2, "fifty steps": lambda case: case[0] == 50},
    praise="What is older than that has only the rest: βⁿ of all weight.",
    hints=(
        "How much weight do the newest n gradients hold together, and how much all the older ones?",
        "The newest n hold 1 − βⁿ. Set that equal to `part` and solve for β: take the n-th root.",
        "`return (1 - part) ** (1 / n)`",
    ),
    mistakes=MISTAKES.of("beta_for_memory", beta_of_memory),
)

# Task 3: a jump of the slope


def draw_jumps(rng: np.random.Generator) -> list[tuple[float, float, float, int]]:
    """Learning rates, βs, factors of the slope below and above 1, numbers of the step."""
    scales = np.append(rng.uniform(0.02, 0.5, 4), rng.uniform(2, 30, 4))
    settings = rng.uniform((0.001, 0.5), (0.5, 0.97), (8, 2))
    return [
        (float(lr), float(beta), float(c), k)
        for (lr, beta), c, k in zip(settings, scales, (1, 2, 5, 15) * 2, strict=True)
    ]


def length_after_jump(lr: float, beta: float, c: float, k: int) -> float:
    """The length of step k after the jump; s is counted in squares of the old slope."""
    s = beta**k + (1 - beta**k) * c**2
    return lr * c / np.sqrt(s)


step_after_jump = Task(
    name="step_after_jump",
    points=1,
    right=length_after_jump,
    observe=of_all,
    cases=draw_jumps,
    edges={
        "slopes that fall": lambda case: case[2] < 1,
        "slopes that rise": lambda case: case[2] > 1,
        "the first step": lambda case: case[3] == 1,
        "a late step": lambda case: case[3] == 15,
    },
    praise="Too long after a jump up, too short after one down, and η again in the end.",
    hints=(
        "The step is η times the new slope over √s. Of all the weight in s, how much is older than "
        "the jump after k steps?",
        "βᵏ of the weight still lies on g², and 1 − βᵏ on (c g)². Add both up; g cancels.",
        "`return lr * c / np.sqrt(beta**k + (1 - beta**k) * c**2)`",
    ),
    mistakes=MISTAKES.of("step_after_jump", length_after_jump),
)

# Task 4: the η for a height


def rate_of_height(f: float, lam: float) -> float:
    return np.sqrt(8 * f / lam)


lr_for_height = Task(
    name="lr_for_height",
    points=1,
    right=rate_of_height,
    observe=of_all,
    cases=lambda rng: np.transpose([rng.uniform(1e-4, 0.05, 6), spread(rng, 0.5, 9, 6)]).tolist(),
    rtol=1e-3,
    edges={
        "a flat ground": lambda case: case[1] < 2,
        "a steep ground": lambda case: case[1] > 7.5,
    },
    praise="Ten times less η, a hundred times less f. That is why practitioners let η fall.",
    hints=(
        "At which x is ½ λ x² the height? And how long is a step, when s has settled on g²?",
        "Then every step is η long, and leads from x to −x: η = 2|x|, with x from ½ λ x² = f.",
        "`return np.sqrt(8 * height / curvature)`",
    ),
    mistakes=MISTAKES.of("lr_for_height", rate_of_height),
)

# Task 5: an AdaGrad with growing weights, made of RMSProp


def scheduled(grad: Callable, x: np.ndarray, schedule: Callable, lr: float) -> Iterator[np.ndarray]:
    """RMSProp with η and β of its own in each step, as the exercise has it."""
    s, t = np.zeros_like(x), 0
    while True:
        g, t = grad(x), t + 1
        lr_t, beta_t = schedule(t, lr)
        s = beta_t * s + (1 - beta_t) * g**2
        x = x - lr_t * g / np.sqrt(s)
        yield x


def of_schedule(function: object, case: Case) -> np.ndarray:
    """(steps, 2), the points of RMSProp with a learner's schedule, on given gradients."""
    lr, slopes = case
    rest = iter(slopes)
    return walked(function, lambda x: next(rest), np.zeros(2), lr, len(slopes))


def on_the_ravine(function: object, run: Run) -> np.ndarray:
    """The same on the ravine of the picture."""
    return walked(function, gradient_of(run), run.start, run.settings["lr"], run.steps)


def walked(function: object, grad: Callable, x: np.ndarray, lr: float, steps: int) -> np.ndarray:
    def checked(t: int, lr: float) -> np.ndarray:
        pair = result_of(function, t, lr, shape=(2,))
        if not 0 <= pair[1] < 1:
            raise Trouble(
                f"In step {t} your β is {pair[1]:.3g}. It must be at least 0 and below 1. Is the "
                "order η, β? And is β the weight of the old `s`, not that of the newest square?",
                "β out of range",
            )
        return pair

    with learners_code():
        return np.array(list(islice(scheduled(grad, x, checked, lr), steps)))


def draw_slopes(rng: np.random.Generator) -> list[tuple[float, np.ndarray]]:
    return [(rng.uniform(0.05, 0.5), rng.normal(size=(12, 2)) * (1, 5)) for _ in range(3)]


def growing(t: int, lr: float) -> tuple[float, float]:
    """η and β of step t: the squares weigh 1, 2, …, t, and the step divides by √ of their sum."""
    lr_t = lr / np.sqrt(t * (t + 1) / 2)
    beta_t = 1 - 2 / (t + 1)
    return lr_t, beta_t


growing_weights = Task(
    name="growing_weights",
    points=2,
    right=growing,
    observe=of_schedule,
    cases=draw_slopes,
    picture=path_picture(growing, on_the_ravine, lr=2.0),
    edges={"twelve steps": lambda case: len(case[1]) == 12},
    praise="Nothing fades, and yet the newest 30 % hold half of all weight.",
    hints=(
        "Which part of all weights 1 + 2 + … + t does the newest square have? And how large a part "
        "of the sum is the mean?",
        "1 + 2 + … + t = t(t + 1)/2, so the newest square has the weight 2/(t + 1), and the rest "
        "is β. The mean is the sum divided by t(t + 1)/2; η must make up for the root of that.",
        "`return lr / np.sqrt(t * (t + 1) / 2), 1 - 2 / (t + 1)`",
    ),
    mistakes=MISTAKES.of("growing_weights", growing),
)

# Task 6: a blow


def draw_blows(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """βs, sizes of the blow, parts of η: so many that a mistake of one step shows."""
    c = np.append(rng.uniform(3, 5, 30), spread(rng, 5, 300, 10))
    return list(zip(rng.uniform(0.5, 0.95, 40), c, rng.uniform(0.85, 0.97, 40), strict=True))


def recovery(beta: float, c: float, part: float) -> float:
    """The first k with βᵏ (1 − β)(c² − 1) ≤ 1/part² − 1."""
    blow = (1 - beta) * (c**2 - 1)
    left = 1 / part**2 - 1
    steps = np.log(left / blow) / np.log(beta)
    return np.ceil(steps)


steps_to_recover = Task(
    name="steps_to_recover",
    points=1,
    right=recovery,
    observe=of_all,
    cases=draw_blows,
    edges={
        "a small blow": lambda case: case[1] < 5,
        "a large blow": lambda case: case[1] > 100,
    },
    praise="With β = 0.9 a blow of 300 times the slope is over after 101 steps, for AdaGrad never.",
    hints=(
        "What does the blow do to s? Of that, how much is left after k more steps of g?",
        "k steps later s = g² (1 + βᵏ (1 − β)(c² − 1)), and the step is η g/√s. Set it to part·η, "
        "solve for βᵏ, take logarithms, round up.",
        "`return np.ceil(np.log((1 / part**2 - 1) / ((1 - beta) * (c**2 - 1))) / np.log(beta))`",
    ),
    mistakes=MISTAKES.of("steps_to_recover", recovery),
)

# Task 7: bugs

rmsprop_bugs = Task(
    name="rmsprop_bugs",
    points=1,
    right={"first": 4, "second": 1, "third": 5},
    praise="Weights exchanged, a memory that outlives its run, and an ε where it rules all steps.",
    hints=(
        "For each line, say to which symbol of the two equations it belongs. And run what looks "
        "right a second time.",
        "One program mixes old and new in the wrong parts; one finds something in its memory when "
        "a new run begins; one has its ε in another place than the equation.",
        "`first`: look at the weights of old and new. `second`: its memory is made once, "
        "for all runs. `third`: what is under the root?",
    ),
    **bug_hunt(
        first={
            1: "the mean begins at 0",
            2: "a rule goes on for ever",
            3: "it asks for the slope where it stands",
            5: "that is the equation of the step, with ε outside the root",
            6: "it hands out the point after each step",
        },
        second={
            2: "a rule goes on for ever",
            3: "it asks for the slope where it stands",
            4: "that is the equation of the mean; only where its `s` is kept is another matter",
            5: "that is the equation of the step, with ε outside the root",
            6: "it hands out the point after each step",
        },
        third={
            1: "the mean begins at 0",
            2: "a rule goes on for ever",
            3: "it asks for the slope where it stands",
            4: "that is the equation of the mean, with the right weights",
            6: "it hands out the point after each step",
        },
    ),
)

TASKS = (
    rmsprop,
    beta_for_memory,
    step_after_jump,
    lr_for_height,
    growing_weights,
    steps_to_recover,
    rmsprop_bugs,
)
