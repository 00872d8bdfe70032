"""What a kind of finding says: its weight, its text, its remedy; every kind the room knows."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.values import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: how much it matters, what is said, what helps."""

    severity: Severity
    text: Text
    remedy: Text


_SUPPORT = Text(
    "Anders legen (Seite „Lage wählen“), flacher als 45° vermeiden oder Stützen einplanen.",
    "Lay it another way (page “Choose how it lies”), avoid slopes flatter than 45° or plan for support.",
)

_REPAIR = Text(
    "Unsere Reparatur schließt das; prüfen Sie danach die Stelle.",
    "Our repair mends this; look at the place afterwards.",
)

#: Codes about the mesh itself.
MESH: dict[str, Code] = {
    "hole": Code(
        Severity.BLOCKS,
        Text("Die Oberfläche hat ein Loch: Innen und außen sind hier nicht getrennt.", "The surface has a hole: inside and outside are not separated here."),
        _REPAIR,
    ),
    "crack": Code(
        Severity.RISK,
        Text("Zwei Kanten treffen sich nur beinahe; dazwischen bleibt ein haarfeiner Spalt.", "Two edges only nearly meet; a hair-thin crack is left between them."),
        _REPAIR,
    ),
    "tessellation_crack": Code(
        Severity.NOTE,
        Text(
            "Beim Umwandeln der STEP-Datei in Dreiecke blieb hier ein Spalt. Ihr Modell ist nicht die Ursache.",
            "When the STEP file was turned into triangles a crack was left here. Your model is not the cause.",
        ),
        Text("Sie müssen nichts ändern; unsere Reparatur schließt den Spalt.", "You need not change anything; our repair closes it."),
    ),
    "non_manifold_edge": Code(
        Severity.RISK,
        Text("An einer Kante treffen sich mehr als zwei Flächen; ein Körper hat das nirgends.", "More than two faces meet at an edge; no real body has that."),
        Text("Im CAD die überzählige Fläche löschen oder die Körper vereinigen.", "Delete the surplus face in the CAD program or unite the bodies."),
    ),
    "winding": Code(
        Severity.RISK,
        Text("Einige Dreiecke sind verkehrt herum: Ihre Außenseite zeigt nach innen.", "Some triangles are the wrong way round: their outside faces inwards."),
        Text("Unsere Reparatur dreht sie um.", "Our repair turns them."),
    ),
    "inside_out": Code(
        Severity.RISK,
        Text("Ein Körper ist umgestülpt: Alle seine Dreiecke zeigen nach innen.", "A body is inside out: all its triangles face inwards."),
        Text("Unsere Reparatur dreht ihn um.", "Our repair turns it."),
    ),
    "duplicate_face": Code(
        Severity.NOTE,
        Text("Ein Dreieck ist doppelt vorhanden.", "A triangle is there twice."),
        Text("Unsere Reparatur entfernt das zweite.", "Our repair removes the second one."),
    ),
    "degenerate_face": Code(
        Severity.NOTE,
        Text("Ein Dreieck hat keine Fläche.", "A triangle has no area."),
        Text("Unsere Reparatur entfernt es.", "Our repair removes it."),
    ),
    "self_intersection": Code(
        Severity.RISK,
        Text("Die Oberfläche durchdringt sich selbst; was hier Material ist, bleibt unklar.", "The surface passes through itself; what is material here is not clear."),
        Text("Im CAD die Körper vereinigen oder unsere Reparatur nutzen.", "Unite the bodies in the CAD program or use our repair."),
    ),
    "bodies_overlap": Code(
        Severity.NOTE,
        Text("Zwei Körper überschneiden sich.", "Two bodies overlap."),
        Text("Gehören sie zusammen, im CAD vereinigen; sonst auseinanderrücken.", "Unite them in the CAD program if they belong together; else move them apart."),
    ),
    "inner_shell": Code(
        Severity.NOTE,
        Text("Im Inneren liegt ein Hohlraum, von außen nicht zu sehen.", "A cavity lies inside, not to be seen from outside."),
        Text("Gewollt? Dann an Pulver und Harz denken, die darin bleiben. Sonst im CAD löschen.", "Wanted? Then think of powder and resin that stay in it. Else delete it in the CAD program."),
    ),
    "loose_body": Code(
        Severity.NOTE,
        Text("Ein Körper hängt mit dem übrigen Teil nicht zusammen.", "A body is not connected with the rest of the part."),
        Text("Gehört er nicht dazu, im CAD löschen; gehört er dazu, verbinden.", "Delete it in the CAD program if it does not belong to the part; connect it if it does."),
    ),
}  # fmt: skip

