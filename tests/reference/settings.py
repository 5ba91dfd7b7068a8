"""What the reference runs in ``runs.npz`` were made with: starts, number of steps, hyperparameters.

``make_runs.py`` and ``tests/test_reference.py`` both read this table. Every hyperparameter of a
rule is written out, so that no run depends on a default, and most of them are far from the usual
defaults, so that a mistake shows: a large ``eps`` where its place in the formula matters, smaller
betas where bias correction matters. All runs are smooth enough for two correct programs to agree
to ten digits after 300 steps.
"""

STEPS = 300

START = {"beale": (1.0, 1.5), "rosenbrock": (-1.2, 1.0)}

RUNS: dict[tuple[str, str], dict[str, float]] = {
    ("gradient_descent", "beale"): dict(lr=0.002),
    ("gradient_descent", "rosenbrock"): dict(lr=0.001),
    ("momentum", "beale"): dict(lr=0.001, beta=0.8),
    ("momentum", "rosenbrock"): dict(lr=0.0002, beta=0.9),
    ("nesterov", "beale"): dict(lr=0.001, beta=0.8),
    ("nesterov", "rosenbrock"): dict(lr=0.0002, beta=0.9),
    ("adagrad", "beale"): dict(lr=0.3, eps=0.1),
    ("adagrad", "rosenbrock"): dict(lr=0.2, eps=0.5),
    ("rmsprop", "beale"): dict(lr=0.01, beta=0.95, eps=0.05),
    ("rmsprop", "rosenbrock"): dict(lr=0.005, beta=0.99, eps=0.5),
    ("adadelta", "beale"): dict(beta=0.9, eps=0.00001),
    ("adadelta", "rosenbrock"): dict(beta=0.95, eps=0.000001),
    ("adam", "beale"): dict(lr=0.02, beta1=0.8, beta2=0.95, eps=0.05),
    ("adam", "rosenbrock"): dict(lr=0.01, beta1=0.8, beta2=0.95, eps=0.1),
    ("adamax", "beale"): dict(lr=0.01, beta1=0.95, beta2=0.98),
    ("adamax", "rosenbrock"): dict(lr=0.01, beta1=0.8, beta2=0.98),
    ("nadam", "beale"): dict(lr=0.02, beta1=0.8, beta2=0.95, eps=0.05),
    ("nadam", "rosenbrock"): dict(lr=0.01, beta1=0.8, beta2=0.95, eps=0.1),
    ("nadam_scheduled", "beale"): dict(lr=0.02, beta1=0.8, beta2=0.95, eps=0.1, psi=0.1),
    ("nadam_scheduled", "rosenbrock"): dict(lr=0.01, beta1=0.8, beta2=0.95, eps=0.1, psi=0.1),
    ("nadamax", "beale"): dict(lr=0.01, beta1=0.95, beta2=0.98),
    ("nadamax", "rosenbrock"): dict(lr=0.01, beta1=0.8, beta2=0.98),
    ("adamw", "beale"): dict(lr=0.02, beta1=0.8, beta2=0.95, eps=0.05, weight_decay=0.1),
    ("adamw", "rosenbrock"): dict(lr=0.01, beta1=0.8, beta2=0.95, eps=0.1, weight_decay=0.1),
    ("amsgrad", "beale"): dict(lr=0.05, beta1=0.8, beta2=0.95, eps=0.05),
    ("amsgrad", "rosenbrock"): dict(lr=0.03, beta1=0.8, beta2=0.95, eps=0.1),
    ("lion", "beale"): dict(lr=0.01, beta1=0.8, beta2=0.95, weight_decay=0.1),
    ("lion", "rosenbrock"): dict(lr=0.005, beta1=0.7, beta2=0.9, weight_decay=0.1),
    ("muon", "beale"): dict(lr=0.02, beta=0.8, rows=1),
    ("muon", "rosenbrock"): dict(lr=0.01, beta=0.9, rows=1),
    ("schedule_free", "beale"): dict(lr=0.005, beta=0.7),
    ("schedule_free", "rosenbrock"): dict(lr=0.003, beta=0.8),
}

# Muon on a matrix of two rows and three columns; the other runs of Muon are those of one row.
MATRIX_START = (1.0, -0.5, 0.3, 0.2, 0.8, -1.1)
RUNS["muon", "matrix"] = dict(lr=0.05, beta=0.9, rows=2)

# The dialects of Nadam that are no rules of the course: lesson 10 and test_dialects.py use them.
RUNS |= {("torch_nadam", name): RUNS["nadam_scheduled", name] for name in START}
RUNS |= {("keras_nadam", name): RUNS["nadam", name] for name in START}
RUNS |= {("tutorial_nadam", name): RUNS["nadam", name] for name in START}

# The same for AMSGrad: lesson 14 and test_dialects.py use it.
RUNS |= {("torch_amsgrad", name): RUNS["amsgrad", name] for name in START}
