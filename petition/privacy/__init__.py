"""What is kept of a person and for how long: access, erasure, purge."""
