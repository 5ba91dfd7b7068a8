"""A class: hand out exercises, collect, repair and grade them, give feedback. See INSTRUCTORS.md.

On the command line ``python -m exercise_lib.classroom COMMAND``. Each command is a module of its
name, with a function of its name; a notebook may call them, too:

    from exercise_lib.classroom.folder import new
    from exercise_lib.classroom.release import release

    here = new("../my-class")                # or ClassFolder("../my-class")
    release(here, "03_momentum")             # the zip to hand out
    collect(here, "03_momentum", "lms.zip")  # who was placed, and who could not be
    repair(here, "03_momentum")              # each on the released notebook
    grade(here, "03_momentum", jobs=2)       # a ``Graded`` for each student
    feedback(here, "03_momentum")            # the zip of pages
    grades(here); mistakes(here, "03_momentum")
    export_moodle(here, "03_momentum", "sheet.csv")
"""
