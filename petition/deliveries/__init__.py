"""Handing over: the order, the snapshot, the job that makes the package, the hand-over, and what is remembered."""
