"""The files of many parts and the rows of a list find each other: each pair is a job, and what is left over stands alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import NotFound, TooLarge
from nordlotse.print3d.core.archive import ENDINGS, Container, parts_of
from nordlotse.print3d.core.limits import MAX_BYTES
from nordlotse.print3d.core.partlist import MOST, Item, PartList

#: Shortest part number by which a file named "4711_bracket_B.stl" is found.
_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Job:
    """One part to judge: its row of the list, and how to get its file's bytes, if it has one."""

    item: Item
    file: str = ""
    content: Callable[[], bytes] | None = None


def jobs_in_zip(data: bytes, name: str, given: PartList | None = None) -> list[Job]:
    """Return the parts of a ZIP, with their rows of the list.

    Raises:
        BadInput, TooLarge: as `archive.parts_of`.
    """
    box = Container(data, name)
    found = {part.path: _reader(box, part.path) for part in parts_of(data, name)}
    return jobs(found, given)


def _reader(box: Container, path: str) -> Callable[[], bytes]:
    return lambda: box.read(path)


def jobs_in_folder(folder: Path, given: PartList | None = None) -> list[Job]:
    """Return the parts below a folder, with their rows of the list; links and hidden files are passed over.

    Raises:
        NotFound: `folder_unknown`.
        TooLarge: `too_many_parts`.
    """
    if not folder.is_dir():
        raise NotFound(
            "folder_unknown",
            de="Diesen Ordner gibt es nicht.",
            en="There is no such folder.",
            where=shown_name(folder.name),
            remedy_de="Bitte den Pfad prüfen.",
            remedy_en="Check the path.",
        )
    found: dict[str, Callable[[], bytes]] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.name.lower().endswith(ENDINGS) and path.is_file() and not path.is_symlink() and not hidden:
            found[inside.as_posix()] = _bounded(path)
        if len(found) > MOST:
            raise _too_many()
    return jobs(found, given)


def _bounded(path: Path) -> Callable[[], bytes]:
    def content() -> bytes:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)  # the reader refuses what is larger

    return content


def _too_many() -> TooLarge:
    return TooLarge(
        "too_many_parts",
        de=f"Mehr als {MOST} Teile werden nicht auf einmal bewertet.",
        en=f"No more than {MOST} parts are judged at once.",
        remedy_de="Bitte teilen Sie den Ordner oder die Liste.",
        remedy_en="Split the folder or the list.",
    )


def jobs(files: Mapping[str, Callable[[], bytes]], given: PartList | None = None) -> list[Job]:
    """Return files and rows brought together: by the file a row names, else by the part's name; what is left over stands alone.

    Raises:
        TooLarge: `too_many_parts`.
    """
    whole, begins = _names(files)
    found, used = [], set()
    for item in given.items if given is not None else ():
        asked = [item.file] if item.file else [item.number, item.part]
        words = [word.replace("\\", "/").casefold() for word in asked if word]
        named = next((held[word] for held in (whole, begins) for word in words if word in held), [])
        if len(named) == 1:
            used.add(named[0])
            found.append(Job(item, shown_name(named[0]), files[named[0]]))
        else:
            found.append(Job(_without_file(item, named)))
    alone = [path for path in files if path not in used]
    found += [Job(Item(0, PurePosixPath(path).stem), shown_name(path), files[path]) for path in alone]
    if len(found) > MOST:
        raise _too_many()
    return found


def _names(files: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the files by their whole names, and by the part number their names begin with."""
    whole: dict[str, list[str]] = {}
    begins: dict[str, list[str]] = {}
    for path in files:
        pure = PurePosixPath(path)
        stem = pure.stem.casefold()
        for name in {path.casefold(), pure.name.casefold(), stem}:
            whole.setdefault(name, []).append(path)
        first = re.split(r"[_ .]|-(?=[a-z])", stem, maxsplit=1)[0]
        if len(first) >= _NUMBER and any(c.isdigit() for c in first) and first != stem:
            begins.setdefault(first, []).append(path)
    return whole, begins


def _without_file(item: Item, named: Sequence[str]) -> Item:
    """Return a row that has no file of its own: judged by its sizes if no file is named, else told why not."""
    if item.problem.de or not (named or item.file) or (item.size and not named):
        return item
    if named:
        several = ", ".join(shown_name(path) for path in named[:3])
        problem = Text(f"Mehrere Dateien passen: {several}.", f"Several files match: {several}.")
    else:
        problem = Text(f"Die Datei „{item.file}“ fehlt.", f"The file “{item.file}” is missing.")
    return replace(item, problem=problem)
