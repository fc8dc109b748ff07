"""Every public page in every state, seen by a reader of each language: accessible, valid, light, good to look at."""
