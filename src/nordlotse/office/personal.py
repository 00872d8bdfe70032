"""What the office's tables hold of people."""
