"""The fixed words of a part's report, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

from nordlotse.foundation.language import Lang, Text

VERDICTS: Mapping[str, Text] = {
    "yes": Text("druckbar", "printable"),
    "with_changes": Text("mit Änderungen", "with changes"),
    "no": Text("nicht druckbar", "not printable"),
}
VOLUME: Mapping[str, Text] = {
    "b-rep": Text("genau, aus dem CAD-Modell", "exact, from the CAD model"),
    "mesh": Text("aus dem Dreiecksnetz", "from the mesh"),
    "tolerance": Text("aus dem Dreiecksnetz, ± {} mm", "from the mesh, ± {} mm"),
}
PROPOSALS: Mapping[str, Text] = {
    "cheapest": Text("Am günstigsten", "Cheapest"),
    "fastest": Text("Am schnellsten", "Fastest"),
    "best_surface": Text("Beste Oberfläche", "Best surface"),
}
_WORDS: Mapping[str, Text] = {
    "title": Text("3D-Druck-Check", "3D-print check"),
    "page": Text("Seite", "page"),
    "of": Text("von", "of"),
    "part": Text("Das Teil", "The part"),
    "file": Text("Datei", "File"),
    "size": Text("Größe", "Size"),
    "volume": Text("Volumen", "Volume"),
    "area": Text("Oberfläche", "Surface"),
    "unit": Text("Einheit", "Unit"),
    "mesh": Text("Netz", "Mesh"),
    "parts": Text("Teile in der Datei", "Parts in the file"),
    "triangles": Text("Dreiecke", "triangles"),
    "body": Text("Körper", "body"),
    "bodies": Text("Einzelkörper (lose Teile)", "separate bodies (loose pieces)"),
    "closed": Text("Oberfläche geschlossen", "surface closed"),
    "open": Text("Oberfläche nicht geschlossen", "surface not closed"),
    "first": Text("Das zuerst ändern", "Change this first"),
    "nothing": Text("Kein Befund.", "Nothing was found."),
    "found-one": Text("Ein Befund.", "One finding."),
    "found": Text("{} Befunde.", "{} findings."),
    "more": Text(
        "{} weitere Arten von Befunden stehen in der Online-Prüfung.", "{} further kinds of finding stand in the check online."
    ),
    "verdicts": Text("Welches Verfahren geht", "Which process works"),
    "process": Text("Verfahren", "Process"),
    "verdict": Text("Urteil", "Verdict"),
    "reasons": Text("Gründe", "Reasons"),
    "views": Text("Das Teil von allen Seiten", "The part from all sides"),
    "views-text": Text(
        "Die Nummern sind die der Befunde. Dunkle Marke: Risiko oder Hindernis; helle Marke: Hinweis; offener Punkt: liegt innen oder "
        "verdeckt. Violette Striche: Fläche hängt über. Jede Ansicht hat ihren eigenen Maßstab.",
        "The numbers are those of the findings. Dark mark: risk or obstacle; light mark: hint; open dot: inside or covered. "
        "Purple strokes: the face hangs over. Each view has its own scale.",
    ),
    "mark": Text("Marke", "mark"),
    "marks": Text("Marken", "marks"),
    "no-marks": Text("keine Marke", "no mark"),
    "thickness": Text("Wandstärke", "Wall thickness"),
    "unknown": Text("keine Wand messbar", "no wall to measure"),
    "limit": Text("Grenze", "limit"),
    "limit-head": Text("Grenze", "Limit"),
    "all-processes": Text("strengste Grenze", "strictest limit"),
    "findings": Text(
        "Alle Befunde nach Art, jeweils die schlimmste Stelle", "All findings by kind, each with its worst place"
    ),
    "places": Text("{} Stellen", "{} places"),
    "number": Text("Nr.", "No."),
    "what": Text("Befund", "Finding"),
    "where": Text("Ort x / y / z (mm)", "Place x / y / z (mm)"),
    "measured": Text("Gemessen", "Measured"),
    "remedy": Text("Abhilfe", "Remedy"),
    "time-title": Text("Zeit und Material (FDM)", "Time and material (FDM)"),
    "time": Text("Druckzeit", "Print time"),
    "material": Text("Material", "Material"),
    "support": Text("davon Stützen", "of which support"),
    "layers": Text("Schichten", "Layers"),
    "value": Text("Wert", "Value"),
    "range": Text("Spanne", "Range"),
    "none": Text("keine", "none"),
    "estimated": Text("geschätzt; die Spanne ist an vielen Teilen gemessen", "estimated; the range was measured on many parts"),
    "sliced": Text("gesliced: vom Slicer gerechnet", "sliced: reckoned by the slicer"),
    "lay": Text("Wie legen", "How to lay it"),
    "way": Text("Vorschlag", "Proposal"),
    "height": Text("Höhe", "Height"),
    "supports": Text("Stützen", "Support"),
    "why": Text("Warum", "Why"),
    "costs": Text("Kosten je Stück bei {} Stück", "Cost per piece at {} pieces"),
    "guide-text": Text(
        "Für diese Verfahren haben wir unsere Zahlen nie an echten Aufträgen geprüft.",
        "For these processes we never checked our figures against real jobs.",
    ),
    "low": Text("günstig", "low"),
    "likely": Text("wahrscheinlich", "likely"),
    "high": Text("teuer", "high"),
    "lead": Text("Lieferzeit", "Lead time"),
    "minimum": Text("Mindestmenge", "Least order"),
    "fits": Text("Druckbar", "Printable"),
    "break-even": Text("Ab welcher Menge es sich nicht mehr lohnt", "From which quantity it no longer pays"),
    "out": Text("Nicht möglich", "Not possible"),
    "costs-note": Text(
        "Ohne Umsatzsteuer, aus allgemeinen Kostenwerten. Kein Angebot.", "Without VAT, from general cost figures. Not an offer."
    ),
    "limits-title": Text("Was nicht geprüft wurde", "What was not checked"),
    "rights": Text("Fremde Rechte", "Rights of others"),
    "method": Text("Verfahren und Quellen", "Method and sources"),
    "method-text": Text(
        "Wandstärke: Strahlen von jeder Stelle der Oberfläche ins Teil. Überhang: Winkel zur Waagerechten, so wie das Teil in der Datei liegt. "
        "Orte in mm der Datei. Zeit und Material: Schnitte durch das Teil mit den Bewegungen der Maschine.",
        "Wall thickness: rays from every place of the surface into the part. Overhang: angle from the horizontal, as the part lies in the file. "
        "Places in mm of the file. Time and material: cuts through the part with the machine's motion.",
    ),
    "limits-of": Text("Grenzwerte", "Limits of"),
    "figures-of": Text("Kostenwerte", "Cost figures"),
    "made": Text("Erstellt am", "Made on"),
    "expires": Text("Das Teil wird gelöscht am", "The part is deleted on"),
}  # fmt: skip


def words(lang: Lang) -> dict[str, str]:
    """Return the fixed words in a language."""
    return {key: text.get(lang) for key, text in _WORDS.items()}
