"""What was given on paper: entered one by one, or imported from a table; counted, and never confirmed by mail."""
