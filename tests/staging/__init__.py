"""Tests of petition/staging."""
