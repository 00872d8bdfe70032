"""The six pictures that stand in place of the turning part without JavaScript: the true colours, the true marks, and words for them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from django.urls import reverse
from numpy.typing import NDArray
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.print3d.core import samples
from nordlotse.print3d.core.seeing import VIEWS, Seen, View, colour_of, drawn, limit_of, numbered
from nordlotse.print3d.core.seeing.marks import marked_pieces
from tests.browser import print3d_pages as parts
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Real parts beside our sample, where the shared folder is there.
REAL = ("prusa_y-motor-holder.stl", "trimesh_featuretype.STEP")
#: What is drawn shines by one factor for all three channels; strokes over overhangs and edges are left out.
DARKEST, ROUNDED = 0.55, 3.0


def part_file(request: pytest.FixtureRequest, name: str) -> Path:
    """Return the file of a sample part, or of a real one where there is the shared folder."""
    if name in REAL:
        folder: Path = request.getfixturevalue("shared")
        return folder / "print3d" / "parts" / name
    return Path(samples.__file__).parent / "data" / "samples" / samples.sample(name).file


def pictures(visit: Visitor, key: str, lang: Lang = "de", width: int = 1200) -> tuple[list[bytes], list[str], bool]:
    """Return the six pictures as sent to a browser without JavaScript, their words, and whether the page shows them and nothing else."""

    def look(page: Page) -> tuple[list[bytes], list[str], bool]:
        page.goto(reverse(f"{lang}:print3d_part", args=[key]))
        shown = page.locator(".viewer__pictures img")
        found, said = [], []
        for image in shown.all():
            image.scroll_into_view_if_needed()
            answer = page.request.get(str(image.get_attribute("src")))
            assert answer.headers["content-type"] == "image/png"
            found.append(answer.body())
            said.append(str(image.get_attribute("alt")))
            box = image.bounding_box()
            assert box
            assert box["x"] + box["width"] <= width
        return found, said, page.locator(".viewer__canvas").is_hidden() and shown.count() == 6

    return visit(look, script=False, width=width)


def decoded(visit: Visitor, pngs: list[bytes]) -> list[parts.Pixels]:
    """Return the pixels of pictures; a browser reads them, as it shows them."""

    def read(page: Page) -> list[parts.Pixels]:
        page.goto("/druck/")
        return [parts.pixels(page, png) for png in pngs]

    return visit(read)


@pytest.mark.parametrize("name", ["holder", "knob", *REAL])
def test_the_pictures_show_the_thickness_and_the_marks_the_core_found(
    visit: Visitor, request: pytest.FixtureRequest, name: str
) -> None:
    file = part_file(request, name)
    key = parts.taken(file.read_bytes(), file.name)
    checked, seen = parts.looked_at(file)
    limit = limit_of("")
    own = {one.number: one.finding for one in numbered(checked.findings)}
    pngs, _, alone = pictures(visit, key)
    assert alone
    marked: set[int] = set()
    compared = 0
    chosen = np.random.default_rng(7)
    computed = drawn(seen, checked)
    for view, png, shown in zip(VIEWS, pngs, decoded(visit, pngs), strict=True):
        there = computed[view]
        assert shown.shape == (480, 640, 3)
        # colours at places that a ray of the core hits, away from strokes: the colour of that triangle's thickness in some light
        rows, columns = np.nonzero(there.piece >= 0)
        for at in chosen.permutation(len(rows))[:60].tolist():
            pixel = shown[rows[at], columns[at]]
            if not is_even(shown, rows[at], columns[at]):
                continue
            colour = np.array(colour_of(float(seen.wall[there.piece[rows[at], columns[at]]]), limit))
            light = float(pixel @ colour / (colour @ colour))
            if np.abs(pixel - light * colour).max() <= ROUNDED:
                assert DARKEST <= light <= 1.02
                compared += 1
        # marks that are seen stand within 1 mm of the finding's place in this view, or on a triangle it marks
        for pin in there.pins:
            marked.add(pin.number)
            if pin.seen:
                finding = own[pin.number]
                column, row = (round(value) for value in pin.at)
                around = there.piece[row - 1 : row + 2, column - 1 : column + 2]
                off = np.linalg.norm(np.array(pin.at) - seen_at(there, seen, finding.where)) / there.scale
                assert off <= 1.0 or np.isin(around, marked_pieces(seen, finding)).any(), (view, finding.code, off)
                assert shown[row, column].mean() < 90, "no dot is drawn at the place"
        assert png.startswith(b"\x89PNG")
    assert compared >= 20
    assert marked == set(list(own)[:24])


def is_even(shown: parts.Pixels, row: int, column: int) -> bool:
    """Tell whether the picture is of one colour around a pixel."""
    around = shown[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].reshape(-1, 3)
    return bool(np.ptp(around.astype(int), axis=0).max() <= 2)


def seen_at(view: View, seen: Seen, where: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return the pixel (x, y) at which a place is seen, found from which triangles the picture shows where."""
    right, up, _ = (np.array(way) for way in VIEWS[view.name])
    rows, columns = np.nonzero(view.piece >= 0)
    centres = seen.vertices[seen.faces[view.piece[rows, columns]]].mean(axis=1)
    x = np.median(columns - view.scale * (centres @ right))
    y = np.median(rows + view.scale * (centres @ up))
    return np.array([x + view.scale * (right @ where), y - view.scale * (up @ where)])


@pytest.mark.parametrize("lang", ["de", "en"])
def test_each_picture_is_put_into_words_with_the_numbers_of_its_marks(visit: Visitor, lang: Lang) -> None:
    key = parts.sample("holder", lang)
    file = Path(samples.__file__).parent / "data" / "samples" / samples.sample("holder").file
    checked, seen = parts.looked_at(file)
    pngs, said, _ = pictures(visit, key, lang, width=390)
    assert len(set(said)) == 6
    assert len(set(pngs)) == 6
    for view, words in zip(drawn(seen, checked).values(), said, strict=True):
        numbers = {int(number) for number in re.findall(r"\b\d+\b", words)}
        assert {pin.number for pin in view.pins} <= numbers, words


def test_the_pictures_differ_where_the_part_is_another_one(visit: Visitor) -> None:
    one, _, _ = pictures(visit, parts.sample("holder"))
    other, _, _ = pictures(visit, parts.sample("bracket"))
    shown = decoded(visit, [*one, *other])
    assert all(parts.differing(a, b) > 0.02 for a, b in zip(shown[:6], shown[6:], strict=True))
