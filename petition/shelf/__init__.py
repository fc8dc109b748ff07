"""Rendered answers that are the same for everyone, given before Flask's routing."""
