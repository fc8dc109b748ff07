"""Tests of petition/api."""
