"""A part's figures at a glance, wherever a page shows the part; marks for the cost pages."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from nordlotse.print3d.queries import costs
from nordlotse.print3d.queries.costs import Glance
from nordlotse.print3d.queries.parts import KeptPart

register = template.Library()


@register.simple_tag
def figures_of(kept: KeptPart) -> Glance | None:
    """Return time, material and cost of one piece by the chosen process, in the page's language; None where nothing could be reckoned."""
    return costs.glance(kept, "en" if (get_language() or "de").startswith("en") else "de")
