"""Counts by declaration, kind, hour, country and source: changes are noted, and one writer moves them."""
