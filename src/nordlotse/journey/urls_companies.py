"""Addresses of a company's own page, of data and deletion, and of the coordinator's list."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.journey.views import checks, companies, parts, privacy

pages: list[URLPattern] = [
    path("betrieb/", companies.home, name="company"),
    path("betrieb/neu/", companies.new, name="company_new"),
    path("betrieb/angaben/", companies.details, name="company_details"),
    path("betrieb/einladen/", companies.invite, name="company_invite"),
    path("betrieb/mitglied/<int:member_id>/entfernen/", companies.remove_member, name="company_remove_member"),
    path("betrieb/einwilligung/", companies.consent, name="company_consent"),
    path("betrieb/schritte.ics", companies.steps, name="company_steps"),
    path("betrieb/check/<slug:key>/", checks.lay, name="company_check"),
    path("betrieb/teil/<slug:key>/", parts.lay, name="company_part"),
    path("betrieb/daten/", privacy.company_data, name="company_data"),
    path("betrieb/daten/archiv.zip", privacy.company_archive, name="company_archive"),
    path("einladung/betrieb/<str:token>/", companies.invitation, name="company_invitation"),
    path("meine-daten/", privacy.ask_for_own_data, name="ask_for_own_data"),
    path("meine-daten/<str:token>/", privacy.own_data, name="own_data"),
    path("meine-daten/<str:token>/archiv.zip", privacy.own_archive, name="own_archive"),
    path("desk/betriebe/", companies.desk_list, name="desk_companies"),
    path("desk/betriebe/<slug:double>/in/<slug:into>/", companies.merge, name="merge_companies"),
]
