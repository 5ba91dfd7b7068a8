"""What exercise 14 of version 0.1 imports from here."""

from exercise_lib.tasks.e14_beyond import mystery

__all__ = ["mystery"]
