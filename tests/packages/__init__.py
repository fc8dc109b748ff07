"""Tests of petition/packages."""
