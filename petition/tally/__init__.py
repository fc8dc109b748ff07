"""Counts by declaration, kind, hour, country, source and partner: changes are noted, and one writer moves them."""