#: Codes about the part's shape and how it can be made.
GEOMETRY: dict[str, Code] = {
    "thin_wall": Code(
        Severity.RISK,
        Text("Die Wand ist dünner, als das Verfahren sie sicher baut.", "The wall is thinner than the process builds safely."),
        Text("Wand mindestens auf das Grenzmaß verdicken oder eine Rippe anbringen.", "Thicken the wall at least to the limit or add a rib."),
    ),
    "thin_gap": Code(
        Severity.RISK,
        Text("Der Spalt ist so eng, dass die Flächen verschmelzen können.", "The gap is so narrow that its faces may fuse."),
        Text("Spalt auf das Grenzmaß verbreitern oder die Teile getrennt drucken.", "Widen the gap to the limit or print the parts separately."),
    ),
    "small_hole": Code(
        Severity.RISK,
        Text("Das Loch ist so klein, dass es sich zusetzen kann.", "The hole is so small that it may close up."),
        Text("Größer auslegen oder nach dem Druck bohren.", "Make it larger or drill it after printing."),
    ),
    "small_feature": Code(
        Severity.RISK,
        Text("Der Zapfen oder Steg ist kleiner, als das Verfahren ihn sicher abbildet.", "The pin or bar is smaller than the process makes safely."),
        Text("Dicker auslegen oder als Normteil (Stift) einsetzen.", "Make it thicker or insert a standard pin."),
    ),
    "overhang": Code(
        Severity.NOTE,
        Text("Die Fläche hängt über: In dieser Lage braucht sie Stützen.", "The face hangs over: as the part lies it needs support."),
        _SUPPORT,
    ),
    "long_bridge": Code(
        Severity.NOTE,
        Text("Die Decke hängt zwischen ihren Auflagen weiter frei, als das Verfahren ohne Stützen schafft.", "The ceiling hangs free between what carries it over more than the process manages without support."),
        Text("Abstand der Auflagen verkürzen, die Decke wölben oder Stützen einplanen.", "Shorten the span, arch the ceiling or plan for support."),
    ),
    "island": Code(
        Severity.NOTE,
        Text("Hier beginnt eine Schicht in der Luft, ohne Verbindung nach unten.", "A layer begins in the air here, connected to nothing below."),
        Text("Anders legen oder eine Stütze setzen.", "Lay it another way or set a support."),
    ),
    "support_volume": Code(
        Severity.NOTE,
        Text("In dieser Lage braucht das Teil Stützen; sie kosten Material und Nacharbeit.", "As it lies the part needs support, which costs material and finishing."),
        Text("Mit einer anderen Lage vergleichen (Seite „Lage wählen“).", "Compare with another way to lay it (page “Choose how it lies”)."),
    ),
    "trapped_volume": Code(
        Severity.RISK,
        Text("Aus diesem Hohlraum kommt Pulver oder Harz nicht heraus.", "Powder or resin does not come out of this cavity."),
        Text("Zwei gegenüberliegende Öffnungen vorsehen.", "Provide two openings opposite each other."),
    ),
    "warping": Code(
        Severity.RISK,
        Text("Die lange Auflage kann sich beim Abkühlen vom Bett lösen und verziehen.", "The long base may lift off the bed and warp while cooling."),
        Text("Einen flachen Rand um die Auflage drucken (Brim), das Bett heizen, Ecken runden oder ein Material mit weniger Verzug wählen.", "Print a flat rim round the base (brim), heat the bed, round the corners or choose a material that warps less."),
    ),
    "tall_slim": Code(
        Severity.RISK,
        Text("Das Teil ist hoch und schmal: Es kann beim Drucken schwingen oder umfallen.", "The part is tall and slim: it may sway or fall while it is printed."),
        Text("Liegend drucken oder mit Rand und Stütze halten.", "Print it lying or hold it with brim and support."),
    ),
    "too_big": Code(
        Severity.BLOCKS,
        Text("Das Teil ist in jeder Lage größer als der Bauraum.", "The part is larger than the build volume however it lies."),
        Text("Teilen und fügen oder eine größere Maschine suchen.", "Split and join it or look for a larger machine."),
    ),
}  # fmt: skip

#: Every code.
CODES: dict[str, Code] = MESH | GEOMETRY
#: Codes that say the mesh is unsound. Bodies inside, beside and across each other are sound and may be meant.
UNSOUND = frozenset(MESH) - {"inner_shell", "loose_body", "bodies_overlap", "tessellation_crack"}
