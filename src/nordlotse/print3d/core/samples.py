"""Parts of our own to try the check with: one that is sound and three with something to find. `bench/print3d/make_samples.py` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import NotFound


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample part: its id, its name and what is to be seen in it for people, its file's name."""

    id: str
    name: Text
    shows: Text
    file: str


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "bracket",
        Text("Wandwinkel", "Angle bracket"),
        Text("Ein Teil ohne Fehler (STL).", "A part without flaws (STL)."),
        "bracket.stl",
    ),
    Sample(
        "holder",
        Text("Kabelhalter", "Cable holder"),
        Text("Eine Wand ist zu dünn, eine Fläche hängt über (STL).", "A wall is too thin, a face hangs over (STL)."),
        "holder.stl",
    ),
    Sample(
        "knob",
        Text("Hohler Knauf", "Hollow knob"),
        Text("Im Inneren bleiben Pulver und Harz gefangen (3MF).", "Powder and resin stay trapped inside (3MF)."),
        "knob.3mf",
    ),
    Sample(
        "flange",
        Text("Flansch", "Flange"),
        Text("Ein Drehteil aus dem CAD-Programm (STEP).", "A turned part from a CAD program (STEP)."),
        "flange.step",
    ),
)


def sample(name: str) -> Sample:
    """Return the sample part with an id.

    Raises:
        NotFound: `no_such_sample`, with the ids there are.
    """
    found = next((one for one in SAMPLES if one.id == name), None)
    if found is None:
        known = ", ".join(one.id for one in SAMPLES)
        raise NotFound(
            "no_such_sample",
            de=f"Es gibt kein Beispielteil „{name[:60]}“.",
            en=f"There is no sample part “{name[:60]}”.",
            remedy_de=f"Wählen Sie: {known}.",
            remedy_en=f"Choose: {known}.",
        )
    return found


def sample_bytes(name: str) -> bytes:
    """Return the file of the sample part with an id.

    Raises:
        NotFound: as `sample`.
    """
    return files("nordlotse.print3d.core.data").joinpath("samples", sample(name).file).read_bytes()
