"""Tests of petition/cards."""
