"""The application for a WSGI server: ``wsgi:app``."""

from petition import create_app

app = create_app()
