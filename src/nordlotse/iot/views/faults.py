"""The switches for faults of a simulated machine."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from nordlotse.iot.actions import faults as actions
from nordlotse.iot.views.page import go, machine_of


@require_POST
def fault(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Switch a fault on (`on=1`) or off and lead back to the machine."""
    found = machine_of(request, key, number)
    actions.switch(found, request.POST.get("fault", ""), request.POST.get("on") == "1")
    return go(request, "iot_machine", key, number, more="#fehler")
