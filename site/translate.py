"""The rules and landscapes as JavaScript, translated from their own Python source.

What a page plays is so the same code that the course teaches. Only the part of Python and NumPy
that ``optimizers.py`` and the landscapes use is known, for one point of shape (d,); anything else
is an error that names the line. A generator function becomes a JavaScript generator.
"""

import ast
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np

from course_lib import landscapes, optimizers
from course_lib.landscapes import LANDSCAPES, Landscape

RUNTIME = Path(__file__).parent / "look" / "numbers.js"  # what NumPy does, for one point

OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div",
    ast.Pow: "pow", ast.Mod: "mod", ast.MatMult: "matmul",
}  # fmt: skip
NUMPY = {
    "zeros_like", "sqrt", "abs", "sign", "maximum", "sum", "mean", "array", "einsum", "swapaxes",
    "linalg.norm",
}  # fmt: skip
BUILTINS = {"count": "count", "enumerate": "enumerate", "range": "range", "int": "Math.trunc"}


class CannotTranslate(ValueError):
    """The source uses something that has no translation here."""


def script(on: Iterable[Landscape] = LANDSCAPES) -> str:
    """``rules_and_landscapes`` as a module, with exports."""
    return rules_and_landscapes(on) + "\nexport { descend, rules, landscapes };\n"


def rules_and_landscapes(on: Iterable[Landscape] | Mapping[str, Landscape]) -> str:
    """The runtime, every rule by name, and these landscapes by name, or by a key of their own."""
    named = on if isinstance(on, Mapping) else {each.name: each for each in on}
    entries = ",\n".join(f"{json.dumps(name)}: {landscape(each)}" for name, each in named.items())
    runtime = RUNTIME.read_text(encoding="utf-8")
    return "\n".join([runtime, rules(), f"const landscapes = {{\n{entries}}};"])


def rules(module: ModuleType = optimizers) -> str:
    """All functions and numbers of the module, and ``rules``: its rules by name."""
    parts, named = [], []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef):
            parts.append(function(node))
            names = [argument.arg for argument in node.args.args]
            if names[:2] == ["grad", "x"]:
                named.append(f"{node.name}: {{run: {node.name}, takes: {json.dumps(names[2:])}}}")
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            parts.append(f"const {node.targets[0].id} = {node.value.value!r};")
    return "\n".join([*parts, f"const rules = {{{', '.join(named)}}};"])


def landscape(on: Landscape) -> str:
    """An object with name, start, window, minima, lowest, f and grad of one exact landscape."""
    if not on.is_exact:
        raise CannotTranslate(f"{on.name} is drawn at random, and a page cannot draw the same")
    known = {
        "name": on.name, "start": on.start, "window": on.window,
        "minima": on.minima, "lowest": on.lowest,
    }  # fmt: skip
    facts = ", ".join(f"{name}: {json.dumps(value)}" for name, value in known.items())
    return f"{{{facts}, f: {closure(on.f)}, grad: {closure(on.grad)}}}"


def closure(code: Callable) -> str:
    """A function of landscapes.py with the numbers and matrices that it closes over."""
    line, module = code.__code__.co_firstlineno, inspect.getmodule(code)
    if module is not landscapes:
        raise CannotTranslate(f"{code.__name__} is not one of landscapes.py")
    tree = ast.parse(inspect.getsource(module))
    kinds = (ast.Lambda, ast.FunctionDef)
    found = [n for n in ast.walk(tree) if isinstance(n, kinds) and n.lineno == line]
    if len(found) != 1:
        raise CannotTranslate(f"line {line} of landscapes.py has {len(found)} functions, not one")
    held = inspect.getclosurevars(code).nonlocals
    values = "".join(f"const {n} = {json.dumps(np.asarray(v).tolist())}; " for n, v in held.items())
    if isinstance(found[0], ast.Lambda):
        made = f"({arguments(found[0].args)}) => {expression(found[0].body)}"
    else:
        made = function(found[0])
    return f"(() => {{{values}return {made};}})()"


def function(node: ast.FunctionDef) -> str:
    inside = list(ast.walk(node))
    star = "*" if any(isinstance(each, ast.Yield) for each in inside) else ""
    taken = {argument.arg for argument in node.args.args}
    stored = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    local = sorted(stored - taken)
    head = f"let {', '.join(local)};\n" if local else ""
    return f"function{star} {node.name}({arguments(node.args)}) {{\n{head}{block(node.body)}\n}}"


