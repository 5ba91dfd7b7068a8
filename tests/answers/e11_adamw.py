"""Answers to exercise 11, AdamW."""

import math
from itertools import count

import numpy as np

from answers.bank import right, wrong
from course_lib import optimizers
from exercise_lib import check

LAST = "x = x - lr * (m_hat / (np.sqrt(s_hat) + eps) + weight_decay * x)"


def adamw_that(
    last_line: str, gradient: str = "grad(x)", mean: str = "g", name: str = ""
) -> object:
    """AdamW as a learner writes it, with its own gradient, mean or last line."""
    source = f"""
def {name or "rule"}(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    t, m, s = 0, 0.0, 0.0
    while True:
        t += 1
        g = {gradient}
        m = beta1 * m + (1 - beta1) * {mean}
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        {last_line}
        yield x
"""
    made = {"np": np}
    exec(source, made)
    return made[name or "rule"]


# 1: rules that are wrong

ADAM = "x = x - lr * m_hat / (np.sqrt(s_hat) + eps)"

wrong(check.adamw, "Adam")(adamw_that(ADAM, name="unchanged"))
wrong(check.adamw, "penalty")(
    adamw_that(ADAM, "grad(x) + weight_decay * x", name="through_the_gradient")
)
wrong(check.adamw, "penalty in m alone")(
    adamw_that(ADAM, mean="(g + weight_decay * x)", name="through_the_mean")
)
wrong(check.adamw, "penalty and decay")(
    adamw_that(LAST, "grad(x) + weight_decay * x", name="both_ways")
)
wrong(check.adamw, "divided")(
    adamw_that("x = x - lr * (m_hat + weight_decay * x) / (np.sqrt(s_hat) + eps)", name="bracket")
)
wrong(check.adamw, "paper's form")(
    adamw_that(f"x = (1 - weight_decay) * x + ({ADAM[4:]} - x)", name="not_scaled")
)
wrong(check.adamw, "outside the bracket")(adamw_that(f"{ADAM} + weight_decay * x", name="outside"))
wrong(check.adamw, "η twice")(
    adamw_that(LAST.replace("+ weight", "+ lr * weight"), name="scaled_twice")
)
wrong(check.adamw, "grows")(adamw_that(LAST.replace("+ weight", "- weight"), name="plus"))
wrong(check.adamw, "uphill")(
    adamw_that("x = x - lr * (weight_decay * x - m_hat / (np.sqrt(s_hat) + eps))", name="climbs")
)
wrong(check.adamw, "decays after the step")(
    adamw_that(f"{ADAM}; x = x - lr * weight_decay * x", name="afterwards")
)
wrong(check.adamw, "gradient at the shrunk point")(
    adamw_that(
        "x = (1 - lr * weight_decay) * x - lr * m_hat / (np.sqrt(s_hat) + eps)",
        "grad((1 - lr * weight_decay) * x)",
        name="shrinks_first",
    )
)
wrong(check.adamw, "decay of m")(
    adamw_that(ADAM, mean="g; m = m * (1 - lr * weight_decay)", name="shrinks_the_mean")
)
wrong(check.adamw, "sign")(
    adamw_that(LAST.replace("* x)", "* x / np.abs(x))"), name="same_for_all")
)
wrong(check.adamw, "twice λ")(
    adamw_that(LAST.replace("weight_decay", "2 * weight_decay"), name="derivative_of_a_square")
)
wrong(check.adamw, "half λ")(
    adamw_that(LAST.replace("weight_decay", "0.5 * weight_decay"), name="with_the_half")
)
wrong(check.adamw, "ε inside the root")(
    adamw_that(LAST.replace("np.sqrt(s_hat) + eps", "np.sqrt(s_hat + eps)"), name="eps_inside")
)


@wrong(check.adamw, "λ fixed")
def default_of_its_own(grad, x, lr, beta1, beta2, eps, weight_decay):
    return optimizers.adamw(grad, x, lr, beta1, beta2, eps)


@wrong(check.adamw, says="disturb each other")
def in_a_default_argument(grad, x, lr, beta1, beta2, eps, weight_decay, mean=[0.0]):  # noqa: B006
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        mean[0] = beta1 * mean[0] + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat, s_hat = mean[0] / (1 - beta1**t), s / (1 - beta2**t)
        x = x - lr * (m_hat / (np.sqrt(s_hat) + eps) + weight_decay * x)
        yield x


@wrong(check.adamw, says="Already the first step leads elsewhere")
def half_steps_by_name(grad, x, **named):
    return optimizers.adamw(grad, x, **{**named, "lr": named["lr"] / 2})


