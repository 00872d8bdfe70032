"""Pages of services, figures and months with the longest content they can show."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.journey.actions import effect, services
from nordlotse.journey.actions import figures as closing
from nordlotse.journey.models import Case, ClosedMonth, Effect, Service
from nordlotse.office import links
from tests.journey.factories import company, contact, person

LONG = "Gesellschaft für Oberflächenbeschichtungsverfahrenstechnik mbH & Co. KG"


def _filled() -> Service:
    """Close a quarter with later changes and a target, leave services waiting; return one that waits."""
    who = person("coordinator")
    if not ClosedMonth.objects.exists():
        places = (("HH", "02101"), ("SH", "01001"), ("MV", "13003"))
        for n in range(24):
            state, district = places[0 if n < 14 else 1 if n < 22 else 2]
            firm = company(
                f"{LONG} {n}", state=state, district=district, sector=("25", "62", "43")[n % 3], employees=5 * n
            )
            made = services.note(
                f"browser:{n}", "visit", about=services.About(firm), day=date(2026, 1 + n % 3, 5), topic="iot"
            )
            services.confirm(who, [made.pk])
        closing.set_target(
            who,
            figure="companies",
            begin=date(2026, 1, 1),
            end=date(2026, 3, 31),
            value=30,
            source="Zuwendungsbescheid vom 4. Mai 2026, Seite 3",
        )
        for month in ("2026-01", "2026-02", "2026-03"):
            closing.close_month(who, month)
        services.refuse(
            who, [Service.objects.order_by("pk")[0].pk], "Der Besuch fand nicht statt, der Betrieb hat abgesagt."
        )
    day = timezone.localdate() - timedelta(days=1)
    return services.note(f"browser:{Service.objects.count()}", "workshop", about=services.About(company(LONG)), day=day)


def desk(lang: Lang) -> list[str]:
    """Return the address of every page of services and figures of the centre."""

    def at(name: str, *args: object) -> str:
        return reverse(f"{lang}:{name}", args=args)

    waiting = _filled()
    return [
        at("services"),
        at("service", waiting.pk),
        f"{at('service_new')}?betrieb={waiting.company_id}",
        f"{at('service_new')}?{urlencode({'neu': LONG})}",
        f"{at('figures')}?zeitraum=2026-Q1",
        at("targets"),
        f"{at('month')}?monat=2026-01",
        f"{at('month')}?monat=2026-10",
        at("report"),
        f"{at('report_cases')}?quartal=2026-Q1",
    ]


def public(lang: Lang) -> list[str]:
    """Return the address of the three questions."""
    case = Case.objects.create(
        number=(Case.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1,
        title=f"Sensor am Kran der {LONG}",
        contact=contact(mail="anna@example.org"),
    )
    asked = Effect.objects.create(case=case, moment="closing")
    return [reverse(f"{lang}:effect", args=[links.make(effect.PURPOSE, asked.pk)])]
