"""Builds the course's site: ``python site/build.py [--pyodide DIR] [--output _site]``.

index.html says what the course is and lists its lessons, lessons/ is to read, lite/ to run in the
browser, work.html shows students what they have saved there.
"""

import argparse
import shutil
import time
from pathlib import Path

from links import broken
from lite import COURSE, build_lite
from pages import build_pages

OURS = ".nojekyll"  # GitHub Pages serves a site with this file as it is; we know ours by it


def build(output: Path, pyodide: Path | None = None) -> None:
    """Write the whole site into the folder ``output``, in place of one written before."""
    if output.exists():
        if any(output.iterdir()) and not (output / OURS).exists():
            raise SystemExit(f"--output {output} holds other things; name a new or empty folder.")
        shutil.rmtree(output)
    output.mkdir(parents=True)
    (output / OURS).touch()
    build_pages(output)
    shutil.copy(COURSE / "site/work.html", output)
    build_lite(output / "lite", pyodide)
    if found := list(broken(output)):
        raise SystemExit("These links lead to nothing:\n" + "\n".join(found))


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the course's site.")
    parser.add_argument("--output", type=Path, default=COURSE / "_site", metavar="DIR",
                        help="the folder to write (default: _site)")  # fmt: skip
    parser.add_argument(
        "--pyodide",
        type=Path,
        metavar="DIR",
        help="a Pyodide to copy into the site (default: fetched from its CDN)",
    )
    given = parser.parse_args()
    started = time.monotonic()
    build(given.output, given.pyodide)
    print(f"{given.output} is ready after {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
