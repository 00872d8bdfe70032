"""The divisions and sections of WZ 2008 as data."""
