"""Tests of petition/embed."""
