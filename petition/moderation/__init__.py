"""A person decides: what is held is approved or set aside, many at once, each for a reason, and undone as easily."""
