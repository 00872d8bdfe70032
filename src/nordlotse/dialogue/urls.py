"""The room's addresses; the web mounts them in both languages. Working groups keep their list in `urls_groups`."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.dialogue import urls_groups
from nordlotse.dialogue.views import desk, entrance, events, imports, registrations

_public: list[URLPattern] = [
    path("termine/", events.listing, name="events"),
    path("termine/liste/", events.embedded, name="event_list"),
    path("termine/kalender.ics", events.calendar, name="calendar"),
    path("termine/feed.atom", events.feed, name="atom"),
    path("termine/anmeldung/<str:token>/", registrations.own, name="registration"),
    path("termine/anmeldung/<str:token>/absagen/", registrations.withdraw, name="registration_withdraw"),
    path("termine/anmeldung/<str:token>/rueckmeldung/", registrations.rate, name="registration_rate"),
    path("termine/anmeldung/<str:token>/termin.ics", registrations.own_calendar, name="registration_calendar"),
    path("termine/anmeldung/<str:token>/bestaetigung.pdf", registrations.own_certificate, name="certificate"),
    path("termine/einlass/arbeiter.js", entrance.worker, name="entrance_worker"),
    path("termine/einlass/<str:code>/", registrations.entrance_code, name="entrance_code"),
    path("termine/melden/<slug:hook>/", imports.hook, name="event_hook"),
    path("termine/<slug:slug>/", events.event, name="event"),
    path("termine/<slug:slug>/termin.ics", events.event_calendar, name="event_calendar"),
    path("termine/<slug:slug>/anmelden/", registrations.register, name="register"),
    path("termine/<slug:slug>/danke/", registrations.registered, name="registered"),
]
_staff: list[URLPattern] = [
    path("desk/termine/", desk.listing, name="desk_events"),
    path("desk/termine/neu/", desk.new, name="desk_event_new"),
    path("desk/termine/quellen/", imports.sources, name="event_sources"),
    path("desk/termine/quellen/neu/", imports.new_source, name="event_source_new"),
    path("desk/termine/quellen/<int:source_id>/", imports.source, name="event_source"),
    path("desk/termine/link/<int:registration_id>/", desk.renew, name="registration_renew"),
    path("desk/termine/<int:event_id>/", desk.event, name="desk_event"),
    path("desk/termine/<int:event_id>/bearbeiten/", desk.edit, name="desk_event_edit"),
    path("desk/termine/<int:event_id>/tun/", desk.act, name="desk_event_act"),
    path("desk/termine/<int:event_id>/teilnehmende.csv", desk.participants_csv, name="participants_csv"),
    path("desk/termine/<int:event_id>/drucken/", desk.participants_print, name="participants_print"),
    path("desk/termine/<int:event_id>/einlass/", entrance.entrance, name="entrance"),
    path("desk/termine/<int:event_id>/einlass/abgleich/", entrance.sync, name="entrance_sync"),
    path("desk/termine/<int:event_id>/einlass/<int:registration_id>/", entrance.check, name="entrance_check"),
]
pages: list[URLPattern] = [*_public, *_staff, *urls_groups.pages]
