"""The field's knowledge of the answers room, usable without Django."""
