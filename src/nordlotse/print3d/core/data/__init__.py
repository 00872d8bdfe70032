"""Machines, materials, limits, profiles and coefficients as data with source."""
