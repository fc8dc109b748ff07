"""Tests of petition/tally."""
