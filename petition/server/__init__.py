"""Running it: prepare what is missing, start web server and worker together, stop both cleanly."""
