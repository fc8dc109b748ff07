"""A partner's own pages in the console, and the round that counts what they show."""
