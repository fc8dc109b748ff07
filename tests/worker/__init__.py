"""Tests of petition/worker."""
