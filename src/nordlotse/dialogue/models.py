"""Events with places, and working groups."""
