"""Dated records: law, standards, programmes and background facts, with source, review date and generated sentences.

The data are the YAML files beside this module, one per record; figures and days stand there once and are placed into
the sentences. `load_records` gives them by id, `sentences` and `warnings` what may be shown on a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from nordlotse.foundation.records.figures import day, euros, number
from nordlotse.foundation.records.load import (
    Loaded,
    load_records,
    programmes,
    read_records,
    record,
    stale,
    unverified,
)
from nordlotse.foundation.records.model import (
    PURPOSES,
    SECTORS,
    Amount,
    BackgroundRecord,
    Contradiction,
    FundingRecord,
    LawRecord,
    Office,
    Purpose,
    Record,
    Sector,
    Sentence,
    SizeLimits,
    StandardRecord,
    Statement,
)
from nordlotse.foundation.records.sentences import sentences as _sentences
from nordlotse.foundation.records.sentences import state_on, warnings

__all__ = [
    "PURPOSES",
    "SECTORS",
    "Amount",
    "BackgroundRecord",
    "Contradiction",
    "FundingRecord",
    "LawRecord",
    "Loaded",
    "Office",
    "Purpose",
    "Record",
    "Sector",
    "Sentence",
    "SizeLimits",
    "StandardRecord",
    "Statement",
    "day",
    "euros",
    "load_records",
    "number",
    "programmes",
    "read_records",
    "record",
    "sentences",
    "stale",
    "state_on",
    "unverified",
    "warnings",
]


def sentences(made: Record, lang: str, on: date, others: Mapping[str, Record] | None = None) -> tuple[Sentence, ...]:
    """Return the one to four sentences of a record in a language, as they are true on the day `on`.

    An unverified record returns nothing. `others` (the shipped records by default) gives the names of alternatives.
    """
    return _sentences(made, lang, on, load_records() if others is None else others)
