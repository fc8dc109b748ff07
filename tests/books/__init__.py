"""Tests of petition/books."""
