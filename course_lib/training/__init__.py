"""A small network, handwritten digits, and training one on the other with any rule."""
