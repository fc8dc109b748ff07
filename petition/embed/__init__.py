"""The form inside a partner's page: the frame, the script that makes it, the snippets, the card of oEmbed."""
