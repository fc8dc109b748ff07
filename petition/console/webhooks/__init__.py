"""Webhooks at the console, by command and in mails: the same for a declaration's organisers and for a partner."""
