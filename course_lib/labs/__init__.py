"""What a lesson calls. Each function returns a ``Panel`` that shows itself as a cell's last line.

One module for each, so that a lesson loads only those it uses. All work for every rule of the
course, and for any generator function that keeps its contract. Sliders come from the rule's
signature: a keyword with a numeric default is a hyperparameter, and its name decides the scale.
"""
