"""Kept lists of parts as plain values: how they were understood, how far the run is, and the ranked rows a page shows."""

from __future__ import annotations

import json
import lzma
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound
from nordlotse.office import files
from nordlotse.office.models import StoredFile
from nordlotse.print3d.core.archive import READ_ERRORS
from nordlotse.print3d.core.limits import MAX_BYTES
from nordlotse.print3d.core.packing import Packing
from nordlotse.print3d.core.parcel import unpacked
from nordlotse.print3d.models import PartList, Work
from nordlotse.print3d.queries.parts import LIST_ROOM, WorkState, work_state

#: The files of a list in the office.
PARTS, LEDGER, ROWS, PLAN = "teile.zip", "gesehen.jsonl", "zeilen.jsonl", "packung.json"
#: What a list was handed in for.
SCREEN, PACK = "screen", "pack"
#: Rows of one page of the result.
PAGE = 50
#: What came out for a part, the best first; each line of the rows begins with the first letter.
VERDICTS = ("worth", "maybe", "no", "unread")

_KEY = re.compile(r"[A-Za-z0-9]{24}")
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list of parts behind its link. `found` holds what was understood and, once the run is done, its summary.

    `work` is the newest run; `table` the name of the list handed in, "" without one; `has_files`: parts came with it.
    """

    key: str
    name: str
    lang: str
    task: str
    total: int
    done: int
    found: Mapping[str, Any]
    work: WorkState | None
    has_files: bool
    company: str
    created_at: datetime
    expires_at: datetime

    @property
    def days_left(self) -> int:
        """Return the days until it expires, begun ones whole."""
        return max(0, math.ceil((self.expires_at - timezone.now()).total_seconds() / _DAY))

    @property
    def summary(self) -> Mapping[str, Any]:
        """Return what came out of the run; empty until it is done."""
        found: Mapping[str, Any] = self.found.get("summary", {})
        return found

    @property
    def wish(self) -> Mapping[str, Any]:
        """Return what shall be packed; empty where nothing is asked for."""
        asked: Mapping[str, Any] = self.found.get("wish") or {}
        return asked

    @property
    def named(self) -> bool:
        """Tell whether the rows of its parts are there, so that some can be packed."""
        return bool(self.found.get("named") or self.summary)

    @property
    def running(self) -> bool:
        """Tell whether something waits or runs."""
        return self.work is not None and self.work.open


def unknown() -> NotFound:
    """Return the error of a link that leads to no list (any more)."""
    return NotFound(
        "no_such_list",
        de="Unter diesem Link liegt keine Teileliste.",
        en="There is no list of parts under this link.",
        where="link",
        remedy_de="Bitte prüfen Sie, ob der Link vollständig ist. Listen werden nach sieben Tagen gelöscht; laden Sie sie dann neu hoch.",
        remedy_en="See whether the link is complete. Lists are deleted after seven days; then upload it again.",
    )


def by_key(key: str) -> KeptList:
    """Return a kept list by its link.

    Raises:
        NotFound: there is none, or it has expired (`no_such_list`).
    """
    rows = PartList.objects.filter(pk=key, expires_at__gt=timezone.now()) if _KEY.fullmatch(key) else None
    row = rows.first() if rows is not None else None
    if row is None:
        raise unknown()
    newest = Work.objects.filter(part_list=row).order_by("-id").first()
    return KeptList(
        key=row.key,
        name=row.name,
        lang=row.lang,
        task=str(row.found.get("task", SCREEN)),
        total=row.total,
        done=row.done,
        found=row.found,
        work=work_state(newest) if newest else None,
        has_files=stored(key, PARTS) is not None,
        company=row.company,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def stored(key: str, name: str) -> StoredFile | None:
    """Return a list's file by its name in the office, None where it has none (yet)."""
    return StoredFile.objects.filter(room=LIST_ROOM, reference=key, name=name).order_by("-added_at", "-pk").first()


