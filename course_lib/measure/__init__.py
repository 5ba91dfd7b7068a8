"""Experiments on rules: fair comparisons, what a rule notices, and how the code of two differs."""
