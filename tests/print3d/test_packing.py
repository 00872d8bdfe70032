"""The page on which several parts are packed into one chamber."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from nordlotse.print3d import tasks
from nordlotse.print3d.actions import lists as actions
from nordlotse.print3d.core import amounts, chamber
from nordlotse.print3d.models import Work
from nordlotse.print3d.queries import lists
from tests.print3d import handed_in
from tests.print3d.test_lists import HEAD, box, take, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lists_lane() -> Iterator[tasks.Lane]:
    """A lane for lists, with one child for all tests here."""
    made = tasks.Lane(tasks.LISTS)
    yield made
    made.close()


def _handed_in(lane: tasks.Lane, client: Client) -> str:
    """Hand two parts in on the page and let the lane look; return the address of the counts."""
    answer = client.post("/druck/packen/", {"uploads": box(platte_stl=handed_in.plate(), klein_stl=handed_in.small())})
    assert answer.status_code == 302
    assert lane.run_one()
    return str(answer["Location"])


def _ranks(page: str) -> list[str]:
    return re.findall(r'name="(n\.\d+)"', page)


def test_parts_are_handed_in_counted_and_packed(lists_lane: tasks.Lane, client: Client) -> None:
    address = _handed_in(lists_lane, client)
    page = client.get(address).content.decode()
    names = _ranks(page)
    assert len(names) == 2
    asked = client.post(address, {"process": "sls", names[0]: "3", names[1]: "4"})
    assert asked.status_code == 302
    assert "Wir packen Ihre Teile" in text_of(client, address)
    assert lists_lane.run_one()
    words = text_of(client, address)
    assert re.search(r"7 Stück in 1 Kammer, der gefüllte Raum zu [\d,]+ % genutzt", words)
    assert "Richtwert, nicht gemessen" in words
    assert "eine Lage" in words
    made = lists.plan(address.split("=")[1])
    assert made is not None
    total = amounts.about(sum(part.here * part.count for part in made.parts), "de")
    assert f"Alle 7 Stück zusammen kosten etwa {total}." in words
    assert f"gefüllt bis {max(made.heights):.0f} von 600 mm" in words  # below the drawing as in the sentence above it
    assert f"Zwischen den Teilen bleiben {made.gap:.0f} mm frei" in words
    assert "rechnet mit einer solchen geteilten Kammer" in words
    first = chamber.drawn_from(max(made.parts, key=lambda part: (part.count, part.volume)))[0]
    assert (f"Das Bild beginnt bei {first} Stück" in words) == (first > 1)
    english = text_of(client, f"/en{address}")
    assert "All 7 pieces together cost about" in english
    assert "reckons with such a shared chamber" in english
    page = client.get(address).content.decode()
    assert page.count('class="chamber"') == 2
    assert 'class="saw"' in page
    assert f'name="{names[0]}" type="number" inputmode="numeric" min="0" max="200" value="3"' in page


def test_the_saw_is_shown_for_the_part_one_asks_for(lists_lane: tasks.Lane, client: Client) -> None:
    address = _handed_in(lists_lane, client)
    names = _ranks(client.get(address).content.decode())
    client.post(address, {"process": "mjf", names[0]: "1", names[1]: "1"})
    assert lists_lane.run_one()
    made = lists.plan(address.split("=")[1])
    assert made is not None
    for number, part in enumerate(made.parts, 1):
        assert f"{part.name}: wie die Kosten mit der Stückzahl fallen" in text_of(client, f"{address}&teil={number}")
    for odd in ("0", "99", "x", "-1"):
        assert client.get(f"{address}&teil={odd}").status_code == 200


@pytest.mark.parametrize(
    ("counts", "process", "said"),
    [
        ("0", "sls", "Kein Teil ist gewählt."),
        ("201", "sls", "höchstens 200 Stück"),
        ("1", "fdm", "nur für SLS und MJF"),
    ],
)
def test_counts_that_cannot_be_are_told_and_stay_in_the_form(
    counts: str, process: str, said: str, lists_lane: tasks.Lane, client: Client
) -> None:
    address = _handed_in(lists_lane, client)
    name = _ranks(client.get(address).content.decode())[0]
    answer = client.post(address, {"process": process, name: counts})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f'value="{counts}"' in answer.content.decode()
    assert Work.objects.count() == 1


def test_a_judged_list_offers_its_parts_and_keeps_its_result(lists_lane: tasks.Lane, client: Client) -> None:
    key = take(box(platte_stl=handed_in.plate()), table=HEAD + "Platte;platte.stl;60,00;40;20\n")
    assert lists_lane.run_one()
    address = f"/druck/packen/?liste={key}"
    assert "Platte" in text_of(client, address)
    assert client.post(address, {"process": "sls", "n.1": "2"}).status_code == 302
    assert "1 von 1 Teilen" in text_of(client, f"/druck/liste/{key}/")
    assert lists_lane.run_one()
    assert "2 Stück in 1 Kammer" in text_of(client, address)
    assert lists.by_key(key).summary["total"] == 1
    actions.delete(key)
    assert client.get(address).status_code == 404


def test_a_list_still_being_judged_cannot_be_packed(client: Client) -> None:
    key = take(box(platte_stl=handed_in.plate()))
    answer = client.post(f"/druck/packen/?liste={key}", {"process": "sls", "n.1": "2"})
    assert "Wir öffnen Ihre Dateien" in answer.content.decode()
    assert not lists.by_key(key).wish


def test_files_that_hold_no_part_are_told(lists_lane: tasks.Lane, client: Client) -> None:
    answer = client.post("/druck/packen/", {"uploads": box(brief_txt=b"hallo")})
    assert lists_lane.run_one()
    words = text_of(client, answer["Location"])
    assert "Diese Dateien lassen sich nicht packen" in words
    assert "Im Archiv liegt kein Bauteil." in words


def test_parts_none_of_which_can_be_read_are_told_beside_the_counts(lists_lane: tasks.Lane, client: Client) -> None:
    answer = client.post("/druck/packen/", {"uploads": box(a_stl=handed_in.cut_off())})
    address = answer["Location"]
    assert lists_lane.run_one()
    client.post(address, {"process": "sls", "n.1": "1"})
    assert lists_lane.run_one()
    assert "Keines der Teile lässt sich packen." in text_of(client, address)
