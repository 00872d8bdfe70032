"""What another filament than the profile's changes of an estimate: what the part weighs, and what must be said of its time."""

from __future__ import annotations

from dataclasses import replace

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.limits_data import materials
from nordlotse.print3d.core.values import Estimate, Material, Process, Profile
from nordlotse.print3d.core.whole import Reckoned


def weighed(made: Reckoned, given: Profile, material: Material | None) -> Reckoned:
    """Return the figures with the filament weighed as another one, and a warning; as they are for the profile's own or for no filament."""
    if material is None or material.process is not Process.FDM or material.id == given.material:
        return made
    share = material.density / given.values["density"]
    note = other_settings(given, material)
    fdm = made.figures.fdm
    figures = made.figures if fdm is None else replace(made.figures, fdm=_heavier(fdm, share, note))
    before = made.estimated and _heavier(made.estimated, share, note)
    return replace(made, estimate=_heavier(made.estimate, share, note), figures=figures, estimated=before)


def other_settings(given: Profile, material: Material) -> Text:
    """Return that the time is that of the profile's own material: nobody measured the error for another one."""
    own = materials()[given.material].name
    return Text(
        f"Gerechnet mit den Druckeinstellungen für {own.de}; von {material.name.de} stammen nur Dichte und Preis. Die Zeit kann stärker abweichen.",
        f"Reckoned with the print settings for {own.en}; only density and price are those of {material.name.en}. The time may be further off.",
    )


def _heavier(one: Estimate, share: float, note: Text) -> Estimate:
    return replace(
        one,
        filament_g=one.filament_g * share,
        filament_low_g=one.filament_low_g * share,
        filament_high_g=one.filament_high_g * share,
        support_g=one.support_g * share,
        warnings=(*one.warnings, note),
    )
