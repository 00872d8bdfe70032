"""Needs and experts for the tests: drawn by hypothesis, or a few with names."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from nordlotse.network.core import Expert, Need

TEXTS = (
    "Ich rüste alte Maschinen mit Sensoren nach und lese Steuerungen über OPC UA aus.",
    "Datenschutz und Verträge. Technik mache ich nicht.",
    "3D-Druck in Kunststoff, Vorrichtungen und Ersatzteile.",
    "Energieberatung, Lastgänge, Druckluft.",
    "I forecast demand and clean spreadsheets.",
    "",
)
ASKED = (
    "Unsere alte Fräsmaschine hat keine Schnittstelle, wir möchten die Laufzeiten sehen.",
    "Die Stromrechnung hat sich verdoppelt.",
    "Ein Gehäuse aus Kunststoff bricht ständig.",
    "How much should we order next month?",
    "",
)
STATES = ("HH", "SH", "MV")
DISTRICTS = ("02105", "01054", "13004", "")
COMPANIES = ("k1", "k2")
PARTNERS = ("q1", "q2")
IDS = ("e0", "e1", "e2", "e3", "e4", "e5")


def _vectors(seed: int | None) -> np.ndarray | None:
    if seed is None:
        return None
    drawn = np.random.default_rng(seed).standard_normal((1 + seed % 3, 8)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


_SETS = st.frozensets

experts = st.lists(
    st.builds(
        Expert,
        id=st.sampled_from(IDS),
        partner=st.sampled_from(PARTNERS),
        state=st.sampled_from(STATES),
        district=st.sampled_from(DISTRICTS),
        languages=_SETS(st.sampled_from(["de", "en"]), min_size=1),
        states=_SETS(st.sampled_from(STATES), max_size=2),
        capacity=st.integers(1, 3),
        capacity_left=st.integers(0, 3),
        on_leave=st.sampled_from([False, False, False, True]),
        neutral=st.booleans(),
        conflicts=_SETS(st.sampled_from(COMPANIES), max_size=1),
        tags=_SETS(st.sampled_from(["retrofit", "energy", "privacy", "own-tag"]), max_size=2),
        text=st.sampled_from(TEXTS),
        vectors=st.one_of(st.none(), st.integers(0, 20)).map(_vectors),
    ),
    max_size=6,
    unique_by=lambda e: e.id,
)

needs = st.lists(
    st.builds(
        Need,
        id=st.sampled_from([f"n{i}" for i in range(8)]),
        state=st.sampled_from([*STATES, ""]),
        district=st.sampled_from(DISTRICTS),
        language=st.sampled_from(["de", "de", "en"]),
        company=st.sampled_from([*COMPANIES, ""]),
        needs_neutral=st.booleans(),
        excluded=_SETS(st.sampled_from(IDS), max_size=2),
        excluded_partners=_SETS(st.sampled_from(PARTNERS), max_size=1),
        tags=_SETS(st.sampled_from(["retrofit", "energy", "own-tag"]), max_size=1),
        text=st.sampled_from(ASKED),
        vectors=st.one_of(st.none(), st.integers(0, 20)).map(_vectors),
    ),
    max_size=8,
    unique_by=lambda n: n.id,
)


def may_take(need: Need, expert: Expert) -> bool:
    """The hard limits, said once more in plain words, for comparison."""
    return (
        expert.id not in need.excluded
        and not (need.company and need.company in expert.conflicts)
        and expert.partner not in need.excluded_partners
        and (expert.neutral or not need.needs_neutral)
        and need.language in expert.languages
        and (not expert.states or need.state in expert.states)
        and not expert.on_leave
        and expert.capacity_left > 0
    )
