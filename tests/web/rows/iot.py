"""Pages of machine data: a sandbox is open to whoever holds its link; a shared link only shows."""

from __future__ import annotations

import time
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from nordlotse.iot.actions import halls, uploads
from nordlotse.iot.models import Alarm, Hall, Machine, Simulation
from tests.iot.written import Written
from tests.web.rows import Rows, everybody, only

# Begin. No intake runs in these tests: what hands values in says so (503). A machine's name or a file that is missing is told (422).
PAGES: Rows = {
    "maschinen/": everybody(),
    "maschinen/halle/": everybody(get=405, post=302, data={"machine": "Säge", "weg": "clamp"}),
    "maschinen/simulator/": everybody(get=405, post=503, data={"kind": "cnc"}),
    "maschinen/agent/": everybody(),
    "maschinen/agent/laden/": everybody(),
    "maschinen/geteilt/HALLSHARE/": everybody(),
    "maschinen/HALL/verbinden/": everybody(post=200, data={"weg": "python"}),
    "maschinen/HALL/verbinden/stand/": everybody(get=302),
    "maschinen/HALL/verbinden/namen/": everybody(post=302),
    "maschinen/HALL/zuordnung/": everybody(post=302),
    "maschinen/HALL/zuordnung/stand/": everybody(get=302),
    "maschinen/HALL/datei/": everybody(post=422),
    "maschinen/HALL/datei/VALUES/": everybody(post=200),
    "maschinen/HALL/datei/VALUES/stand/": everybody(get=302),
    "maschinen/HALL/zugaenge/": everybody(post=200),
    "maschinen/HALL/mitnehmen/": everybody(),
    "maschinen/HALL/mitnehmen/werte.csv": everybody(),
    "maschinen/HALL/mitnehmen/werte.parquet": everybody(),
    "maschinen/HALL/mitnehmen/stunden.csv": everybody(),
    "maschinen/HALL/mitnehmen/einzelwerte.csv": everybody(),
    "maschinen/HALL/mitnehmen/gesagt.zip": everybody(),
    "maschinen/HALL/aufbewahren/": everybody(post=302),
    "maschinen/HALL/behalten/": {**everybody(), "POST": {"visitor": 403, "member": 302, "stranger": 302}},
    "maschinen/HALL/teilen/": everybody(post=302, data={"days": "1"}),
    "maschinen/HALL/loeschen/": everybody(post=422),
}

# Live. A chart's data want to be told which; the fault is one of a milling machine.
PAGES |= {
    "maschinen/HALL/": everybody(),
    "maschinen/HALL/strom/": everybody(),
    "maschinen/HALL/jetzt/": everybody(),
    "maschinen/HALL/m/MACHINE/": everybody(),
    "maschinen/HALL/m/MACHINE/fehler/": everybody(get=405, post=302, data={"fault": "bearing", "on": "1"}),
    "maschinen/HALL/m/MACHINE/verlauf/": everybody(),
    "maschinen/HALL/m/MACHINE/verlauf.json": everybody(get=422),
}

# States, OEE, stops, orders, shifts, energy, report. The sheet at the machine holds a link of its own; what is not typed is told (422).
# A price without a comma or point: those mean different things in the two languages.
PAGES |= {
    "maschinen/stopp/STOPKEY/": everybody(post=422),
    "maschinen/HALL/auslastung/": everybody(),
    "maschinen/HALL/schichten/": everybody(post=422),
    "maschinen/HALL/personen/": everybody(post=422, data={"do": "on", "sure": "yes"}),
    "maschinen/HALL/energie/": everybody(),
    "maschinen/HALL/bericht/": everybody(),
    "maschinen/HALL/bericht.pdf": everybody(),
    "maschinen/HALL/m/MACHINE/auslastung/": everybody(post=302, data={"rate": "60"}),
    "maschinen/HALL/m/MACHINE/zustaende/": everybody(post=302, data={"do": "forget"}),
    "maschinen/HALL/m/MACHINE/zustaende/tag.csv": everybody(),
    "maschinen/HALL/m/MACHINE/stopps/": everybody(post=422),
    "maschinen/HALL/m/MACHINE/stopps/blatt/": everybody(post=302),
    "maschinen/HALL/m/MACHINE/auftraege/": everybody(post=422),
    "maschinen/HALL/m/MACHINE/energie/": everybody(post=302, data={"price": "1"}),
}

