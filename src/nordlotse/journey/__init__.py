"""Room `journey`, see docs/rooms/journey.md."""
