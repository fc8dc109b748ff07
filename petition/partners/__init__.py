"""Organisations that carry the form: their origins, colours, consents and keys, and what came through them."""
