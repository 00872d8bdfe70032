"""Floor 0: what every room needs. Nothing here knows a room, a page or Django."""
