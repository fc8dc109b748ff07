"""Tests of the staff's home and of the outgoing mails."""
