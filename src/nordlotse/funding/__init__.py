"""Room `funding`, see docs/rooms/funding.md."""
