"""Choices that several forms share, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from nordlotse.foundation import districts
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.region import State
from nordlotse.network.queries.terms import Terms

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as _StrOrPromise

Choices = list[tuple[str, Any]]


def words(of: Mapping[str, Text], lang: Lang, *, empty: bool = True) -> Choices:
    """Return codes with their words, with nothing chosen first where that is possible."""
    return [*([("", _("keine Angabe"))] if empty else []), *((code, text.get(lang)) for code, text in of.items())]


def state_choices(lang: Lang, *, empty: bool = True) -> Choices:
    """Return the three states."""
    return [*([("", _("keine Angabe"))] if empty else []), *((s.value, s.label.get(lang)) for s in State)]


def district_choices(lang: Lang) -> Choices:
    """Return the districts under their states."""
    groups: Choices = [("", _("keine Angabe"))]
    for state in State:
        mine = sorted((d for d in districts.districts() if d.state == state), key=lambda d: d.name)
        groups.append((state.label.get(lang), [(d.key, d.name) for d in mine]))
    return groups


def tag_choices(known: Terms, kind: str, lang: Lang, kept: Iterable[str] = ()) -> Choices:
    """Return the tags of a kind on offer, and those out of use that somebody still has."""
    held = set(kept)
    tags = [t for t in known.of_kind(kind, retired=True) if not t.retired or t.id in held]
    return [(t.id, t.name.get(lang)) for t in tags]


def lines(label: _StrOrPromise, *, rows: int, most: int, help_text: _StrOrPromise = "") -> forms.CharField:
    """Return a field for several lines that may stay empty; `most`: its longest text in characters."""
    return forms.CharField(
        label=label, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows}), max_length=most, required=False
    )


class Boxes(forms.CheckboxSelectMultiple):
    """Several boxes to tick, in the house's look."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"attrs": {"class": "kern-form-check__checkbox"}, **options})


class Several(forms.MultipleChoiceField):
    """Several choices, all of them optional."""

    widget = Boxes

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, **options})
