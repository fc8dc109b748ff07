"""Faults caused under load, and garbage by the thousand."""
