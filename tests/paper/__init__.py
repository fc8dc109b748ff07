"""Tests of petition/paper."""
