"""Benchmarks of the print3d room; parts from the folder beside the checkout (NORDLOTSE_SHARED)."""
