"""Room `network`, see docs/rooms/network.md."""
