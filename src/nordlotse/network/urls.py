"""The room's addresses; the web mounts them in both languages."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.network.views import directory, exports, profile, setup, tables, terms

pages: list[URLPattern] = [
    path("netz/", directory.network, name="network"),
    path("netz/karte.geojson", exports.geojson, name="network_map"),
    path("netz/partner.csv", exports.table, name="network_csv"),
    path("netz/besuchstage.ics", exports.visits, name="network_visits"),
    path("netz/vorfuehrorte/", directory.demonstrators, name="demonstrators"),
    path("netz/person/<int:person_id>/", directory.person, name="network_person"),
    path("netz/<slug:slug>/", directory.partner, name="network_partner"),
    path("fachleute/profil/", profile.expert_profile, name="expert_profile"),
    path("einladung/person/<str:token>/", profile.invitation, name="person_invitation"),
    path("desk/netz/", setup.desk, name="network_desk"),
    path("desk/netz/partner/neu/", setup.new_partner, name="network_new_partner"),
    path("desk/netz/partner/<slug:slug>/", setup.partner, name="network_edit_partner"),
    path("desk/netz/partner/<slug:slug>/person/", setup.new_person, name="network_new_person"),
    path("desk/netz/partner/<slug:slug>/angebot/", setup.new_offer, name="network_new_offer"),
    path("desk/netz/person/<int:person_id>/", setup.person, name="network_edit_person"),
    path("desk/netz/angebot/<int:offer_id>/", setup.offer, name="network_edit_offer"),
    path("desk/netz/einlesen/", tables.tables, name="network_import"),
    path("desk/netz/einlesen/<int:draft_id>/", tables.preview, name="network_preview"),
    path("desk/netz/vorlage/<slug:kind>.csv", tables.template, name="network_template"),
    path("desk/netz/vorlage.xlsx", tables.workbook, name="network_workbook"),
    path("desk/netz/begriffe/", terms.words, name="network_terms"),
    path("desk/netz/begriffe/<slug:tag>/", terms.term, name="network_term"),
]
