"""Maturity models as data, scoring with bounds, comparison, the cheapest plan: pure Python, usable without Django."""
