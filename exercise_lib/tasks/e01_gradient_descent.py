"""The checks of exercise 01, gradient descent: each task with its right answer and wrong ones."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import permutations

import numpy as np

from course_lib import landscapes, optimizers
from exercise_lib.engine import Case, Task, Trouble, number, result_of
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.personal import personal
from exercise_lib.rule_runs import draw_runs, points_of, rule_edges, where_it_departs

MISTAKES = MistakesFile(__file__, globals())

# Task 1: write the rule

gradient_descent = Task(
    name="gradient_descent",
    points=3,
    right=optimizers.gradient_descent,
    observe=points_of,
    cases=draw_runs(lr=(0.15, 0.45)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.gradient_descent, lr=0.9),
    edges=rule_edges("lr"),
    praise=(
        "Your rule walks the right path from every start. It fits every figure of the course now."
    ),
    hints=(
        "Gradient descent repeats one move for ever: feel the slope where you stand, go against "
        "it, tell where you are. Which kind of loop never ends, and which word hands out a value "
        "without leaving the function?",
        "Inside `while True:` make the new `x` out of the old `x`, `lr` and `grad(x)`, then "
        "`yield x`.",
        "`x = x - lr * grad(x)`, and below it `yield x`, both inside `while True:`",
    ),
    mistakes=MISTAKES.of("gradient_descent", optimizers.gradient_descent),
)

# Task 2: predict how many steps halve the error


def measured_steps(lr: float, curvature: float) -> int:
    """The first step at which |x| <= ½, walking from 1 on ½ λ x² with the course's own rule."""
    path = optimizers.gradient_descent(lambda x: curvature * x, np.array([1.0]), lr)
    return next(t for t, x in enumerate(path, 1) if abs(x[0]) <= 0.5)


def exact_steps(lr: float, curvature: float) -> float:
    return np.log(0.5) / np.log(abs(1 - lr * curvature))


