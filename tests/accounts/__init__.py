"""Tests of petition/accounts."""
