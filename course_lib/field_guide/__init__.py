"""The field guide: all rules in one table, and how PyTorch, Keras and optax write them."""
