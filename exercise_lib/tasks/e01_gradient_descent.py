"""The checks of exercise 01, gradient descent: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count, islice, permutations

import numpy as np

from course_lib import landscapes, optimizers
from exercise_lib.engine import Case, Mistake, Task, Trouble, number, result_of
from exercise_lib.path_picture import path_picture
from exercise_lib.personal import personal
from exercise_lib.rule_runs import draw_runs, points_of, where_it_departs

Points = Iterator[np.ndarray]

# Task 1: write the rule


def moving(move: Callable) -> Callable:
    """The wrong rule that goes from x to move(x, g, lr)."""

    def rule(grad: Callable, x: np.ndarray, lr: float) -> Points:
        while True:
            x = move(x, grad(x), lr)
            yield x

    return rule


def start_first(grad: Callable, x: np.ndarray, lr: float) -> Points:
    while True:
        yield x
        x = x - lr * grad(x)


def gradient_once(grad: Callable, x: np.ndarray, lr: float) -> Points:
    g = grad(x)
    while True:
        x = x - lr * g
        yield x


def gradient_late(grad: Callable, x: np.ndarray, lr: float) -> Points:
    g = grad(x)
    while True:
        x, g = x - lr * g, grad(x)
        yield x


def stays_at_start(grad: Callable, x: np.ndarray, lr: float) -> Points:
    while True:
        yield x - lr * grad(x)


def yields_steps(grad: Callable, x: np.ndarray, lr: float) -> Points:
    while True:
        yield -lr * grad(x)
        x = x - lr * grad(x)


def yields_gradients(grad: Callable, x: np.ndarray, lr: float) -> Points:
    while True:
        x = x - lr * grad(x)
        yield grad(x)


def two_steps(grad: Callable, x: np.ndarray, lr: float) -> Points:
    return islice(optimizers.gradient_descent(grad, x, lr), 1, None, 2)


def coordinate_by_coordinate(grad: Callable, x: np.ndarray, lr: float) -> Points:
    while True:
        for axis in np.eye(len(x)):
            x = x - lr * axis * grad(x)
        yield x


def decaying(grad: Callable, x: np.ndarray, lr: float) -> Points:
    for t in count(1):
        x = x - lr / t * grad(x)
        yield x


ONE_FOR_ALL = (
    "All coordinates move by the same amount. The gradient has a number for each coordinate: "
    "subtract it as the array it is, without adding it up or averaging it."
)
ONE_ONLY = (
    "Only one coordinate moves. `x` and `grad(x)` are arrays of the same shape: subtract the whole "
    "arrays at once, without an index."
)

gradient_descent = Task(
    name="gradient_descent",
    points=3,
    right=optimizers.gradient_descent,
    observe=points_of,
    cases=draw_runs(lr=(0.15, 0.45)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.gradient_descent, lr=0.9),
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
    mistakes=(
        Mistake(
            "wrong sign",
            moving(lambda x, g, lr: x + lr * g),
            "You walk uphill: the gradient points to where f grows. Look at the sign.",
        ),
        Mistake(
            "learning rate forgotten",
            moving(lambda x, g, lr: x - g),
            "Your steps are as long as the gradient. Where is the learning rate `lr`?",
        ),
        Mistake(
            "learning rate twice",
            moving(lambda x, g, lr: x - lr**2 * g),
            "The learning rate is multiplied in twice. Once is enough.",
        ),
        Mistake(
            "divided by the learning rate",
            moving(lambda x, g, lr: x - g / lr),
            "You divide by `lr`, so that a smaller learning rate makes longer steps.",
        ),
        Mistake(
            "learning rate fixed",
            moving(lambda x, g, lr: x - 0.1 * g),
            "Your rule takes the same learning rate whatever it is given. Use the argument `lr`.",
        ),
        Mistake(
            "learning rate decays",
            decaying,
            "Your learning rate shrinks from step to step. Here it stays as it was given.",
        ),
        Mistake(
            "gradient normalised",
            moving(lambda x, g, lr: x - lr * g / np.linalg.norm(g)),
            "All your steps are equally long. Gradient descent takes the gradient with its length: "
            "steps get shorter where the ground gets flatter.",
        ),
        Mistake(
            "sign of the gradient",
            moving(lambda x, g, lr: x - lr * np.sign(g)),
            "You use only the sign of the gradient. Its size belongs to the step, too.",
        ),
        Mistake("sum of the gradient", moving(lambda x, g, lr: x - lr * g.sum()), ONE_FOR_ALL),
        Mistake("mean of the gradient", moving(lambda x, g, lr: x - lr * g.mean()), ONE_FOR_ALL),
        Mistake(
            "first coordinate only",
            moving(lambda x, g, lr: x - lr * g * np.eye(len(x))[0]),
            ONE_ONLY,
        ),
        Mistake(
            "last coordinate only",
            moving(lambda x, g, lr: x - lr * g * np.eye(len(x))[-1]),
            ONE_ONLY,
        ),
        Mistake(
            "one coordinate after the other",
            coordinate_by_coordinate,
            "You move one coordinate, and take the gradient for the next one at the point moved "
            "to. All coordinates of a step use the gradient at the same point.",
        ),
        Mistake(
            "position in place of gradient",
            moving(lambda x, g, lr: x - lr * x),
            "You subtract a share of `x` itself: that leads to 0 on any landscape. "
            "Ask `grad` for the slope at `x`.",
        ),
        Mistake(
            "step in place of position",
            moving(lambda x, g, lr: -lr * g),
            "You replace `x` by the step. The new point is the old point plus the step.",
        ),
        Mistake(
            "yields the step",
            yields_steps,
            "You yield the steps. Yield the point that each step leads to.",
        ),
        Mistake(
            "yields the gradient",
            yields_gradients,
            "You yield gradients. Yield the points, `x`.",
        ),
        Mistake(
            "start first",
            start_first,
            "Your first point is the start. Who calls the rule has it already: take a step first, "
            "then yield.",
        ),
        Mistake(
            "gradient taken once",
            gradient_once,
            "You use the gradient at the start for all steps. The slope changes as you walk: "
            "call `grad` inside the loop.",
        ),
        Mistake(
            "gradient one step late",
            gradient_late,
            "Your step uses the gradient of the point before. Call `grad(x)` right before the "
            "step, at the point where you stand.",
        ),
        Mistake(
            "never leaves the start",
            stays_at_start,
            "Every step begins at the start again. Keep the new point: give it the name `x`.",
        ),
        Mistake(
            "two steps at once",
            two_steps,
            "You take two steps for each point that you yield. Yield after every step.",
        ),
    ),
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
    praise="Your formula predicts each of the runs just measured, those that swing included.",
    hints=(
        "After one step the error is multiplied by 1 − ηλ. And after t steps?",
        "Solve |1 − ηλ|ᵗ = ½ for t with logarithms. Whole steps only: round up.",
        "`int(np.ceil(np.log(1 / 2) / np.log(abs(1 - lr * curvature))))`",
    ),
    mistakes=(
        Mistake(
            "not a whole number",
            exact_steps,
            "Your formula solves the equation, but there is no half a step: round up to the first "
            "whole step at which the error is at most half.",
        ),
        Mistake(
            "rounded down",
            lambda lr, curvature: np.floor(exact_steps(lr, curvature)),
            "You round down, to a step at which the error is still more than half. Round up.",
        ),
        Mistake(
            "rounded to the nearest",
            lambda lr, curvature: np.round(exact_steps(lr, curvature)),
            "You round to the nearest number, at times to a step at which the error is still more "
            "than half. Round up.",
        ),
        Mistake(
            "one step too many",
            lambda lr, curvature: np.floor(exact_steps(lr, curvature)) + 2,
            "Your count is one too high each time. The start is step 0.",
        ),
        Mistake(
            "no absolute value",
            lambda lr, curvature: np.ceil(np.log(0.5) / np.log(1 - lr * curvature)),
            NO_ABS,
        ),
        Mistake(
            "no absolute value, not whole",
            lambda lr, curvature: np.log(0.5) / np.log(1 - lr * curvature),
            NO_ABS,
        ),
        Mistake(
            "value in place of error",
            lambda lr, curvature: np.ceil(exact_steps(lr, curvature) / 2),
            "That is when f is halved. f is the square of the error, and falls twice as fast.",
        ),
        Mistake(
            "to 1/e in place of one half",
            lambda lr, curvature: np.ceil(-1 / np.log(abs(1 - lr * curvature))),
            "That is when the error has fallen to 1/e. Here it is to fall to one half.",
        ),
        Mistake(
            "small steps only",
            lambda lr, curvature: np.ceil(np.log(2) / (lr * curvature)),
            "log 2 / (ηλ) is the limit for tiny steps, where log(1 − ηλ) is nearly −ηλ. "
            "Keep the logarithm.",
        ),
        Mistake(
            "small steps to 1/e",
            lambda lr, curvature: np.ceil(1 / (lr * curvature)),
            "1 / (ηλ) steps is a rule of thumb, for tiny steps, to fall to 1/e. Begin from "
            "|1 − ηλ|ᵗ = ½.",
        ),
        Mistake(
            "curvature forgotten",
            lambda lr, curvature: np.ceil(exact_steps(lr, 1.0)),
            "The curvature does not matter in your formula. The gradient is λx, so that a step "
            "multiplies the error by 1 − ηλ.",
        ),
    ),
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
        praise="With a little more than this η the steepest direction grows at every step.",
        hints=(
            "Each direction of the bowl goes its own way. In which one does a step overshoot "
            "first?",
            "The curvatures are the eigenvalues of H: `np.linalg.eigvalsh(H)`. A direction of "
            "curvature λ stays stable as long as |1 − ηλ| ≤ 1.",
            "`largest_lr = 2 / np.linalg.eigvalsh(H)[-1]`",
        ),
        mistakes=(
            Mistake(
                "1/L",
                1 / L,
                "With this η the steepest direction arrives in one step. A longer step "
                "overshoots, and still ends nearer than it began: 1/L is not the limit.",
            ),
            Mistake(
                "2/μ",
                2 / mu,
                "That is the limit of the flattest direction. Which direction diverges first?",
            ),
            Mistake(
                "1/μ",
                1 / mu,
                "That is one step to the bottom in the flattest direction. The steeper ones have "
                "diverged long before.",
            ),
            Mistake(
                "limit of the middle curvature",
                2 / middle,
                "That is the limit of a direction between the steepest and the flattest one.",
            ),
            Mistake(
                "2/(L + μ)",
                2 / (L + mu),
                "That is the η with the fastest convergence. The largest stable one is larger.",
            ),
            Mistake(
                "2/(L − μ)",
                2 / (L - mu),
                "The difference of two curvatures sets no limit. Ask for each direction alone "
                "when a step leads further away than it began.",
            ),
            Mistake(
                "2/trace",
                2 / sum(entries[:3]),
                "The trace is the sum of all curvatures. A step in one direction knows nothing of "
                "the others: only one of them sets the limit.",
            ),
            Mistake(
                "2/determinant",
                2 / np.linalg.det(H),
                "The determinant is the product of all curvatures. Only one of them sets the "
                "limit.",
            ),
            Mistake(
                "2/largest diagonal entry",
                2 / max(entries[:3]),
                "The diagonal holds the curvatures along the axes. The bowl is turned: its "
                "steepest direction lies between the axes, so it is steeper than the diagonal "
                "says.",
            ),
            Mistake(
                "2/largest row sum",
                2 / H.sum(axis=1).max(),
                "The largest row sum bounds the curvatures from above, so this η is safe. It is "
                "not the largest one.",
            ),
            Mistake(
                "2/norm of H",
                2 / np.linalg.norm(H),
                "The norm of all entries is larger than any curvature, so this η is safe. It is "
                "not the largest one.",
            ),
            Mistake("L", L, "That is the largest curvature. The steeper the bowl, the smaller η."),
            Mistake("μ", mu, "That is the smallest curvature, and not yet a learning rate."),
            Mistake("L/2", L / 2, "The fraction stands on its head: the steeper, the smaller η."),
            Mistake(
                "1/(2L)",
                1 / (2 * L),
                "The 2 is on the wrong side of the fraction: solve |1 − ηλ| ≤ 1 for η once more.",
            ),
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


def differences(quotient: Callable) -> Callable:
    """The wrong gradient whose entries are quotient(f, x, step along one axis, h)."""
    return lambda f, x, h: np.array([quotient(f, x, h * axis, h) for axis in np.eye(len(x))])


def nudges_pile_up(f: Callable, x: np.ndarray, h: float) -> np.ndarray:
    x, g = x.copy(), np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        g[i] = (above - f(x)) / (2 * h)
    return g


ONE_SIDED = (
    "You compare f at x with f on one side: a one-sided difference. Look the same way to both "
    "sides, f(x + h) − f(x − h): the error shrinks with h² in place of h."
)
NO_TWO = "From x − h to x + h it is 2h, and not h: mind the denominator and its brackets."

numerical_gradient = Task(
    name="numerical_gradient",
    points=2,
    right=landscapes.central_difference,
    observe=of_function,
    cases=draw_functions,
    rtol=1e-8,
    praise="It knows the slope of any function, without a formula for its gradient.",
    hints=(
        "How fast does f change if you move only one coordinate, a little up and a little down?",
        "For each coordinate: a copy of x with h added there, a copy with h taken off, the "
        "difference of f at the two, divided by their distance.",
        "`step = np.zeros(len(x)); step[i] = h; g[i] = (f(x + step) - f(x - step)) / (2 * h)`",
    ),
    mistakes=(
        Mistake(
            "forward difference",
            differences(lambda f, x, step, h: (f(x + step) - f(x)) / h),
            ONE_SIDED,
        ),
        Mistake(
            "backward difference",
            differences(lambda f, x, step, h: (f(x) - f(x - step)) / h),
            ONE_SIDED,
        ),
        Mistake(
            "2 forgotten",
            differences(lambda f, x, step, h: (f(x + step) - f(x - step)) / h),
            NO_TWO,
        ),
        Mistake(
            "brackets forgotten",
            differences(lambda f, x, step, h: (f(x + step) - f(x - step)) / 2 * h),
            "`/ 2 * h` divides by 2 and then multiplies by h. Put brackets around the denominator.",
        ),
        Mistake(
            "not divided by h",
            differences(lambda f, x, step, h: (f(x + step) - f(x - step)) / 2),
            "That is a difference of f. A slope is the difference divided by the distance.",
        ),
        Mistake(
            "not divided",
            differences(lambda f, x, step, h: f(x + step) - f(x - step)),
            "That is a difference of f. A slope is the difference divided by the distance.",
        ),
        Mistake(
            "wrong sign",
            differences(lambda f, x, step, h: (f(x - step) - f(x + step)) / (2 * h)),
            "Your gradient points downhill: above minus below, not below minus above.",
        ),
        Mistake(
            "h ignored",
            lambda f, x, h: landscapes.central_difference(f, x),
            "Your function takes the same h whatever it is given. Use the argument `h`.",
        ),
        Mistake(
            "all coordinates at once",
            differences(lambda f, x, step, h: (f(x + h) - f(x - h)) / (2 * h)),
            "`x + h` moves all coordinates at once. For a partial derivative only one may move.",
        ),
        Mistake(
            "first coordinate only",
            lambda f, x, h: landscapes.central_difference(f, x, h) * np.eye(len(x))[0],
            "Only the first entry is filled. Go through all coordinates of x.",
        ),
        Mistake(
            "second difference",
            differences(lambda f, x, step, h: (f(x + step) - 2 * f(x) + f(x - step)) / h**2),
            "That is the second derivative: the curvature along each axis, not the slope.",
        ),
        Mistake(
            "nudges pile up",
            nudges_pile_up,
            "A coordinate that was moved stays moved while the next one has its turn. "
            "Begin each time from x itself.",
        ),
    ),
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


INNOCENT = (
    "This gradient agrees with central differences wherever you look. Measure all three, at "
    "several points drawn at random."
)

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
    mistakes=(Mistake("beale", "beale", INNOCENT), Mistake("rosenbrock", "rosenbrock", INNOCENT)),
)

# Task 6: put it right


def draw_points(rng: np.random.Generator) -> list[np.ndarray]:
    return list(rng.uniform(-4, 4, (12, 2)))


def at_point(grad: object, x: Case) -> np.ndarray:
    return result_of(grad, x, shape=x.shape)


def himmelblau_with(formula: Callable) -> Callable:
    """A gradient of Himmelblau's function from formula(x, y, a, b), a and b its two brackets."""

    def grad(p: np.ndarray) -> np.ndarray:
        x, y = p
        return np.array(formula(x, y, x**2 + y - 11, x + y**2 - 7))

    return grad


