"""How nbgrader works with this course. A class folder builds on it: see INSTRUCTORS.md.

As it stands, plain nbgrader commands in the repository make ``exercises/`` from ``solutions/``.
Submissions and grades never belong here: ``python -m exercise_lib.classroom new FOLDER``.
"""

from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader puts it there)

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# What stands where the solution was: the unsolved function returns None, and a check says so.
c.ClearSolutions.code_stub = {"python": "# your code here"}

# Pages of feedback and formgrader show what students wrote, without anything that can act.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "clean_html": "exercise_lib.classroom.sanitised.clean_html",  # of outputs
    "strip_files_prefix": "exercise_lib.classroom.sanitised.clean_markdown",  # of Markdown cells
}

# Limits of plain ``nbgrader autograde``, which has no sandbox; ``classroom grade`` has its own.
c.Execute.timeout = 30
c.Execute.interrupt_on_timeout = True
c.LimitOutput.max_lines = 500
c.LimitOutput.max_traceback = 60
