"""Handing over: which signatures, in which columns, into which file."""
