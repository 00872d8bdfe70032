"""Whom a company wished for stands wherever the company reads about its case, until that person has said no."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from nordlotse.journey.actions import cases, letters, proposals
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Case
from nordlotse.journey.queries.access import Who
from nordlotse.network.models import Person
from nordlotse.office.models import OutgoingMail
from tests.journey import casework

pytestmark = pytest.mark.django_db


@pytest.fixture
def elif_ehlers() -> Person:
    """Somebody who can be wished for."""
    return casework.person("Elif Ehlers", visible=True)


def page_of(case: Case) -> str:
    path = letters.case_address(Case.objects.get(pk=case.pk))
    return html.unescape(Client().get(f"/{path}").content.decode())


def test_the_first_mail_names_whom_we_ask_first(elif_ehlers: Person) -> None:
    casework.case(wished=elif_ehlers)
    assert "1. Wir fragen zuerst Elif Ehlers." in OutgoingMail.objects.get(key__startswith="journey:opened").text


def test_the_first_mail_names_the_partner_we_ask_first(elif_ehlers: Person) -> None:
    casework.case(wished_partner=elif_ehlers.partner, lang="en")
    mail = OutgoingMail.objects.get(key__startswith="journey:opened").text
    assert "1. We ask Institut Elif Ehlers first." in mail


def test_the_page_of_the_case_names_the_wish_and_keeps_it(elif_ehlers: Person) -> None:
    case = casework.case(wished=elif_ehlers)
    page = page_of(case)
    assert "Wir fragen zuerst Elif Ehlers." in page
    assert "Am liebsten mit Elif Ehlers" in page


def test_once_the_one_wished_for_has_said_no_we_look_for_somebody(elif_ehlers: Person) -> None:
    case = casework.case(wished=elif_ehlers)
    asked = proposals.ask_person(casework.coordinator(), case.pk, elif_ehlers.pk)
    proposals.answer(Who(Actor.EXPERT, person=elif_ehlers), asked.pk, "decline")
    page = page_of(case)
    assert "Wir fragen zuerst" not in page
    assert "Wir suchen die passende Fachperson." in page


def test_once_the_coordinator_has_taken_the_case_over_nobody_is_said_to_be_asked(elif_ehlers: Person) -> None:
    case = casework.case(wished=elif_ehlers)
    cases.take_over(casework.coordinator(), case.pk)
    page = page_of(case)
    assert "Wir fragen zuerst" not in page and "Wir suchen die passende Fachperson." not in page
    assert "Die Koordination des Zentrums kümmert sich selbst um Ihren Fall." in page


def test_an_expert_who_is_asked_reads_nothing_of_the_wish_for_another(elif_ehlers: Person) -> None:
    case = casework.case(wished=elif_ehlers)
    other = casework.person("Tjark Rathje")
    proposals.ask_person(casework.coordinator(), case.pk, other.pk)
    assert "Elif" not in OutgoingMail.objects.get(key__startswith="journey:asked").text