def arguments(given: ast.arguments) -> str:
    if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs:
        raise CannotTranslate("a function may only have plain arguments")
    first = len(given.args) - len(given.defaults)
    return ", ".join(
        argument.arg + (f" = {expression(given.defaults[i - first])}" if i >= first else "")
        for i, argument in enumerate(given.args)
    )


def block(body: list[ast.stmt]) -> str:
    return "\n".join(filter(None, map(statement, body)))


def statement(node: ast.stmt) -> str:
    match node:
        case ast.Expr(ast.Constant(str())):
            return ""  # a docstring
        case ast.Expr(ast.Yield(value)) if value:
            return f"yield {expression(value)};"
        case ast.Assign(targets, value):
            return " = ".join([*map(target, targets), expression(value)]) + ";"
        case ast.Return(value) if value:
            return f"return {expression(value)};"
        case ast.While(ast.Constant(True), body, []):
            return f"while (true) {{\n{block(body)}\n}}"
        case ast.For(to, over, body, []):
            return f"for ({target(to)} of {expression(over)}) {{\n{block(body)}\n}}"
        case ast.If(test, body, []):
            return f"if ({expression(test)}) {{\n{block(body)}\n}}"
        case ast.Raise(ast.Call(ast.Name(), [message])):
            return f"throw new Error({expression(message)});"
    raise untranslated(node)


def target(node: ast.expr) -> str:
    match node:
        case ast.Name(name):
            return name
        case ast.Tuple(parts):
            return f"[{', '.join(map(target, parts))}]"
    raise untranslated(node)


def expression(node: ast.expr) -> str:
    match node:
        case ast.Constant(value) if isinstance(value, bool | int | float | str):
            return json.dumps(value)
        case ast.Name(name):
            return name
        case ast.Tuple(parts) | ast.List(parts):
            return f"[{', '.join(map(expression, parts))}]"
        case ast.Starred(value):
            return f"...{expression(value)}"
        case ast.UnaryOp(ast.USub(), value):
            return f"mul(-1, {expression(value)})"
        case ast.BinOp(left, operator, right) if type(operator) in OPERATORS:
            return f"{OPERATORS[type(operator)]}({expression(left)}, {expression(right)})"
        case ast.BoolOp(ast.Or(), values):
            return f"({' || '.join(map(expression, values))})"
        case ast.Compare(left, [ast.Lt()], [right]):
            return f"({expression(left)} < {expression(right)})"
        case ast.Attribute(value, "T"):
            return expression(value)  # of one point or one number it is the same
        case ast.Attribute(value, "shape"):
            return f"shape({expression(value)})"
        case ast.Subscript(value, ast.Slice(None, upper, None)) if upper:
            return f"{expression(value)}.slice(0, {number(upper)})"
        case ast.Subscript(value, index):
            return f"{expression(value)}.at({number(index)})"
        case ast.GeneratorExp(value, [ast.comprehension(ast.Name(name), over, [], 0)]):
            return f"{expression(over)}.map(({name}) => {expression(value)})"
        case ast.JoinedStr():
            return json.dumps(ast.unparse(node))
        case ast.Call():
            return call(node)
    raise untranslated(node)


def number(node: ast.expr) -> int:
    try:
        return int(ast.literal_eval(node))
    except (ValueError, TypeError):
        raise untranslated(node) from None


def call(node: ast.Call) -> str:
    given = [*map(expression, node.args)]
    if node.keywords:
        named = ", ".join(f"{each.arg}: {expression(each.value)}" for each in node.keywords)
        given.append(f"{{{named}}}")
    inside = ", ".join(given)
    match node.func:
        case ast.Name(name) if not node.keywords:
            return f"{BUILTINS.get(name, name)}({inside})"
        case ast.Attribute(value, "reshape"):
            return f"reshape({expression(value)}, {inside})"
        case ast.Attribute():
            name = ast.unparse(node.func).removeprefix("np.")
            if name in NUMPY:
                return f"np.{name.replace('linalg.', '')}({inside})"
    raise untranslated(node)


def untranslated(node: ast.AST) -> CannotTranslate:
    return CannotTranslate(f"line {node.lineno}: no JavaScript for {ast.unparse(node)!r}")
