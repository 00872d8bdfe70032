"""Nordlotse: software with which a digital competence centre accompanies small and mid-sized companies."""

__version__ = "0.1.0"
