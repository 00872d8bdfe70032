"""Tags every template may use."""
