"""The lessons in their order: their titles, and what they ask."""

from typing import NamedTuple


class Lesson(NamedTuple):
    """The title of a lesson, and its question in short."""

    title: str
    question: str


LESSONS = {  # by the stem that its notebook, its exercise and its checks share
    "01_gradient_descent": Lesson(
        "Gradient descent", "If all you feel is the slope, how far should the next step go?"
    ),
    "02_stochastic_gradient_descent": Lesson(
        "Stochastic gradient descent", "Does the walker arrive when the slope is noisy?"
    ),
    "03_momentum": Lesson("Momentum", "What if you remember the last step?"),
    "04_nesterov": Lesson("Nesterov", "What if you look where you are about to land?"),
    "05_adagrad": Lesson("AdaGrad", "Should every coordinate have its own step size?"),
    "06_rmsprop": Lesson("RMSProp", "When should old slopes be forgotten?"),
    "07_adadelta": Lesson("AdaDelta", "In which units is a step measured?"),
    "08_adam": Lesson("Adam", "How do momentum and RMSProp fit together?"),
    "09_adamax": Lesson("AdaMax", "What if only the largest slope counts?"),
    "10_nadam": Lesson("Nadam", "Can Adam look ahead?"),
    "11_adamw": Lesson(
        "AdamW", "Is shrinking the weights part of what you minimise, or part of how you step?"
    ),
    "12_the_race": Lesson("The race", "How do you compare optimizers fairly?"),
    "13_training_a_network": Lesson("Training a network", "Does any of this matter on real data?"),
    "14_beyond": Lesson("Beyond", "What came after Adam?"),
    "15_field_guide": Lesson("Field guide", "Which one should I use?"),
}
