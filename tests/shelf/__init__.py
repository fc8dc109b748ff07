"""Tests of petition/shelf."""
