"""Measurements of accompanying: load, one event, kills, long lists."""
