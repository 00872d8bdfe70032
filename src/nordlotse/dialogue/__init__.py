"""Room `dialogue`, see docs/rooms/dialogue.md."""
