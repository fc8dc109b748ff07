"""Presents a declaration, collects confirmed signatures, hands them over."""
