"""Why a file is refused: what is broken, where, what to do. Every reader of the room refuses by these."""

from __future__ import annotations

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d.core.limits import MAX_TRIANGLES

_ANEW_DE = "Bitte die Datei im CAD-Programm noch einmal ausgeben."
_ANEW_EN = "Export the file from the CAD program again."


def broken(code: str, de: str, en: str, where: str, remedy_de: str = _ANEW_DE, remedy_en: str = _ANEW_EN) -> BadInput:
    """Return the refusal of a damaged file; without a remedy of its own the person exports it anew."""
    return BadInput(code, de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def large(code: str, de: str, en: str, where: str) -> TooLarge:
    """Return the refusal of a file beyond a limit."""
    return TooLarge(
        code,
        de=de,
        en=en,
        where=where,
        remedy_de="Bitte gröber vernetzen oder die Teile einzeln hochladen.",
        remedy_en="Mesh it more coarsely or upload the parts one by one.",
    )


def too_many_triangles(count: int, where: str) -> TooLarge:
    """Return the refusal of a mesh with too many triangles."""
    return large(
        "too_many_triangles",
        f"Die Datei hat {count} Dreiecke; erlaubt sind {MAX_TRIANGLES}.",
        f"The file has {count} triangles; {MAX_TRIANGLES} are allowed.",
        where,
    )


def no_triangles(where: str) -> BadInput:
    """Return the refusal of a file without a surface."""
    return broken(
        "no_triangles",
        "Die Datei enthält kein Dreieck und damit keinen Körper.",
        "The file holds no triangle, so there is no body.",
        where,
        "Bitte den Körper selbst ausgeben, nicht nur Punkte, Linien oder ein Gitterwerk aus Stäben.",
        "Export the body itself, not only points, lines or a lattice of beams.",
    )


def not_a_number(where: str) -> BadInput:
    """Return the refusal of a coordinate that is not finite."""
    return broken(
        "not_finite",
        "Eine Koordinate ist keine endliche Zahl.",
        "A coordinate is not a finite number.",
        where,
    )


def truncated(de: str, en: str, where: str) -> BadInput:
    """Return the refusal of a file that ends too early."""
    return broken(
        "file_truncated",
        f"Die Datei bricht ab: {de}",
        f"The file ends too early: {en}",
        where,
        "Bitte noch einmal hochladen oder neu ausgeben; die Übertragung brach wohl ab.",
        "Upload it again or export it anew; the transfer probably broke off.",
    )


def bad_index(where: str) -> BadInput:
    """Return the refusal of a face that names a vertex that is not there."""
    return broken(
        "bad_index",
        "Ein Dreieck nennt einen Eckpunkt, den es nicht gibt.",
        "A triangle names a vertex that does not exist.",
        where,
    )