def table_of(key: str) -> StoredFile | None:
    """Return the parts list that was handed in, None without one."""
    return StoredFile.objects.filter(room=LIST_ROOM, reference=key, name__startswith="liste").first()


def result_name(lang: str, ending: str) -> str:
    """Return the name in the office of the ranked list in a language."""
    return f"ergebnis-{lang}.{ending}"


def result(key: str, lang: Lang, ending: str) -> bytes:
    """Return the ranked list as a file, made when the run ended.

    Raises:
        NotFound: there is no result (yet) (`no_list_result`).
    """
    found = stored(key, result_name(lang, ending))
    if found is None:
        raise NotFound(
            "no_list_result",
            de="Diese Liste ist noch nicht bewertet.",
            en="This list is not judged yet.",
            where="list",
            remedy_de="Bitte warten Sie, bis der Lauf fertig ist.",
            remedy_en="Wait until the run is done.",
        )
    return files.path_of(found).read_bytes()


def _lines(key: str) -> Iterator[tuple[int, str, str]]:
    """Yield rank, verdict and the row itself, unread, in their order."""
    found = stored(key, ROWS)
    if found is None:
        return
    letters = {verdict[0]: verdict for verdict in VERDICTS}
    with files.path_of(found).open(encoding="utf-8") as stream:
        for rank, line in enumerate(stream, 1):
            yield rank, letters.get(line[:1], ""), line[1:]


def rows(key: str, verdict: str, page: int) -> tuple[list[dict[str, Any]], bool]:
    """Return a page of ranked rows, of one verdict or ("") of all, and whether more follow. Only these rows are read."""
    begin = (page - 1) * PAGE
    shown: list[dict[str, Any]] = []
    seen = 0
    for rank, found, line in _lines(key):
        if verdict and found != verdict:
            continue
        seen += 1
        if seen > begin + PAGE:
            return shown, True
        if seen > begin:
            shown.append({"rank": rank, "verdict": found, **json.loads(line)})
    return shown, False


def row(key: str, rank: int) -> dict[str, Any] | None:
    """Return one ranked row, None where there is none."""
    return next(({"rank": r, "verdict": v, **json.loads(line)} for r, v, line in _lines(key) if r == rank), None)


def content(key: str, shown: str) -> bytes:
    """Return the bytes of a part of a list's files by the name its row shows. The archive was checked by the run.

    Raises:
        NotFound: it is not there (`no_such_part`).
    """
    box = stored(key, PARTS)
    try:
        if box is not None:
            with zipfile.ZipFile(files.path_of(box)) as packed:
                for info in packed.infolist():
                    if not info.is_dir() and shown_name(info.filename.replace("\\", "/").lstrip("/")) == shown:
                        with packed.open(info) as stream:
                            return stream.read(MAX_BYTES)
    except (*READ_ERRORS, lzma.LZMAError):
        pass
    raise NotFound(
        "no_such_part",
        de="Dieses Teil liegt nicht im Archiv.",
        en="This part is not in the archive.",
        where=shown[:80],
        remedy_de="Bitte wählen Sie ein Teil aus der Liste.",
        remedy_en="Choose a part from the list.",
    )


def plan(key: str) -> Packing | None:
    """Return the packing made last, None without one or where an older version made it."""
    found = stored(key, PLAN)
    if found is None:
        return None
    try:
        read = unpacked(files.path_of(found).read_bytes(), [])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError):
        return None
    return read if isinstance(read, Packing) else None


def with_files(key: str, most: int) -> tuple[list[dict[str, Any]], int]:
    """Return the first rows that have a file that could be read, and how many there are."""
    shown: list[dict[str, Any]] = []
    count = 0
    for rank, verdict, line in _lines(key):
        held = json.loads(line) if count < most else {}
        if held and (not held.get("file") or held.get("problem")):
            continue
        count += 1
        if len(shown) < most:
            shown.append({"rank": rank, "verdict": verdict, **held})
    return shown, count
