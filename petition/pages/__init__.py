"""Public pages that show several rooms: home, the declaration's page, privacy, accessibility, health."""