# Alarms, rules, the watch. What is not typed is told (422); a trial hall names nobody to tell (403), and a link to confirm is unknown here.
PAGES |= {
    "maschinen/adresse/unbekannt/": everybody(get=404, post=404),
    "maschinen/HALL/alarme/": everybody(),
    "maschinen/HALL/alarme/ALARM/": everybody(post=302, data={"verdict": "real"}),
    "maschinen/HALL/wen/": everybody(post=403, data={"mail": "a@betrieb.example", "after": "0"}),
    "maschinen/HALL/m/MACHINE/waechter/": everybody(post=422),
    "maschinen/HALL/m/MACHINE/regeln/": everybody(post=422),
}

# A company's hall: its members alone, whoever else holds the address. The centre's staff are told that there is none, too.
_OURS: dict[str, Any] = {"get": 200, "other": 404, "visitor": 404}
PAGES |= {
    "maschinen/OURS/alarme/": only({"member"}, **_OURS),
    "maschinen/OURS/wen/": only({"member"}, **_OURS, post=422),
    "maschinen/OURS/m/OURMACHINE/waechter/": only({"member"}, **_OURS, post=422),
    "maschinen/OURS/m/OURMACHINE/regeln/": only({"member"}, **_OURS, post=422),
    "maschinen/OURS/mitnehmen/": only({"member"}, **_OURS),
    "maschinen/OURS/bericht/": only({"member"}, **_OURS),
    "maschinen/OURS/jetzt/": only({"member"}, **_OURS),
}

#: The interface wants the login of a hall.
SINGLE: Rows = {
    "api/v1/iot/values": everybody(get=405, post=401),
    "api/v1/iot/latest": everybody(get=401, post=405),
    "api/v1/iot/query": everybody(get=422, post=405),
}


def seed(world: Any) -> None:
    """A sandbox with a simulated machine whose values lie in its store, shared, and a file that waits for a yes."""
    hall = Hall.objects.create(name="Probehalle")
    machine = Machine.objects.create(
        hall=hall, name="Säge", kind="cnc", signals={"Strom": {"title": "Strom", "unit": "A", "role": "current"}}
    )
    assert hall.expires_at is not None  # a trial hall ends
    Simulation.objects.create(machine=machine, kind="cnc", until=hall.expires_at)
    now = time.time_ns() // 1000
    Written(hall.store).put("Säge", "Strom", [now - 2_000_000, now - 1_000_000], [4.1, 4.2])
    table = SimpleUploadedFile("werte.csv", b"Zeit;Strom [A]\n01.03.2026 06:00:00;4,2\n01.03.2026 06:00:01;4,3\n")
    world.places |= {
        "HALL": hall.pk,
        "MACHINE": str(machine.pk),
        "STOPKEY": machine.stop_key,
        "HALLSHARE": halls.share(hall, 1),
        "ALARM": str(_alarm(machine).pk),
        **_ours(world),
        "VALUES": uploads.take(hall, "Säge", table),
    }


def _alarm(machine: Machine) -> Alarm:
    reason = {"sensor": "Strom", "share": 1.0, "seen": 4.2, "usual": 4.0}
    return Alarm.objects.create(
        machine=machine, kind="unusual", begin=time.time_ns() // 1000, score=1.2, reasons=[reason]
    )


def _ours(world: Any) -> dict[str, str]:
    """A hall of the member's company."""
    company = world.company
    hall = Hall.objects.create(name="Halle 1", company=company.pk, expires_at=None)
    machine = Machine.objects.create(hall=hall, name="Presse")
    now = time.time_ns() // 1000
    Written(hall.store).put("Presse", "Strom", [now - 2_000_000, now - 1_000_000], [4.1, 4.2])
    return {"OURS": hall.pk, "OURMACHINE": str(machine.pk)}
