"""Tests of petition/endorsements."""
