"""The room's pages, by subject."""
