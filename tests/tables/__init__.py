"""Tests of petition/tables."""
