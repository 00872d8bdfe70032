"""The agent: its guide, and the package to install it from. Both are the same for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nordlotse.iot.core import agent_package
from nordlotse.iot.queries import agent_guide
from nordlotse.iot.views.page import lang_of


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show the guide, with the package to load."""
    title, text = agent_guide.page(lang_of(request))
    megabytes = len(agent_package.wheel()) / 1e6
    context = {"title": title, "text": text, "file": agent_package.name(), "megabytes": megabytes}
    return render(request, "iot/agent.html", context)


@require_safe
def package(request: HttpRequest) -> HttpResponse:
    """Return the agent's package."""
    response = HttpResponse(agent_package.wheel(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{agent_package.name()}"'
    return response
