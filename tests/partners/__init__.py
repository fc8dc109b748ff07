"""Tests of petition/partners."""
