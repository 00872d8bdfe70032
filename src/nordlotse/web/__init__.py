"""Room `web`, see docs/rooms/web.md."""
