"""The room's addresses; the web mounts them in both languages."""

from __future__ import annotations

from django.urls import URLPattern

pages: list[URLPattern] = []
