"""What the staff see first: each declaration's figures, and in the embedded default the outgoing mails."""
