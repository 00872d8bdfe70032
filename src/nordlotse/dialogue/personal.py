"""What the room's tables hold of people."""
