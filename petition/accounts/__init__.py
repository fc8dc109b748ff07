"""People who sign in: their roles, their second factor, their sessions, and the audit trail."""
