"""A person's name: submit, confirm, correct, withdraw, list."""
