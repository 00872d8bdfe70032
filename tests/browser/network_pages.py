"""The pages of the network with the longest content they can show."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.network.actions import importing
from nordlotse.network.models import Competence, ImportDraft, Leave, Offer, Partner, Person, Site, VisitDay
from nordlotse.office import links

_LONG = "Forschungs- und Transferzentrum für Digitalisierung, additive Fertigung und Maschinendaten an der Westküste"
_TABLE = (
    "Partner;Land;Kreis;Profil deutsch;Website\n"
    f"{_LONG};SH;Husum;{'Ein sehr langes Profil. ' * 40};example.org\n"
    "Neue Werft;Mond;;;kein Ort\n"
    "Noch eine Werft;MV;Rostock;Kurz.;\n"
)


def fill() -> tuple[Partner, Person, Offer]:
    """Make a partner, a person and an offer with long texts, once."""
    known = Partner.objects.filter(slug="westkueste").first()
    if known is not None:
        return known, known.people.get(name__startswith="Prof"), known.offers.get(kind="demonstrator")
    partner = Partner.objects.create(
        slug="westkueste",
        name=_LONG,
        kind="research",
        state="SH",
        district="01054",
        profile_de="Wir helfen Betrieben bei allem, was mit Daten zu tun hat. " * 20,
        website="https://www.example.org/ein/sehr/langer/pfad/zu/einer/seite/die/niemand/abtippt",
        visible=True,
        is_example=True,
    )
    Site.objects.create(partner=partner, place="Neustadt in Holstein", state="SH", district="01055")
    person = Person.objects.create(
        partner=partner,
        name="Prof. Dr.-Ing. Swantje Möhring-Kaltenbacher",
        role="Leitung des Labors für Messtechnik und vorausschauende Instandhaltung",
        mail="swantje@example.org",
        profile="Wir rüsten alte Maschinen mit Sensoren nach und drucken Ersatzteile in Metall. " * 12,
        languages=["de", "en", "da"],
        visible=True,
        is_example=True,
    )
    Person.objects.create(partner=partner, name="Ole Tamm", mail="ole@example.org", invited_at=timezone.now())
    for kind, tag in (("topic", "sensors"), ("topic", "retrofit"), ("sector", "wz-18")):
        Competence.objects.create(person=person, kind=kind, tag=tag)
    today = timezone.localdate()
    Leave.objects.create(person=person, first=today, last=today + timedelta(days=9))
    offer = Offer.objects.create(
        partner=partner,
        person=person,
        kind="demonstrator",
        title_de="Vorführhalle für Retrofit, Zustandsüberwachung und Energiemessung an alten Maschinen",
        text_de="Sie sehen eine Drehmaschine von 1978 mit Sensoren. " * 8,
        topic="retrofit",
        languages=["de", "en"],
        place="Husum",
        equipment="Drehmaschine\nUltraschallkamera für Druckluft",
    )
    start = timezone.now() + timedelta(days=20)
    VisitDay.objects.create(offer=offer, starts_at=start, ends_at=start + timedelta(hours=2))
    return partner, person, offer


def public(lang: Lang) -> list[str]:
    """Return the addresses everybody can open."""
    partner, person, _ = fill()

    def at(name: str, *args: object) -> str:
        return reverse(f"{lang}:{name}", args=[str(a) for a in args])

    return [
        at("network"),
        at("network") + "?q=sensor&topic=retrofit&offer=demonstrator&district=01054",
        at("network") + "?q=quaxelbrumpf",
        at("network_partner", partner.slug),
        at("network_person", person.pk),
        at("demonstrators"),
        at("person_invitation", links.make("person", person.pk, mail=person.mail)),
    ]


def desk(lang: Lang) -> list[str]:
    """Return the addresses of the set-up, with a table that waits."""
    partner, person, offer = fill()
    user = get_user_model().objects.filter(is_superuser=True).first()
    ImportDraft.objects.filter(user=user).delete()
    draft = importing.keep_draft(user, "netz.csv", _TABLE.encode())

    def at(name: str, *args: object) -> str:
        return reverse(f"{lang}:{name}", args=[str(a) for a in args])

    return [
        at("network_desk"),
        at("network_import"),
        at("network_preview", draft.pk),
        at("network_new_partner"),
        at("network_edit_partner", partner.slug),
        at("network_new_person", partner.slug),
        at("network_edit_person", person.pk),
        at("network_edit_offer", offer.pk),
        at("network_terms"),
        at("network_term", "sensors"),
    ]
