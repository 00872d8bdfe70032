"""Record files become checked, frozen records; a broken one is named with file, line and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from nordlotse.foundation.language import LANGS, Text
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.records.fields import Fields, broken, read_yaml
from nordlotse.foundation.records.model import (
    FACT_STATUSES,
    JURISDICTIONS,
    LAW_STATUSES,
    PROGRAMME_STATUSES,
    PURPOSES,
    SECTORS,
    TOPICS,
    UNITS,
    Amount,
    BackgroundRecord,
    Contradiction,
    FundingRecord,
    LawRecord,
    Office,
    Record,
    SizeLimits,
    StandardRecord,
    Statement,
    Unit,
)
from nordlotse.foundation.records.sentences import placeholders, words
from nordlotse.foundation.source import Source

DATA = Path(__file__).parent
FOLDERS = ("law", "standards", "funding", "background")
BASES = ("read", "noted")
_RESERVED = frozenset({"start", "since", "Since", "end", "name", "number", "subject", "checked"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder of records gave: the usable ones by id, and why the others were refused."""

    records: Mapping[str, Record]
    problems: tuple[BadInput, ...]


def read_records(folder: Path = DATA) -> Loaded:
    """Read all records below `folder`, leaving out and reporting the broken ones.

    The folders are law, standards, funding and background, one file per record; `sources.yaml` lists the sources.
    Parsing takes a fifth of a second, so it is done again only when a file has changed.
    """
    states = ((path, path.stat()) for path in sorted(folder.rglob("*.yaml")))
    return _read(folder, tuple((str(path), state.st_mtime_ns, state.st_size) for path, state in states))


@lru_cache(maxsize=2)
def _read(folder: Path, files: tuple[tuple[str, int, int], ...]) -> Loaded:
    problems: list[BadInput] = []
    sources = _read_sources(folder, problems)
    found: dict[str, Record] = {}
    for kind, path in _files(folder):
        place = path.relative_to(folder).as_posix()
        try:
            record = _record(read_yaml(_text(path, place), place), kind, place, sources)
            if record.id in found:
                raise broken(place, f"Die Kennung „{record.id}“ gibt es schon.", f"The id “{record.id}” is taken.")
            found[record.id] = record
        except BadInput as problem:
            problems.append(problem)
    problems.extend(_unknown_alternatives(found.values(), found))
    return Loaded(MappingProxyType(dict(sorted(found.items()))), tuple(problems))


@cache
def load_records() -> Mapping[str, Record]:
    """Return the shipped records by id; read once.

    Raises:
        BadInput: a shipped record is broken. `read_records` leaves it out and reports it instead.
    """
    loaded = read_records()
    if loaded.problems:
        raise loaded.problems[0]
    return loaded.records


def record(key: str) -> Record:
    """Return the shipped record with the id `key`.

    Raises:
        NotFound: there is none.
    """
    try:
        return load_records()[key]
    except KeyError:
        raise NotFound(
            "record_unknown",
            de=f"Den Datensatz „{key[:60]}“ gibt es nicht.",
            en=f"There is no record “{key[:60]}”.",
            where=key[:60],
            remedy_de="Bitte die Kennung prüfen.",
            remedy_en="Check the id.",
        ) from None


def programmes(records: Mapping[str, Record] | None = None) -> tuple[FundingRecord, ...]:
    """Return the programmes among the records (the shipped ones by default), by id."""
    chosen = load_records() if records is None else records
    return tuple(r for r in chosen.values() if isinstance(r, FundingRecord))


def stale(on: date, records: Mapping[str, Record] | None = None) -> tuple[Record, ...]:
    """Return the records whose review date has passed on a day, the longest overdue first."""
    chosen = load_records() if records is None else records
    return tuple(sorted((r for r in chosen.values() if on > r.review_by), key=lambda r: (r.review_by, r.id)))


def unverified(records: Mapping[str, Record] | None = None) -> tuple[Record, ...]:
    """Return the records that are silent because no source supports them."""
    chosen = load_records() if records is None else records
    return tuple(r for r in chosen.values() if not r.speaks)


def _files(folder: Path) -> Iterable[tuple[str, Path]]:
    for kind in FOLDERS:
        for path in sorted((folder / kind).glob("*.yaml")):
            yield kind, path


