"""Static files under names that carry their hash, so that browsers may keep them forever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise carries no types
    """As WhiteNoise, but a page never fails because a file was not collected yet."""

    manifest_strict = False
