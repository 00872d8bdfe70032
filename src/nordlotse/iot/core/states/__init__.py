"""States of a machine from its signals and from entries of people: running, idle, off, stops with reasons, parts, shifts."""
