"""The suite: real databases, a real mail server, a real browser."""
