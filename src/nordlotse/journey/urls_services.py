"""Addresses of services, figures, reports and the effect."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.journey.views import figures, services

pages: list[URLPattern] = [
    path("desk/leistungen/", services.listing, name="services"),
    path("desk/leistungen/alle/", services.every, name="services_all"),
    path("desk/leistungen/neu/", services.new, name="service_new"),
    path("desk/leistungen/<int:service_id>/", services.one, name="service"),
    path("fachleute/leistungen/", services.listing, name="my_services"),
    path("fachleute/leistungen/alle/", services.every, name="my_services_all"),
    path("fachleute/leistungen/neu/", services.new, name="my_service_new"),
    path("fachleute/leistungen/<int:service_id>/", services.one, name="my_service"),
    path("wirkung/<str:token>/", services.effect, name="effect"),
    path("desk/zahlen/", figures.centre, name="figures"),
    path("desk/zahlen/ziele/", figures.targets, name="targets"),
    path("desk/zahlen/<str:key>.<str:kind>", figures.centre_file, name="figures_file"),
    path("desk/monat/", figures.month, name="month"),
    path("desk/monat/bericht/<str:key>.json", figures.frozen_file, name="frozen_file"),
    path("bericht/", figures.report, name="report"),
    path("bericht/faelle/", figures.report_cases, name="report_cases"),
    path("bericht/<str:key>.<str:kind>", figures.report_file, name="report_file"),
]
