"""The front door of the room's core."""
