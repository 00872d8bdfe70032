"""What the tables of services hold of people."""
