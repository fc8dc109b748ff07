"""The public JSON API: what the pages show, for programs; and the way in for a partner's own form."""
