"""The application for a WSGI server: ``wsgi:app``."""

from petition.application import create_app

app = create_app()
