"""The room's forms, one module per subject."""
