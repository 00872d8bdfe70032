"""The room's pages; German addresses, names for both languages. Fixed words stand before keys."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.print3d.views import (
    costs,
    deleting,
    exact,
    files,
    intake,
    lay,
    lists,
    packing,
    part,
    repair,
    report,
    sharing,
    shop,
)

_start: list[URLPattern] = [
    path("druck/", intake.start, name="print3d"),
    path("druck/beispiel/", intake.sample, name="print3d_sample"),
]
_shared: list[URLPattern] = [
    path("druck/geteilt/<slug:share>/", sharing.shared, name="print3d_shared"),
    path("druck/geteilt/<slug:share>/ansicht.bin", sharing.view, name="print3d_shared_view"),
    path("druck/geteilt/<slug:share>/bild/<slug:view>.png", sharing.picture, name="print3d_shared_picture"),
    path("druck/geteilt/<slug:share>/bericht.pdf", report.shared_report, name="print3d_shared_report"),
]
_lists: list[URLPattern] = [
    path("druck/liste/", lists.start, name="print3d_lists"),
    path("druck/liste/beispiel/", lists.sample, name="print3d_list_sample"),
    path("druck/liste/vorlage.xlsx", lists.template, name="print3d_list_template"),
    path("druck/liste/<slug:key>/", lists.kept, name="print3d_list"),
    path("druck/liste/<slug:key>/stand/", lists.progress, name="print3d_list_progress"),
    path("druck/liste/<slug:key>/abbrechen/", lists.cancel, name="print3d_list_cancel"),
    path("druck/liste/<slug:key>/weiter/", lists.resume, name="print3d_list_resume"),
    path("druck/liste/<slug:key>/teil/", lists.part, name="print3d_list_part"),
    path("druck/liste/<slug:key>/ergebnis.xlsx", lists.workbook, name="print3d_list_xlsx"),
    path("druck/liste/<slug:key>/ergebnis.csv", lists.table, name="print3d_list_csv"),
    path("druck/liste/<slug:key>/loeschen/", lists.delete, name="print3d_list_delete"),
    path("druck/packen/", packing.pack, name="print3d_pack"),
]
_shop: list[URLPattern] = [
    path("druck/werkstatt/", shop.shops, name="print3d_shops"),
    path("druck/werkstatt/<slug:key>/", shop.shop, name="print3d_shop"),
    path("druck/werkstatt/<slug:key>/maschine/", shop.machine, name="print3d_shop_machine"),
    path("druck/werkstatt/<slug:key>/material/", shop.material, name="print3d_shop_material"),
    path("druck/werkstatt/<slug:key>/kosten/", shop.figures, name="print3d_shop_figures"),
    path("druck/werkstatt/<slug:key>/kalibrieren/", shop.jobs, name="print3d_shop_jobs"),
    path("druck/werkstatt/<slug:key>/loeschen/", shop.delete, name="print3d_shop_delete"),
]
_part: list[URLPattern] = [
    path("druck/<slug:key>/", part.part, name="print3d_part"),
    path("druck/<slug:key>/stand/", part.progress, name="print3d_progress"),
    path("druck/<slug:key>/abbrechen/", part.cancel, name="print3d_cancel"),
    path("druck/<slug:key>/neu/", part.again, name="print3d_again"),
    path("druck/<slug:key>/ansicht.bin", files.view, name="print3d_view"),
    path("druck/<slug:key>/bild/<slug:view>.png", files.picture, name="print3d_picture"),
    path("druck/<slug:key>/bericht.pdf", report.report, name="print3d_report"),
    path("druck/<slug:key>/reparatur/", repair.repair, name="print3d_repair"),
    path("druck/<slug:key>/reparatur.stl", repair.repaired, name="print3d_repaired"),
    path("druck/<slug:key>/genau/", exact.exact, name="print3d_exact"),
    path("druck/<slug:key>/druck.gcode", exact.gcode, name="print3d_gcode"),
    path("druck/<slug:key>/kosten/", costs.costs, name="print3d_costs"),
    path("druck/<slug:key>/lage/", lay.lay, name="print3d_lay"),
    path("druck/<slug:key>/lage/bild.png", lay.picture, name="print3d_lay_picture"),
    path("druck/<slug:key>/werkstatt/", shop.part_shop, name="print3d_part_shop"),
    path("druck/<slug:key>/teilen/", sharing.share, name="print3d_share"),
    path("druck/<slug:key>/loeschen/", deleting.delete, name="print3d_delete"),
]
pages: list[URLPattern] = [*_start, *_shared, *_lists, *_shop, *_part]
