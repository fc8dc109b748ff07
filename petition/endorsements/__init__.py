"""An organisation's support: proposed, confirmed by mail, decided by an organiser, listed apart from people."""
