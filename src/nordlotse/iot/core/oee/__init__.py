"""Key figures of ISO 22400-2 from times and counts: exact, with steps, flags, losses and sentences."""
