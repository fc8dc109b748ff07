"""Is this a person, and how often? Limits, origins, and requests that no browser sends."""
