"""Data: the taxonomy of topics, methods and sectors."""
