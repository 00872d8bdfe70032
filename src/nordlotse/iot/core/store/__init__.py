"""Where values are kept: a log that is safe on disk before anything is acknowledged, immutable segments, and readers without locks."""
