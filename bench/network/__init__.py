"""Measurements of the network: matching cases with people."""
