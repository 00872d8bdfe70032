"""The forms with which a part is handed in and examined again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nordlotse.print3d.core.archive import ENDINGS
from nordlotse.print3d.core.limits_data import materials
from nordlotse.print3d.core.values import Material, Process
from nordlotse.print3d.core.whole import Wishes

UNITS = [("auto", _("selbst erkennen")), ("mm", "mm"), ("inch", _("Zoll (inch)")), ("m", "m")]
#: What the processes are called.
PROCESSES = {
    Process.FDM: _("FDM (Filament)"),
    Process.SLA: _("SLA (Harz)"),
    Process.SLS: _("SLS (Pulver, Laser)"),
    Process.MJF: _("MJF (Pulver, Tinte)"),
    Process.LPBF: _("LPBF (Metall, Laser)"),
}


def process_choices() -> list[tuple[str, Any]]:
    """Return the processes to choose from, all first."""
    return [("", _("alle vergleichen")), *((process.value, name) for process, name in PROCESSES.items())]


def material_choices(own: Iterable[Material] = ()) -> list[tuple[str, Any]]:
    """Return the materials to choose from with their processes, `own` of a shop before ours."""
    lang = "en" if (get_language() or "de").startswith("en") else "de"
    known = [(m.id, f"{m.name.get(lang)} ({m.process.value.upper()})") for m in (*own, *materials().values())]
    return [("", _("das übliche")), *known]


class WishesForm(forms.Form):
    """Unit, scale, process and material of a check."""

    unit = forms.ChoiceField(label=_("Einheit der Datei"), choices=UNITS, required=False)
    scale = forms.FloatField(label=_("Maßstab"), min_value=1e-6, max_value=1e6, required=False, localize=True)
    process = forms.ChoiceField(label=_("Verfahren"), choices=process_choices, required=False)
    material = forms.ChoiceField(label=_("Material"), choices=material_choices, required=False)

    def __init__(self, *given: Any, own: Iterable[Material] = (), **named: Any) -> None:
        """Take the materials of the shop the part is reckoned with, if any."""
        super().__init__(*given, **named)
        self._materials = {m.id: m for m in (*materials().values(), *own)}
        self.fields["material"].choices = material_choices(own)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a material of another process."""
        given = super().clean() or self.cleaned_data
        material = self._materials.get(given.get("material") or "")
        if material is not None and given.get("process") not in ("", None, material.process.value):
            self.add_error("material", _("Dieses Material gibt es beim gewählten Verfahren nicht."))
        return given

    def wishes(self, before: Wishes | None = None) -> Wishes:
        """Return what was chosen; what the form does not ask stays as `before`."""
        given = self.cleaned_data
        kept = before or Wishes()
        return Wishes(
            unit=given.get("unit") or "auto",
            scale=given.get("scale") or 1.0,
            process=given.get("process") or "",
            material=given.get("material") or "",
            profile=kept.profile,
            rotation=kept.rotation,
            support=kept.support,
        )


class PartForm(forms.Form):
    """A part to be checked: the file, its unit, the process."""

    file = forms.FileField(
        label=_("Datei mit dem Teil"),
        help_text=_("STL, 3MF, OBJ, PLY, OFF oder STEP, auch als ZIP, bis 150 MB"),
        widget=forms.FileInput(attrs={"accept": ",".join([*ENDINGS, ".zip"])}),
        allow_empty_file=True,
    )
    unit = forms.ChoiceField(label=_("Einheit der Datei"), choices=UNITS, required=False)
    process = forms.ChoiceField(label=_("Verfahren"), choices=process_choices, required=False)

    def wishes(self) -> Wishes:
        """Return what was chosen."""
        return Wishes(unit=self.cleaned_data.get("unit") or "auto", process=self.cleaned_data.get("process") or "")
