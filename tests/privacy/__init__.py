"""Tests of petition/privacy."""
