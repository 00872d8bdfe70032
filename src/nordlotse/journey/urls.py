"""Addresses of cases, companies, services and figures; the web mounts them in both languages.

Each subject keeps its own list beside its views, so that one can be read without the others.
"""

from __future__ import annotations

from django.urls import URLPattern

from nordlotse.journey import urls_cases, urls_companies, urls_services

pages: list[URLPattern] = [*urls_companies.pages, *urls_cases.pages, *urls_services.pages]
