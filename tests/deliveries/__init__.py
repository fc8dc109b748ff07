"""Tests of petition/deliveries."""
