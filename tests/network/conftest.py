"""People of the roles the network knows, and a small network to point at."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.foundation.role import Role
from nordlotse.network.models import Competence, Offer, Partner, Person, Site
from nordlotse.office.roles import set_roles
from nordlotse.web.staff import BY_LINK


def account(role: str, name: str = "") -> Any:
    """Return an account with one role ("" for none)."""
    user = get_user_model().objects.create_user(name or role or "nobody", password=None)
    if role:
        set_roles(user, frozenset({Role(role)}))
    return user


def client_of(user: Any = None) -> Client:
    """Return a browser in which somebody has signed in by link."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[BY_LINK] = True
        session.save()
    return client


@pytest.fixture
def coordinator(db: None) -> Any:
    """Somebody who may set the network up."""
    return account("coordinator")


@pytest.fixture
def expert(db: None) -> Any:
    """Somebody with the role of an expert and without a profile."""
    return account("expert")


@pytest.fixture
def partner(db: None) -> Partner:
    """A visible partner in Husum."""
    made = Partner.objects.create(
        slug="hafenlabor",
        name="Hafenlabor Nord",
        kind="research",
        state="SH",
        district="01054",
        profile_de="Wir zeigen, wie Sensoren im Salzwasser überleben.",
        profile_en="We show how sensors survive in salt water.",
        visible=True,
    )
    Site.objects.create(partner=made, place="Rostock", state="MV", district="13003")
    return made


@pytest.fixture
def person(partner: Partner) -> Person:
    """A visible person of that partner."""
    made = Person.objects.create(
        partner=partner,
        name="Swantje Möhring",
        role="Labor für Messtechnik",
        mail="swantje@example.org",
        phone="04841 555777",
        languages=["de", "da"],
        profile="Ich rüste alte Maschinen mit Sensoren nach.",
        visible=True,
    )
    Competence.objects.create(person=made, kind="topic", tag="sensors")
    Competence.objects.create(person=made, kind="topic", tag="retrofit")
    return made


@pytest.fixture
def offer(partner: Partner, person: Person) -> Offer:
    """An offer of theirs."""
    return Offer.objects.create(
        partner=partner,
        person=person,
        kind="demonstrator",
        title_de="Prüfstand für Druckluft",
        topic="energy",
        languages=["de"],
        place="Husum",
        equipment="Kompressor\nUltraschallkamera",
    )
