"""What the tables of cases hold of people."""
