"""Addresses of cases: asking for a talk, the company's, the expert's and the coordinator's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.journey.views import cases, experts, talk

pages: list[URLPattern] = [
    path("gespraech/", talk.talk, name="talk"),
    path("gespraech/danke/<slug:case_id>/", talk.thanks, name="talk_thanks"),
    path("betrieb/fall/<slug:case_id>/", cases.company_case, name="company_case"),
    path("betrieb/fall/<slug:case_id>/datei/<slug:file_id>/", cases.company_file, name="company_case_file"),
    path("fall/<str:token>/", cases.contact_case, name="contact_case"),
    path("fall/<str:token>/datei/<slug:file_id>/", cases.contact_file, name="contact_case_file"),
    path("anfrage/<str:token>/", experts.request_by_link, name="request"),
    path("anfrage/fall/<str:token>/", experts.case_by_link, name="request_case"),
    path("anfrage/fall/<str:token>/datei/<slug:file_id>/", experts.file_by_link, name="request_case_file"),
    path("fachleute/", experts.home, name="expert_home"),
    path("fachleute/stunden.csv", experts.hours, name="expert_hours"),
    path("fachleute/fall/<slug:case_id>/", experts.case, name="expert_case"),
    path("fachleute/fall/<slug:case_id>/datei/<slug:file_id>/", cases.work_file, name="expert_case_file"),
    path("desk/faelle/", cases.desk_cases, name="desk_cases"),
    path("desk/faelle/vorschlaege/", cases.routing, name="case_routing"),
    path("desk/faelle/<slug:case_id>/", cases.desk_case, name="desk_case"),
    path("desk/faelle/<slug:case_id>/datei/<slug:file_id>/", cases.work_file, name="desk_case_file"),
]
