"""Room `answers`, see docs/rooms/answers.md."""
