"""The room's views, one module per subject."""
