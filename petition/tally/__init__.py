"""Counts by declaration, hour, country and source: changes are noted, and one writer moves them."""
