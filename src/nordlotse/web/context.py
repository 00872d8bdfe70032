"""What every page knows: the operator, the topics, whether styles were built, today."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib.staticfiles.finders import find
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from nordlotse import __version__
from nordlotse.journey import queries

TOPICS = ("digitalisation", "iot", "print3d", "industrie40", "business_models")


def topic_names() -> dict[str, str]:
    """Return the topics' names in the page's language."""
    return {
        "digitalisation": _("Digitalisierung"),
        "iot": _("Internet der Dinge"),
        "print3d": _("3D-Druck"),
        "industrie40": _("Industrie 4.0"),
        "business_models": _("Geschäftsmodelle"),
        "funding": _("Förderung"),
        "network": _("Netzwerk"),
        "events": _("Veranstaltungen"),
        "out_of_scope": _("Andere Themen"),
    }


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what the base template needs."""
    return {
        "operator": SimpleLazyObject(queries.operator),
        "topic_names": topic_names(),
        "main_topics": TOPICS,
        "assets_built": _built(),
        "today": timezone.localdate(),
        "version": __version__,
    }


@lru_cache(maxsize=1)
def _built() -> bool:
    return find("dist/site.css") is not None
