"""The declaration: its folder, its text, its publication, its commands."""
