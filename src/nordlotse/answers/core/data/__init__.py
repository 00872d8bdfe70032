"""Editable data of the answers core: words, places, cards, rules and training questions (see README.md)."""