def _text(path: Path, place: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise broken(place, "Die Datei ist nicht lesbar (UTF-8).", "The file cannot be read (UTF-8).") from error


def _read_sources(folder: Path, problems: list[BadInput]) -> dict[str, Source]:
    place = "sources.yaml"
    try:
        listed = read_yaml(_text(folder / place, place), place)
    except BadInput as problem:
        problems.append(problem)
        return {}
    found: dict[str, Source] = {}
    for fields in listed.mappings("sources"):
        try:
            source = _source(fields)
            if source.id in found:
                raise fields.wrong("id", f"„{source.id}“ gibt es schon.", f"“{source.id}” is taken.")
            found[source.id] = source
        except BadInput as problem:
            problems.append(problem)
    return found


def _source(fields: Fields) -> Source:
    source = Source(
        id=fields.string("id", needed=True),
        title=fields.string("title", needed=True),
        publisher=fields.string("publisher", needed=True),
        year=fields.whole("year"),
        url=fields.string("url", needed=True),
        checked_on=fields.needed_day("checked_on"),
        basis=fields.choice("basis", BASES),
    )
    fields.done()
    if not source.url.startswith(("https://", "http://")):
        raise fields.wrong("url", "muss mit http:// oder https:// beginnen.", "must start with http:// or https://.")
    return source


def _record(fields: Fields, kind: str, place: str, sources: Mapping[str, Source]) -> Record:
    common = _common(fields, sources)
    made: Record
    if kind == "funding":
        made = FundingRecord(**common, **_programme(fields))
    else:
        variant = {"law": LawRecord, "standards": StandardRecord, "background": BackgroundRecord}[kind]
        made = variant(**common, status=cast(Any, fields.choice("status", LAW_STATUSES)))
    fields.done()
    _check(made, fields, place)
    return made


def _common(fields: Fields, sources: Mapping[str, Source]) -> dict[str, Any]:
    questions = Fields(fields.mapping("questions"), fields.where("questions"))
    return {
        "id": fields.string("id", needed=True),
        "topic": fields.choice("topic", TOPICS),
        "subject": fields.text("subject", needed=True),
        "name": fields.text("name", needed=True),
        "number": fields.string("number"),
        "who": fields.text("who"),
        "exemption": fields.text("exemption"),
        "jurisdiction": fields.choice("jurisdiction", JURISDICTIONS),
        "valid_from": fields.day("valid_from"),
        "valid_until": fields.day("valid_until"),
        "size": _size(Fields(fields.mapping("size"), fields.where("size"))),
        "amounts": _amounts(fields),
        "dates": _dates(fields),
        "statements": tuple(_statement(item) for item in fields.mappings("statements")),
        "contradictions": tuple(_contradiction(item) for item in fields.mappings("contradictions")),
        "fact_status": fields.choice("fact_status", FACT_STATUSES),
        "sources": _cited(fields, sources),
        "checked_on": fields.needed_day("checked_on"),
        "review_by": fields.needed_day("review_by"),
        "questions_de": questions.strings("de"),
        "questions_en": questions.strings("en"),
        "aliases": fields.strings("aliases"),
        "common_error": fields.text("common_error"),
    }


def _programme(fields: Fields) -> dict[str, Any]:
    return {
        "status": fields.choice("status", PROGRAMME_STATUSES),
        "purposes": fields.choices("purposes", PURPOSES),
        "sectors": fields.choices("sectors", SECTORS),
        "excluded_sectors": fields.choices("excluded_sectors", SECTORS),
        "rate_percent": fields.figure("rate_percent"),
        "medium_rate_percent": fields.figure("medium_rate_percent"),
        "large_rate_percent": fields.figure("large_rate_percent"),
        "large_cap_eur": fields.whole("large_cap_eur"),
        "cap_eur": fields.whole("cap_eur"),
        "minimum_eur": fields.whole("minimum_eur"),
        "regional_rates": _regional(fields),
        "free": bool(fields.flag("free")),
        "apply_before_start": fields.flag("apply_before_start"),
        "de_minimis": fields.flag("de_minimis"),
        "combinable": fields.text("combinable"),
        "office": _office(Fields(fields.mapping("office"), fields.where("office"))),
        "alternatives": fields.strings("alternatives"),
        "states": fields.choices("states", ("HH", "SH", "MV")),
        "unknown_after": fields.day("unknown_after"),
    }


def _size(fields: Fields) -> SizeLimits:
    size = SizeLimits(
        employees_min=fields.whole("employees_min"),
        employees_max=fields.whole("employees_max"),
        turnover_min_eur=fields.whole("turnover_min_eur"),
        turnover_max_eur=fields.whole("turnover_max_eur"),
        turnover_or_balance=bool(fields.flag("turnover_or_balance")),
        employees_sure=fields.whole("employees_sure"),
    )
    fields.done()
    return size


def _amounts(fields: Fields) -> tuple[Amount, ...]:
    found = []
    for item in fields.mappings("amounts"):
        value = item.figure("value")
        if value is None:
            raise item.wrong("value", "fehlt.", "is missing.")
        unit = cast(Unit, item.choice("unit", UNITS))
        found.append(Amount(item.string("name", needed=True), value, unit, item.text("what", needed=True)))
        item.done()
    return tuple(found)


def _dates(fields: Fields) -> tuple[tuple[str, date], ...]:
    inner = Fields(fields.mapping("dates"), fields.where("dates"))
    return tuple((name, inner.needed_day(name)) for name in fields.mapping("dates"))


def _statement(fields: Fields) -> Statement:
    made = Statement(
        text=Text(fields.string("de", needed=True), fields.string("en", needed=True)),
        states=fields.choices("states", (*LAW_STATUSES, *PROGRAMME_STATUSES)),
        from_day=fields.day("from_day"),
        until_day=fields.day("until_day"),
        sources=fields.strings("sources"),
    )
    fields.done()
    return made


def _contradiction(fields: Fields) -> Contradiction:
    made = Contradiction(
        Text(fields.string("de", needed=True), fields.string("en", needed=True)), fields.string("source", needed=True)
    )
    fields.done()
    return made


def _regional(fields: Fields) -> tuple[tuple[str, float, int], ...]:
    found = []
    for item in fields.mappings("regional_rates"):
        rate, cap = item.figure("rate_percent"), item.whole("cap_eur")
        if rate is None or cap is None:
            raise item.wrong("rate_percent", "Satz und Höchstbetrag fehlen.", "Rate and cap are missing.")
        found.append((item.choice("state", ("HH", "SH", "MV")), float(rate), cap))
        item.done()
    return tuple(found)


def _office(fields: Fields) -> Office:
    office = Office(
        name=fields.text("name", needed=True),
        at=fields.text("at", needed=True),
        url=fields.string("url", needed=True),
        phone=fields.string("phone"),
    )
    fields.done()
    return office


def _cited(fields: Fields, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    found: list[Source] = []
    for item in fields.mappings("sources"):
        key, passage = item.string("id", needed=True), item.string("passage", needed=True)
        item.done()
        if key not in sources:
            raise item.wrong("id", f"Quelle „{key}“ fehlt in sources.yaml.", f"source “{key}” is not in sources.yaml.")
        listed = sources[key]
        found.append(
            Source(
                listed.id,
                listed.title,
                listed.publisher,
                listed.year,
                listed.url,
                listed.checked_on,
                passage,
                listed.basis,
            )
        )
    return tuple(found)


def _check(made: Record, fields: Fields, place: str) -> None:
    """Check what only the whole record shows: sources, dates in order, placeholders, the file's name."""
    if Path(place).stem != made.id:
        raise fields.wrong("id", f"passt nicht zur Datei {place}.", f"does not match the file {place}.")
    if made.fact_status != "unverified" and not made.sources:
        raise fields.wrong(
            "sources", "fehlt: ohne Quelle nur „unverified“.", "is missing: without one only “unverified”."
        )
    if made.valid_from and made.valid_until and made.valid_until < made.valid_from:
        raise fields.wrong("valid_until", "liegt vor „valid_from“.", "is before “valid_from”.")
    if made.review_by < made.checked_on:
        raise fields.wrong("review_by", "liegt vor „checked_on“.", "is before “checked_on”.")
    names = [a.name for a in made.amounts] + [name for name, _ in made.dates]
    if len(set(names)) != len(names) or _RESERVED.intersection(names):
        raise fields.wrong("amounts", "Ein Name ist doppelt oder vergeben.", "A name is used twice or reserved.")
    own = {s.id for s in made.sources}
    cited = {key for s in made.statements for key in s.sources} | {c.source for c in made.contradictions}
    if not cited <= own:
        raise fields.wrong("statements", "nennt eine fremde Quelle.", "cites a source the record does not list.")
    for lang in LANGS:
        known = words(made, lang, made.checked_on)
        texts = [s.text.get(lang) for s in made.statements] + [c.text.get(lang) for c in made.contradictions]
        for name in (n for text in texts for n in placeholders(text)):
            if name not in known:
                raise fields.wrong(
                    "statements", f"Platzhalter „{name}“ ist unbekannt.", f"placeholder “{name}” is unknown."
                )


def _unknown_alternatives(records: Iterable[Record], known: Mapping[str, Record]) -> Iterable[BadInput]:
    for made in records:
        if isinstance(made, FundingRecord):
            for key in made.alternatives:
                if not isinstance(known.get(key), FundingRecord):
                    yield broken(
                        f"funding/{made.id}.yaml alternatives",
                        f"Die Alternative „{key}“ gibt es nicht.",
                        f"The alternative “{key}” does not exist.",
                    )
