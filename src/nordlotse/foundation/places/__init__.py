"""Data: the districts of the three states and the places people name."""
