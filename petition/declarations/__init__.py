"""The text that people sign: its versions, its languages, its opening and closing."""
