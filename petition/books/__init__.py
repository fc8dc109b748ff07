"""The book of names and the letter: rows that are given, typeset in every script; it knows no signatures."""
