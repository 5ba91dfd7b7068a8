"""The text of a notebook that somebody handed in: its cells, whatever else is in the file.

Nothing here takes long or much memory, however the file is made.
"""

import ast
import json
import re

import nbformat

LONGEST = 200_000  # characters of one cell
TOO_LONG = "# more than this course reads in one cell"
MOST_CELLS = 5_000
PICTURES = ("image/png", "image/jpeg", "image/gif")
LARGEST_PICTURE = 4 * 2**20  # characters, as base64 has them
DEFINES = re.compile(r"(?:(?:async )?def|class) +(\w+)|([A-Za-z_][\w, ]*)=[^=]")


class Unreadable(Exception):
    """Why a file is not a notebook."""


def cells_of(data: bytes) -> list[dict]:
    """The cells in a file, as kind, source, id, grade_id and nothing else."""
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("the file is empty")
    try:
        notebook = json.loads(text_of(data))
        if isinstance(notebook, dict) and "worksheets" in notebook:  # before 2015
            notebook = nbformat.convert(nbformat.from_dict(notebook), 4)
        cells = notebook["cells"]
        if not isinstance(cells, list):
            raise TypeError
    except UnicodeError:
        raise Unreadable("the file is not text") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"the file is damaged in line {error.lineno}, or no notebook") from None
    except (KeyError, TypeError, RecursionError, AttributeError, ValueError):
        raise Unreadable("the file is no notebook") from None
    return [cell for cell in map(plain_cell, cells[:MOST_CELLS]) if cell]


def course_of(data: bytes) -> dict[str, object]:
    """What ``repair`` noted in a notebook; empty if it was not repaired."""
    try:
        noted = json.loads(text_of(data))["metadata"]["course"]
        return noted if isinstance(noted, dict) else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def text_of(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def plain_cell(cell: object) -> dict | None:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        source = ""
    if len(source) > LONGEST:
        source = TOO_LONG
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return {
        "kind": cell["cell_type"],
        "source": source.encode("utf-8", "replace").decode("utf-8"),  # no half characters
        "id": cell.get("id") if isinstance(cell.get("id"), str) else None,
        "grade_id": grade_id if isinstance(grade_id, str) else None,
        "pictures": pictures_in(cell.get("attachments")),
    }


def pictures_in(attachments: object) -> dict[str, dict[str, str]]:
    """What was pasted into a cell: pictures, up to a size."""
    found: dict[str, dict[str, str]] = {}
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            if kind in PICTURES and isinstance(data, str) and len(data) < LARGEST_PICTURE:
                found[str(name)] = {kind: data}
    return found if len(found) <= 20 else {}


def with_pictures(source: str, pictures: dict[str, dict]) -> tuple[str, dict[str, dict]]:
    """Markdown with a word in place of each pasted picture that is not there: nbconvert makes no
    page of a cell that lacks one."""

    def there(found: re.Match) -> str:
        return found[0] if found[2] in pictures else f"*(a picture that was lost: {found[1]})*"

    return re.sub(r"!\[([^\]]{0,200})\]\(attachment:([^)]{0,200})\)", there, source).replace(
        "attachment:", "attachment:" if pictures else "attachment "
    ), pictures


def names_in(source: str) -> set[str]:
    """The names that a cell defines at its left margin; it need not be free of mistakes."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        lines = [line for line in source.splitlines() if len(line) < 1000 and line[:1].strip()]
        found = [found for found in map(DEFINES.match, lines) if found]
        return {name.strip() for f in found for name in (f[1] or f[2]).split(",")} - {""}
    names = {getattr(node, "name", "") for node in tree.body}
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    targets += [n.target for n in tree.body if isinstance(n, ast.AnnAssign) and n.value]
    names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return names - {""}


def imports_in(source: str) -> list[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
