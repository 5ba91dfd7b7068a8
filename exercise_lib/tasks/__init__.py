"""One module for each exercise: its tasks, each with its right answer and known wrong ones."""
