"""Signed notices to other machines: rows committed with what caused them, composed and sent by the worker."""
