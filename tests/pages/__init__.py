"""Tests of petition/pages."""