def draw_speeds(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Pairs (η, λ) with ηλ on both sides of 1, some near 0 or 2."""
    spans = ((0.02, 0.45, 6), (0.55, 0.95, 2), (1.55, 1.97, 6))
    speeds = np.concatenate([rng.uniform(*span) for span in spans])
    return [
        (speed / curvature, curvature) for speed in speeds for curvature in rng.uniform(1, 9, 1)
    ]


NO_ABS = (
    "Beyond ηλ = 1 the factor 1 − ηλ is negative: the error changes sign at each step, and what "
    "you halve is its size. Take the absolute value before the logarithm."
)


def of_settings(function: object, case: Case) -> np.ndarray:
    lr, curvature = map(float, case)
    try:
        return result_of(function, lr, curvature)
    except Trouble as trouble:
        if lr * curvature > 1 and isinstance(trouble.__cause__, ValueError):  # log of a negative
            raise Trouble(NO_ABS, "no absolute value") from None
        raise


steps_to_halve = Task(
    name="steps_to_halve",
    points=2,
    right=measured_steps,
    observe=of_settings,
    cases=draw_speeds,
    edges={
        "η λ near 0": lambda case: case[0] * case[1] < 0.5,
        "η λ above 1": lambda case: case[0] * case[1] > 1.5,
    },
    praise="Your formula predicts each of the runs just measured, those that swing included.",
    hints=(
        "After one step the error is multiplied by 1 − ηλ. And after t steps?",
        "Solve |1 − ηλ|ᵗ = ½ for t with logarithms. Whole steps only: round up.",
        "`int(np.ceil(np.log(1 / 2) / np.log(abs(1 - lr * curvature))))`",
    ),
    mistakes=MISTAKES.of("steps_to_halve", measured_steps, NO_ABS=NO_ABS),
)

# Task 3: the largest stable learning rate of a bowl

BOWL = (4, 3, 2, 1, 1)  # the bowl's diagonal, then the entries beside it


def hessian(a: int, b: int, c: int, d: int, e: int) -> np.ndarray:
    """The bowl with these entries: a, b, c on the diagonal, d and e beside it."""
    return np.array([[a, d, 0.0], [d, b, e], [0.0, e, c]])


def bowls() -> list[tuple[int, ...]]:
    """Bowls as hard as the standard one, each with an η of its own.

    All curvatures are positive and well apart, the steepest direction is off the axes, and no
    two answers that a check knows are the same.
    """
    diagonals = permutations(range(2, 12), 3)
    entries = [(*diagonal, d, e) for diagonal in diagonals for d in (1, 2) for e in (1, 2)]
    curvatures = np.linalg.eigvalsh([hessian(*each) for each in entries])
    taken = [np.linalg.eigvalsh(hessian(*BOWL))[-1]]
    chosen = []
    for each, (mu, middle, steepest) in zip(entries, curvatures, strict=True):
        apart = 1.15 * mu < middle and 1.15 * middle < steepest and mu > 0.7
        off_axes = steepest > 1.04 * max(each[:3])
        new = min(abs(steepest / other - 1) for other in taken) > 0.003
        if apart and off_axes and new and _distinct(largest_stable_lr_of(*each)):
            chosen.append(each)
            taken.append(steepest)
    return chosen


def _distinct(task: Task) -> bool:
    """Whether the right answer and all known mistakes are more than ½ % apart."""
    answers = np.sort([task.right, *(mistake.answer for mistake in task.mistakes)])
    return bool((answers[1:] > 1.005 * answers[:-1]).all())


def too_long_or_too_short(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    share = float(seen[0]) / float(right[0])
    if not share > 0:
        return "A learning rate is a number larger than 0."
    if abs(share - 1) < 0.02:
        return "Very close. Give it more digits."
    if share > 1:
        return "With this η the run diverges. Try it with your own rule, for a thousand steps."
    return "This η is stable, but a larger one is as well."


def largest_lr_picture(lr: np.ndarray, steepest: float) -> str:
    """Gradient descent on the ravine, whose steepest curvature is 2, with as large an η there."""
    return path_picture(None, lr=float(lr) * steepest / 2)(optimizers.gradient_descent)


@cache
def largest_stable_lr_of(*entries: int) -> Task:
    """The task for the bowl with these entries."""
    H = hessian(*entries)
    mu, middle, L = (float(curvature) for curvature in np.linalg.eigvalsh(H))
    return Task(
        name="largest_stable_lr",
        points=1,
        right=2 / L,
        observe=number,
        otherwise=too_long_or_too_short,
        rtol=1e-3,
        picture=lambda lr: largest_lr_picture(number(lr), L),
        praise="With a little more than this η the steepest direction grows at every step.",
        hints=(
            "Each direction of the bowl goes its own way. In which one does a step overshoot "
            "first?",
            "The curvatures are the eigenvalues of H: `np.linalg.eigvalsh(H)`. A direction of "
            "curvature λ stays stable as long as |1 − ηλ| ≤ 1.",
            "`largest_lr = 2 / np.linalg.eigvalsh(H)[-1]`",
        ),
        mistakes=MISTAKES.of(
            "largest_stable_lr", H=H, L=L, middle=middle, mu=mu, diagonal=entries[:3]
        ),
    )


largest_stable_lr = personal(largest_stable_lr_of, hessian, BOWL, bowls, same=number)

# Task 4: a gradient by central differences


def draw_functions(rng: np.random.Generator) -> list[tuple[Callable, np.ndarray, float]]:
    """Wavy functions of two and three coordinates, a point, and an h so large that it matters."""
    return [_draw_function(rng, d) for d in (2, 3, 2, 3)]


def _draw_function(rng: np.random.Generator, d: int) -> tuple[Callable, np.ndarray, float]:
    a, b = rng.uniform(0.5, 2.0, (2, d))

    def f(x: np.ndarray) -> np.ndarray:
        x = np.asarray(x, dtype=float)
        return np.sum(np.sin(a * x), axis=-1) + np.sum(b * x, axis=-1) ** 3

    return f, rng.uniform(0.5, 1.5, d), float(rng.uniform(0.05, 0.2))


def of_function(answer: object, case: Case) -> np.ndarray:
    f, x, h = case
    return result_of(answer, f, x, h, shape=x.shape)


numerical_gradient = Task(
    name="numerical_gradient",
    points=2,
    right=landscapes.central_difference,
    observe=of_function,
    cases=draw_functions,
    rtol=1e-8,
    edges={
        "two coordinates": lambda case: len(case[1]) == 2,
        "three coordinates": lambda case: len(case[1]) == 3,
        "an h at which one side shows": lambda case: case[2] >= 0.05,
    },
    praise="It knows the slope of any function, without a formula for its gradient.",
    hints=(
        "How fast does f change if you move only one coordinate, a little up and a little down?",
        "For each coordinate: a copy of x with h added there, a copy with h taken off, the "
        "difference of f at the two, divided by their distance.",
        "`step = np.zeros(len(x)); step[i] = h; g[i] = (f(x + step) - f(x - step)) / (2 * h)`",
    ),
    mistakes=MISTAKES.of("numerical_gradient", landscapes.central_difference),
)

# Task 5: which gradient is wrong

SUSPECTS = ("beale", "rosenbrock", "himmelblau")


def suspect(answer: object, case: Case) -> np.ndarray:
    """A function's number in the line-up; its name will do, or the function, or its gradient."""
    name = str(getattr(answer, "__name__", answer)).lower().removesuffix("_grad")
    if name not in SUSPECTS:
        raise Trouble(
            f"Answer with a name, one of {', '.join(map(repr, SUSPECTS))}.", "no such answer"
        )
    return np.array(SUSPECTS.index(name))


wrong_gradient = Task(
    name="wrong_gradient",
    points=1,
    right="himmelblau",
    observe=suspect,
    praise="Nobody sees this by reading. Measuring finds it in a second.",
    hints=(
        "You need not read the formulas. What does your `numerical_gradient` say about each?",
        "At a few random points compare each gradient with `numerical_gradient` of its function. "
        "Two agree to many digits, one does not.",
        "`np.abs(beale_grad(x) - numerical_gradient(beale, x)).max()`, and so for each of the "
        "three: the one that is not tiny is wrong",
    ),
    mistakes=MISTAKES.of("wrong_gradient"),
)

# Task 6: put it right


def draw_points(rng: np.random.Generator) -> list[np.ndarray]:
    signs = np.resize([(1, 1), (-1, 1), (1, -1), (-1, -1)], (12, 2))
    return list(signs * rng.uniform(0.1, 4, (12, 2)))


def at_point(grad: object, x: Case) -> np.ndarray:
    return result_of(grad, x, shape=x.shape)


def himmelblau_grad(p: np.ndarray) -> np.ndarray:
    """The program of the exercise, mended."""
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    dx = 4 * x * a + 2 * b
    dy = 2 * a + 4 * y * b
    return np.array([dx, dy])


corrected_gradient = Task(
    name="corrected_gradient",
    points=1,
    right=himmelblau_grad,
    observe=at_point,
    cases=draw_points,
    rtol=1e-6,
    edges={
        "both above 0": lambda x: x.min() > 0,
        "both below 0": lambda x: x.max() < 0,
        "one of each": lambda x: x.min() < 0 < x.max(),
    },
    praise="It agrees with central differences at every point tried.",
    hints=(
        "First find the entry that disagrees: the derivative by x, or the one by y?",
        "Write the chain rule out for each square: 2 · bracket · (derivative of the bracket). "
        "Which derivative of a bracket is not 1?",
        "`dy = 2 * a + 4 * y * b`",
    ),
    mistakes=MISTAKES.of("corrected_gradient", himmelblau_grad),
)

TASKS = (
    gradient_descent,
    steps_to_halve,
    largest_stable_lr,
    numerical_gradient,
    wrong_gradient,
    corrected_gradient,
)
