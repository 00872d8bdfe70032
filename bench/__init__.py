"""Side-by-side benchmarks: each prints a table and writes JSON to build/bench."""
