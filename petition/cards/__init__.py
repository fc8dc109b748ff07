"""The pictures that are shown with links to a declaration: made by the worker, kept in the database."""
