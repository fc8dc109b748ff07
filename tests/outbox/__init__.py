"""Tests of petition/outbox."""
