"""The rounds that go on behind the pages: what is due, how often, one at a time."""