ANOTHER_FUNCTION = "That is a right gradient, but of another function than the one to mend."

corrected_gradient = Task(
    name="corrected_gradient",
    points=1,
    right=landscapes.himmelblau.grad,
    observe=at_point,
    cases=draw_points,
    rtol=1e-6,
    praise="It agrees with central differences at every point tried.",
    hints=(
        "First find the entry that disagrees: the derivative by x, or the one by y?",
        "Write the chain rule out for each square: 2 · bracket · (derivative of the bracket). "
        "Which derivative of a bracket is not 1?",
        "`dy = 2 * a + 4 * y * b`",
    ),
    mistakes=(
        Mistake(
            "unchanged",
            himmelblau_with(lambda x, y, a, b: (4 * x * a + 2 * b, 2 * a + 2 * y * b)),
            "One entry is as wrong as it was. Compare the two entries with central differences one "
            "by one, and derive the wrong one again.",
        ),
        Mistake(
            "inner derivative forgotten",
            himmelblau_with(lambda x, y, a, b: (4 * x * a + 2 * b, 2 * a + 2 * b)),
            "In the second entry the inner derivative is missing altogether: what is the "
            "derivative of the second bracket by y?",
        ),
        Mistake(
            "inner derivatives forgotten",
            himmelblau_with(lambda x, y, a, b: (2 * a + 2 * b, 2 * a + 2 * b)),
            "The inner derivatives are missing: the brackets depend on x and y in different ways.",
        ),
        Mistake(
            "right entry changed",
            himmelblau_with(lambda x, y, a, b: (2 * x * a + 2 * b, 2 * a + 4 * y * b)),
            "The entry that was wrong is right now, but the other one was right before.",
        ),
        Mistake(
            "wrong entry alone doubled",
            himmelblau_with(lambda x, y, a, b: (4 * x * a + 2 * b, 4 * a + 4 * y * b)),
            "You doubled the whole entry. Only one of its two terms lacks a factor.",
        ),
        Mistake(
            "wrong term doubled",
            himmelblau_with(lambda x, y, a, b: (4 * x * a + 2 * b, 4 * a + 2 * y * b)),
            "The factor went to the wrong term. Which bracket has y squared in it?",
        ),
        Mistake(
            "half",
            himmelblau_with(lambda x, y, a, b: (2 * x * a + b, a + 2 * y * b)),
            "Both entries are half of what they should be: a square has an outer derivative, too.",
        ),
        Mistake(
            "wrong sign",
            lambda p: -landscapes.himmelblau.grad(p),
            "Your gradient points downhill: the sign is turned.",
        ),
        Mistake(
            "entries swapped",
            lambda p: landscapes.himmelblau.grad(p)[::-1],
            "The entries are swapped: first the derivative by x, then the one by y.",
        ),
        Mistake(
            "brackets swapped",
            himmelblau_with(lambda x, y, a, b: (4 * x * b + 2 * a, 2 * b + 4 * y * a)),
            "The two brackets are swapped.",
        ),
        Mistake("Beale's gradient", landscapes.beale.grad, ANOTHER_FUNCTION),
        Mistake("Rosenbrock's gradient", landscapes.rosenbrock.grad, ANOTHER_FUNCTION),
    ),
)

TASKS = (
    gradient_descent,
    steps_to_halve,
    largest_stable_lr,
    numerical_gradient,
    wrong_gradient,
    corrected_gradient,
)
