"""Code cells of a notebook, run in this process: no kernel has to start, and tests see objects."""

import ast


def run_cell(source: str, names: dict[str, object]) -> object:
    """Execute a cell in ``names``; the value of its last expression, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is not None:
        return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    return None
