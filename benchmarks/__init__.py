"""What it costs and how fast it is: every figure that is promised, measured as it is promised."""
