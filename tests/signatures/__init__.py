"""Tests of petition/signatures."""
