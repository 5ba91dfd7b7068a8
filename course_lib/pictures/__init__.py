"""Still pictures, and the live one: how the course draws. Nothing here computes a run."""
