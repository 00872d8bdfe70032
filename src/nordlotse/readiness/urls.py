"""The room's pages; German addresses, names for both languages."""

from __future__ import annotations

from django.urls import URLPattern

pages: list[URLPattern] = []
