"""Measurements of the iot room, each beside its peers."""
