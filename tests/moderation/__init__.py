"""Deciding about many at once."""
