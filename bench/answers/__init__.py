"""Benchmarks of the answers room; data from the folder beside the checkout (NORDLOTSE_SHARED)."""
