"""Public pages that show several rooms: home, the declaration's page, privacy notice, accessibility statement, health."""
