"""What keeps a learner's code in bounds, and undoes what it did to its surroundings."""
