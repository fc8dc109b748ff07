"""The package: its manifest, the site's key and its note, a ZIP decided to the byte, and the program that checks it."""
