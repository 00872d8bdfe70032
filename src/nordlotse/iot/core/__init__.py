"""Taking in, storing, and reading machine data: pure Python and numpy, usable without Django."""
