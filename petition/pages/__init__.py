"""Public pages that show several rooms: home, the declaration's page, numbers, privacy, accessibility, health."""