@wrong(check.adamw, says="unexpected keyword argument 'weight_decay'")
def decay_not_taken(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return optimizers.adam(grad, x, lr, beta1, beta2, eps)


# 1: right rules in other styles

right(check.adamw)(
    adamw_that(f"old = x; {ADAM} - lr * weight_decay * old", name="with_the_old_point")
)
right(check.adamw)(
    adamw_that(f"x = (1 - lr * weight_decay) * x + ({ADAM[4:]} - x)", name="as_a_factor")
)


@right(check.adamw)
def in_place_on_a_copy(grad, x, lr, beta1, beta2, eps, weight_decay):
    x, m, s = x.copy(), np.zeros(len(x)), np.zeros(len(x))
    for t in count(1):
        g = np.array(grad(x))
        x *= 1 - lr * weight_decay
        m += (1 - beta1) * (g - m)
        s += (1 - beta2) * (g * g - s)
        x -= lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@right(check.adamw)
def lists(grad, x, lr, beta1, beta2, eps, weight_decay):
    x, m, s = list(x), [0.0] * len(x), [0.0] * len(x)
    for t in count(1):
        for i, g in enumerate(grad(np.array(x))):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            s[i] = beta2 * s[i] + (1 - beta2) * g * g
            root = math.sqrt(s[i] / (1 - beta2**t)) + eps
            x[i] -= lr * (m[i] / (1 - beta1**t) / root + weight_decay * x[i])
        yield list(x)[:]


@right(check.adamw)
class AnIterator:
    def __init__(self, grad, x, lr, beta1, beta2, eps, weight_decay):
        self.grad, self.x, self.settings = grad, x, (lr, beta1, beta2, eps, weight_decay)
        self.t, self.m, self.s = 0, 0.0, 0.0

    def __iter__(self):
        return self

    def __next__(self):
        lr, beta1, beta2, eps, decay = self.settings
        self.t, g = self.t + 1, self.grad(self.x)
        self.m = beta1 * self.m + (1 - beta1) * g
        self.s = beta2 * self.s + (1 - beta2) * g**2
        m_hat, s_hat = self.m / (1 - beta1**self.t), self.s / (1 - beta2**self.t)
        self.x = self.x - lr * (m_hat / (np.sqrt(s_hat) + eps) + decay * self.x)
        return self.x


# 2 and 3: two forms of the decay

wrong(check.equal_decays, "both λ")(lambda lr, penalty: [penalty, penalty])
wrong(check.equal_decays, "both ηλ")(lambda lr, penalty: 2 * (lr * penalty,))
wrong(check.equal_decays, "factors")(lambda lr, penalty: np.full(2, 1 - lr * penalty))
wrong(check.equal_decays, says="must be 2 numbers")(lambda lr, penalty: penalty)
wrong(check.equal_decays, says="differs from the right one")(lambda lr, penalty: (0.1, 0.1))
right(check.equal_decays)(lambda lr, penalty: [float(penalty), float(penalty * lr)])


@right(check.equal_decays)
def from_the_factor(lr, penalty):
    factor = 1 - lr * penalty
    return np.array([(1 - factor) / lr, 1 - factor])


wrong(check.translated_decays, "raised with η")(lambda p, lr, new: (p / lr, p / lr * new / lr))
right(check.translated_decays)(lambda p, lr, new: p / np.array([lr, new]))

# 4: the half-life

wrong(check.half_life, "not rounded")(lambda lr, lam: math.log(0.5, 1 - lr * lam))
wrong(check.half_life, "rounded down")(lambda lr, lam: int(math.log(0.5, 1 - lr * lam)))
wrong(check.half_life, "rounded down, and one more")(
    lambda lr, lam: int(math.log(0.5, 1 - lr * lam)) + 1
)
wrong(check.half_life, "rounded to the nearest")(lambda lr, lam: round(math.log(0.5, 1 - lr * lam)))
wrong(check.half_life, "small steps")(lambda lr, lam: math.ceil(math.log(2) / (lr * lam)))
wrong(check.half_life, "small steps, not rounded")(lambda lr, lam: math.log(2) / (lr * lam))
wrong(check.half_life, "time scale")(lambda lr, lam: math.ceil(1 / (lr * lam)))
wrong(check.half_life, "paper's form")(lambda lr, lam: math.ceil(math.log(0.5, 1 - lam)))
wrong(check.half_life, "penalty in Adam")(lambda lr, lam: math.ceil(0.5 / lr))
wrong(check.half_life, "one too many")(lambda lr, lam: math.ceil(math.log(0.5, 1 - lr * lam)) + 1)
right(check.half_life)(lambda lr, lam: next(t for t in count() if (1 - lr * lam) ** t <= 0.5))


@right(check.half_life)
def by_running(lr, weight_decay):
    settings = {"lr": lr, "weight_decay": weight_decay}
    walk = optimizers.adamw(np.zeros_like, np.ones(1), **settings)
    return next(t for t, x in enumerate(walk, 1) if x[0] <= 0.5)


# 5: where a run ends


@wrong(check.resting_places, "exchanged")
def rows_exchanged(curvatures, minimum, weight_decay):
    return as_lists(curvatures, minimum, weight_decay)[::-1]


@wrong(check.resting_places, "penalty twice")
def the_same_twice(curvatures, minimum, weight_decay):
    return [curvatures * minimum / (curvatures + weight_decay)] * 2


@wrong(check.resting_places, "minimum of f")
def box_forgotten(curvatures, minimum, weight_decay):
    return [curvatures * minimum / (curvatures + weight_decay), minimum]


@wrong(check.resting_places, "corner")
def always_at_the_side(curvatures, minimum, weight_decay):
    shrunk = curvatures * minimum / (curvatures + weight_decay)
    return [shrunk, np.sign(minimum) / weight_decay]


@wrong(check.resting_places, "box of λ")
def box_upside_down(curvatures, minimum, weight_decay):
    shrunk = curvatures * minimum / (curvatures + weight_decay)
    return [shrunk, np.clip(minimum, -weight_decay, weight_decay)]


@wrong(check.resting_places, "one side")
def one_side_of_the_box(curvatures, minimum, weight_decay):
    shrunk = curvatures * minimum / (curvatures + weight_decay)
    return [shrunk, np.minimum(minimum, 1 / weight_decay)]


@wrong(check.resting_places, "same for all curvatures")
def without_curvatures(curvatures, minimum, weight_decay):
    box = np.clip(minimum, -1 / weight_decay, 1 / weight_decay)
    return [minimum / (1 + weight_decay), box]


@wrong(check.resting_places, "sign of λ")
def sign_of_the_penalty(curvatures, minimum, weight_decay):
    box = np.clip(minimum, -1 / weight_decay, 1 / weight_decay)
    return [curvatures * minimum / (curvatures - weight_decay), box]


@wrong(check.resting_places, says="it must be an array of shape (2, 4)")
def one_row(curvatures, minimum, weight_decay):
    return np.clip(minimum, -1 / weight_decay, 1 / weight_decay)


@right(check.resting_places)
def as_lists(curvatures, minimum, weight_decay):
    side = 1 / weight_decay
    return [
        [h * c / (h + weight_decay) for h, c in zip(curvatures, minimum, strict=True)],
        [max(-side, min(side, c)) for c in minimum],
    ]


@right(check.resting_places)
def by_running_both(curvatures, minimum, weight_decay):
    """Runs that forget fast, with smaller and smaller steps."""
    decayed, penalised = np.zeros_like(minimum), np.zeros_like(minimum)
    for lr in (0.02, 0.005, 0.001):
        settings = {"lr": lr, "beta1": 0.9, "beta2": 0.9}
        for _ in range(1000):
            slope = curvatures * (penalised - minimum) + weight_decay * penalised
            penalised = penalised - 0.3 * slope
        walk = optimizers.adamw(
            lambda x: curvatures * (x - minimum), decayed, weight_decay=weight_decay, **settings
        )
        for _ in range(3000):
            decayed = next(walk)
    return np.array([penalised, decayed])


# 6: the bugs

BUGS = {"coupled": 3, "unscaled": 7, "misplaced": 6, "late": 8}
right(check.decay_bugs)(BUGS)
wrong(check.decay_bugs, says="In `coupled` line 7 is right: that is AdamW's step")(
    BUGS | {"coupled": 7}
)
wrong(check.decay_bugs, says="In `unscaled` line 3 is right: the gradient of f")(
    BUGS | {"unscaled": 3}
)
wrong(check.decay_bugs, says="In `misplaced` line 8 is right: Adam's step")(BUGS | {"misplaced": 8})
wrong(check.decay_bugs, says="In `late` line 7 is right: Adam's step")(BUGS | {"late": 7})
wrong(check.decay_bugs, says="`late` has no line 10")(BUGS | {"late": 10})
wrong(check.decay_bugs, says="Answer with a line for each")({"coupled": 3})
