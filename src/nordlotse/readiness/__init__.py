"""The readiness room: where does a company stand, and what comes first."""
