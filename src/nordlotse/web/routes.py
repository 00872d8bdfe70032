"""All pages, once; `urls` mounts them in German at the root and in English below `/en/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.answers import views as answers
from nordlotse.dialogue import urls as dialogue
from nordlotse.funding import views as funding
from nordlotse.iot import urls as iot
from nordlotse.journey import urls as cases
from nordlotse.journey import views as journey
from nordlotse.network import urls as network
from nordlotse.office import urls as office
from nordlotse.print3d import urls as print3d
from nordlotse.readiness import urls as readiness
from nordlotse.web import account_pages, staff
from nordlotse.web import views as web

pages: list[URLPattern] = [
    path("", journey.start, name="start"),
    path("fragen/", journey.ask, name="ask"),
    path("antwort/<slug:inquiry_id>/", journey.answer, name="answer"),
    path("antwort/<slug:inquiry_id>/blatt/", journey.sheet, name="sheet"),
    path("rueckmeldung/<slug:inquiry_id>/", journey.rate, name="rate"),
    path("kontakt/", journey.contact, name="contact"),
    path("foerderung/", funding.finder, name="programmes"),
    path("foerderung/<slug:programme_id>/", funding.programme, name="programme"),
    path("thema/<slug:topic>/", answers.topic, name="topic"),
    path("wissen/", answers.overview, name="articles"),
    path("wissen/<slug:slug>/", answers.article, name="article"),
    path("stand/<slug:record_id>/", answers.record, name="record"),
    path("suche/", answers.search, name="search"),
    path("ueber/", web.about, name="about"),
    path("datenschutz/", web.privacy, name="privacy"),
    path("barrierefreiheit/", web.accessibility, name="accessibility"),
    path("leichte-sprache/", web.easy_language, name="easy_language"),
    path("gebaerdensprache/", web.sign_language, name="sign_language"),
    path("impressum/", web.imprint, name="imprint"),
    path("desk/", journey.desk, name="desk"),
    path("meine-anmeldung/", staff.security, name="security"),
    path("mein-platz/", staff.home, name="home"),
    path("desk/konten/", account_pages.accounts, name="accounts"),
    path("desk/konten/<int:user_id>/", account_pages.account, name="account"),
    path("einladung/konto/<str:token>/", account_pages.invitation, name="account_invitation"),
    path("desk/betreiber/", journey.operator, name="operator"),
    path("desk/frage/<slug:inquiry_id>/", journey.handle, name="handle"),
    path("desk/texte/", answers.texts, name="texts"),
    path("desk/texte/neu/", answers.new_text, name="new_text"),
    path("desk/texte/<slug:slug>/<slug:lang>/", answers.edit, name="edit"),
    path("desk/texte/<slug:slug>/<slug:lang>/fassungen/", answers.history, name="history"),
    path("desk/veraltet/", answers.stale, name="stale"),
    path("desk/suchtest/", answers.search_test, name="search_test"),
    path("desk/import/", answers.import_texts, name="import"),
    *office.pages,
    *readiness.pages,
    *print3d.pages,
    *iot.pages,
    *network.pages,
    *dialogue.pages,
    *cases.pages,
]
