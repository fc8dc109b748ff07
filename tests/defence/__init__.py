"""Tests of petition/defence."""
