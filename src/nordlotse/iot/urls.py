"""The room's pages; German addresses, names for both languages. Fixed words stand before keys."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.iot.views import (
    agent,
    alarms,
    begin,
    connect,
    energy,
    export,
    faults,
    files,
    history,
    keep,
    live,
    logins,
    mapping,
    oee,
    orders,
    report,
    rules,
    shifts,
    states,
    stops,
    watching,
)

# Begin: what do you have?, the simulator, connecting, files, logins, export, retention, deletion.
_begin: list[URLPattern] = [
    path("maschinen/", begin.start, name="iot"),
    path("maschinen/halle/", begin.new_hall, name="iot_new_hall"),
    path("maschinen/simulator/", begin.simulate, name="iot_simulate"),
    path("maschinen/agent/", agent.guide, name="iot_agent"),
    path("maschinen/agent/laden/", agent.package, name="iot_agent_package"),
    path("maschinen/geteilt/<slug:share>/", keep.shared, name="iot_shared"),
    path("maschinen/<slug:key>/verbinden/", connect.connect, name="iot_connect"),
    path("maschinen/<slug:key>/verbinden/stand/", connect.stand, name="iot_connect_stand"),
    path("maschinen/<slug:key>/verbinden/namen/", connect.names, name="iot_names"),
    path("maschinen/<slug:key>/zuordnung/", mapping.mapping, name="iot_mapping"),
    path("maschinen/<slug:key>/zuordnung/stand/", mapping.stand, name="iot_mapping_stand"),
    path("maschinen/<slug:key>/datei/", files.upload, name="iot_upload"),
    path("maschinen/<slug:key>/datei/<slug:upload>/", files.file, name="iot_file"),
    path("maschinen/<slug:key>/datei/<slug:upload>/stand/", files.progress, name="iot_file_progress"),
    path("maschinen/<slug:key>/zugaenge/", logins.logins, name="iot_logins"),
    path("maschinen/<slug:key>/mitnehmen/", export.export, name="iot_export"),
    path("maschinen/<slug:key>/mitnehmen/werte.parquet", export.file, {"form": "parquet"}, name="iot_export_parquet"),
    path("maschinen/<slug:key>/mitnehmen/werte.csv", export.file, {"form": "csv"}, name="iot_export_csv"),
    path("maschinen/<slug:key>/mitnehmen/stunden.csv", export.file, {"form": "excel"}, name="iot_export_excel"),
    path("maschinen/<slug:key>/mitnehmen/einzelwerte.csv", export.file, {"form": "single"}, name="iot_export_single"),
    path("maschinen/<slug:key>/mitnehmen/gesagt.zip", export.file, {"form": "zip"}, name="iot_export_said"),
    path("maschinen/<slug:key>/aufbewahren/", keep.retention, name="iot_retention"),
    path("maschinen/<slug:key>/behalten/", keep.keep, name="iot_keep"),
    path("maschinen/<slug:key>/teilen/", keep.share, name="iot_share"),
    path("maschinen/<slug:key>/loeschen/", keep.delete, name="iot_delete"),
]
# Live: hall, machine, stream, history.
_live: list[URLPattern] = [
    path("maschinen/<slug:key>/", live.hall, name="iot_hall"),
    path("maschinen/<slug:key>/strom/", live.stream, name="iot_stream"),
    path("maschinen/<slug:key>/jetzt/", live.now, name="iot_now"),
    path("maschinen/<slug:key>/m/<int:number>/", live.machine, name="iot_machine"),
    path("maschinen/<slug:key>/m/<int:number>/fehler/", faults.fault, name="iot_fault"),
    path("maschinen/<slug:key>/m/<int:number>/verlauf/", history.history, name="iot_history"),
    path("maschinen/<slug:key>/m/<int:number>/verlauf.json", history.buckets, name="iot_buckets"),
]
# States, OEE, stops, orders, shifts, energy, report.
_work: list[URLPattern] = [
    path("maschinen/stopp/<slug:stop_key>/", stops.at_machine, name="iot_stop"),
    path("maschinen/<slug:key>/auslastung/", oee.hall, name="iot_oee_hall"),
    path("maschinen/<slug:key>/schichten/", shifts.shifts, name="iot_shifts"),
    path("maschinen/<slug:key>/personen/", stops.persons, name="iot_persons"),
    path("maschinen/<slug:key>/energie/", energy.hall, name="iot_energy_hall"),
    path("maschinen/<slug:key>/bericht/", report.report, name="iot_report"),
    path("maschinen/<slug:key>/bericht.pdf", report.pdf, name="iot_report_pdf"),
    path("maschinen/<slug:key>/m/<int:number>/auslastung/", oee.oee, name="iot_oee"),
    path("maschinen/<slug:key>/m/<int:number>/zustaende/", states.states, name="iot_states"),
    path("maschinen/<slug:key>/m/<int:number>/zustaende/tag.csv", states.day, name="iot_states_day"),
    path("maschinen/<slug:key>/m/<int:number>/stopps/", stops.stops, name="iot_stops"),
    path("maschinen/<slug:key>/m/<int:number>/stopps/blatt/", stops.sheet, name="iot_stop_sheet"),
    path("maschinen/<slug:key>/m/<int:number>/auftraege/", orders.orders, name="iot_orders"),
    path("maschinen/<slug:key>/m/<int:number>/energie/", energy.energy, name="iot_energy"),
]
# Alarms, rules, the watch.
_alarms: list[URLPattern] = [
    path("maschinen/adresse/<str:token>/", alarms.confirm, name="iot_confirm"),
    path("maschinen/<slug:key>/alarme/", alarms.alarms, name="iot_alarms"),
    path("maschinen/<slug:key>/alarme/<int:number>/", alarms.alarm, name="iot_alarm"),
    path("maschinen/<slug:key>/wen/", alarms.tell, name="iot_tell"),
    path("maschinen/<slug:key>/m/<int:number>/waechter/", watching.watch, name="iot_watch"),
    path("maschinen/<slug:key>/m/<int:number>/regeln/", rules.rules, name="iot_rules"),
]

#: `_begin` holds the fixed words and stands first.
pages: list[URLPattern] = [*_begin, *_work, *_alarms, *_live]
