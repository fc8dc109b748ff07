"""Mails waiting to leave: rows committed with what caused them, composed and sent by the worker."""
