"""Lists of parts: taken in, judged by the worker, stopped, gone on with after a death, shown, opened part by part, deleted, forgotten."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound, TooLarge
from nordlotse.office import files
from nordlotse.print3d import tasks
from nordlotse.print3d.actions import examining, list_intake, list_run, work
from nordlotse.print3d.actions import lists as actions
from nordlotse.print3d.actions import work as parts_work
from nordlotse.print3d.core.limits import MAX_BYTES
from nordlotse.print3d.models import Part, PartList, Work
from nordlotse.print3d.queries import lists, parts
from tests.print3d import handed_in

pytestmark = pytest.mark.django_db

HEAD = "Teil;Datei;Preis;Jahresmenge;Bestand\n"


@pytest.fixture(scope="module")
def lists_lane() -> Iterator[tasks.Lane]:
    """A lane for lists, with one child for all tests here."""
    made = tasks.Lane(tasks.LISTS)
    yield made
    made.close()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """Return a file as a form hands it in."""
    return SimpleUploadedFile(name, content)


def box(**contents: bytes) -> SimpleUploadedFile:
    """Return a ZIP of files by their names (`_` stands for the dot)."""
    return upload("teile.zip", handed_in.archive(**contents))


def take(*uploads: SimpleUploadedFile, table: str = "") -> str:
    """Hand in files and a list; return the key."""
    return list_intake.take(uploads, upload("liste.csv", table.encode()) if table else None, lang="de")


def judged(lane: tasks.Lane, *uploads: SimpleUploadedFile, table: str = "") -> str:
    """Hand in files and a list and let the lane judge them; return the key."""
    key = take(*uploads, table=table)
    assert lane.run_one()
    return key


def _six() -> SimpleUploadedFile:
    return box(**{f"teil{n}_stl": handed_in.plate() + bytes([n]) * 0 for n in range(6)})


def text_of(client: Client, address: str) -> str:
    """Return a page's words without its tags."""
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# ---- what comes out ----


def test_a_zip_with_a_list_is_ranked_by_saving_and_says_what_they_save_together(lists_lane: tasks.Lane) -> None:
    table = HEAD + "Platte;platte.stl;60,00;40;20\nBillig;billig.stl;0,10;40;\nOhne;ohne.stl;;;\n"
    data = handed_in.plate()
    key = judged(lists_lane, box(platte_stl=data, billig_stl=data, ohne_stl=data), table=table)
    kept = lists.by_key(key)
    assert kept.work is not None and kept.work.state == "done"
    rows, more = lists.rows(key, "", 1)
    assert [(row["part"], row["verdict"]) for row in rows] == [("Platte", "worth"), ("Billig", "no"), ("Ohne", "maybe")]
    assert not more
    assert kept.summary["counts"] == {"worth": 1, "maybe": 1, "no": 1, "unread": 0}
    assert kept.summary["low"] == pytest.approx(rows[0]["saving"][0])
    assert 0 < kept.summary["low"] < kept.summary["high"]
    assert (kept.done, kept.total) == (3, 3)


def test_the_sum_on_the_page_holds_only_what_surely_pays(lists_lane: tasks.Lane, client: Client) -> None:
    table = HEAD + "Platte;platte.stl;60,00;40;20\nBillig;billig.stl;0,10;40;\n"
    data = handed_in.plate()
    key = judged(lists_lane, box(platte_stl=data, billig_stl=data), table=table)
    words = text_of(client, f"/druck/liste/{key}/")
    assert re.search(r"1 von 2 Teilen: jährlich [\d.]+ bis [\d.]+ € weniger", words)
    assert "Nicht geprüft: Festigkeit" in words
    assert re.search(r"Heute kosten diese Teile 2\.400\s€ im Jahr", words)


def test_without_prices_nothing_is_promised(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(a_stl=handed_in.plate(), b_stl=handed_in.small()))
    words = text_of(client, f"/druck/liste/{key}/")
    assert "2 von 2 Teilen kommen zum Drucken infrage" in words
    assert "Es fehlen Preis und Jahresmenge" in words
    assert "weniger" not in words
    assert lists.by_key(key).summary["counts"]["worth"] == 0


OWN = "Teil;Datei;Preis;Jahresmenge;Bestand;Werkstoff\n"


def test_stock_is_shown_apart_and_never_raises_the_headline(lists_lane: tasks.Lane, client: Client) -> None:
    data = handed_in.plate()
    table = OWN + "Platte;platte.stl;60;40;20;\nLiegt;liegt.stl;138;2;34;\n"
    key = judged(lists_lane, box(platte_stl=data, liegt_stl=data), table=table)
    kept = lists.by_key(key)
    assert kept.summary["counts"] == {"worth": 1, "maybe": 0, "no": 1, "unread": 0}
    assert kept.summary["high"] <= kept.summary["spent"] == 2400
    assert kept.summary["bound"] == 20 * 60 + 34 * 138
    words = text_of(client, f"/druck/liste/{key}/")
    assert "1 von 2 Teilen: jährlich" in words
    assert re.search(r"Im Lager gebunden: 5\.900\s€\. Das ist keine Ersparnis", words)
    assert "Sie haben Bestand für 17 Jahre: jetzt nichts drucken" in words
    assert "10–28 % seines Werts (Eigene Schätzung, nicht gemessen)" in words
    assert "you have stock for 17 years: print nothing now" in text_of(client, f"/en/druck/liste/{key}/")


def test_another_material_than_the_lists_is_maybe_until_the_person_says_it_is_fine(
    lists_lane: tasks.Lane, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = OWN + "Rolle;rolle.stl;160;40;0;POM\n"
    key = judged(lists_lane, box(rolle_stl=handed_in.plate()), table=table)
    words = text_of(client, f"/druck/liste/{key}/")
    assert "Bei keinem der 1 Teile ist die Ersparnis sicher" in words
    assert "1 Teil lässt sich in seinem Werkstoff nicht drucken" in words
    assert "POM → PA 12" in words
    assert "POM lässt sich nicht sinnvoll drucken" in words
    with monkeypatch.context() as patched:
        again = _calls(patched, lists_lane, 0, lambda: None)
        client.post(f"/druck/liste/{key}/weiter/", {"werkstoff": "anderer"})
        assert lists_lane.run_one()
    assert again == []  # nothing is measured twice
    assert "1 von 1 Teilen: jährlich" in text_of(client, f"/druck/liste/{key}/")
    client.post(f"/druck/liste/{key}/weiter/", {"werkstoff": "eigener"})
    assert lists_lane.run_one()
    assert lists.by_key(key).summary["counts"]["worth"] == 0


def test_the_tick_at_the_form_says_that_another_material_is_fine(lists_lane: tasks.Lane, client: Client) -> None:
    table = upload("l.csv", (OWN + "Rolle;rolle.stl;160;40;0;POM\n").encode())
    answer = client.post(
        "/druck/liste/", {"uploads": box(rolle_stl=handed_in.plate()), "table": table, "other_fine": "on"}
    )
    assert lists_lane.run_one()
    assert lists.by_key(answer["Location"].split("/")[3]).summary["counts"]["worth"] == 1


def test_a_list_alone_without_sizes_is_refused_and_says_that_files_are_missing(client: Client) -> None:
    table = upload("l.csv", b"Teil;Preis;Jahresmenge\nA;3;4\nB;3;4\n")
    answer = client.post("/druck/liste/", {"table": table})
    assert answer.status_code == 422
    assert "Zu den 2 Zeilen der Liste fehlen die Dateien der Teile" in answer.content.decode()


def test_rows_whose_files_do_not_match_say_that_files_are_missing_and_not_the_price(
    lists_lane: tasks.Lane, client: Client
) -> None:
    key = judged(lists_lane, box(kaputt_stl=b"solid nothing"), table="Teil;Preis;Jahresmenge\nA;3;4\nB;3;4\n")
    words = text_of(client, f"/druck/liste/{key}/")
    assert "Keines der 2 Teile ließ sich bewerten" in words
    assert "fehlen die Dateien der Teile" in words
    assert "Es fehl" not in words.split("Rangfolge")[0]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("Teil;Datei;Jahresmenge\nA;a.stl;4\n", "Es fehlt der Preis"),
        ("Teil;Datei;Preis\nA;a.stl;40\n", "Es fehlt die Jahresmenge"),
    ],
)
def test_exactly_what_is_missing_is_named(table: str, told: str, lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(a_stl=handed_in.plate()), table=table)
    words = text_of(client, f"/druck/liste/{key}/")
    assert "1 von 1 Teilen kommen zum Drucken infrage" in words
    assert told in words


def test_a_part_nobody_needs_says_so(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(a_stl=handed_in.plate()), table=HEAD + "A;a.stl;60;0;4\n")
    assert "Sie brauchen davon nichts im Jahr" in text_of(client, f"/druck/liste/{key}/")
    assert lists.by_key(key).summary["counts"]["no"] == 1


def test_a_file_without_a_row_is_not_among_the_lists_parts(lists_lane: tasks.Lane, client: Client) -> None:
    data = handed_in.plate()
    key = judged(lists_lane, box(a_stl=data, fremd_stl=data), table=HEAD + "A;a.stl;60;40;\n")
    assert "1 von 1 Teilen: jährlich" in text_of(client, f"/druck/liste/{key}/")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("foto.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)),
        ("leer.zip", b"PK\x05\x06" + bytes(18)),
        ("b.zip", b"x"),
    ],
)
def test_a_photo_or_an_empty_archive_is_no_part_and_refused_at_once(name: str, content: bytes, client: Client) -> None:
    answer = client.post("/druck/liste/", {"uploads": upload(name, content)})
    assert answer.status_code == 422
    assert f"Darin ist kein Bauteil: {name}" in answer.content.decode()
    assert not PartList.objects.exists()


def test_a_photo_as_the_list_is_refused_with_xlsx_or_csv(client: Client) -> None:
    answer = client.post("/druck/liste/", {"table": upload("foto.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200))})
    assert answer.status_code == 422
    assert "Wir lesen XLSX und CSV" in answer.content.decode()
    assert "DOCX" not in answer.content.decode()


def test_the_progress_says_at_once_how_many_files_matched(client: Client) -> None:
    key = take(_various(2), table=HEAD + "A;t0.stl;60;40;\n")
    row = PartList.objects.get(pk=key)
    row.found["understood"] |= {"files": 2, "matched": 1}
    row.save()
    assert "1 von 2 Dateien gehört zu einer Zeile" in client.get(f"/druck/liste/{key}/stand/").content.decode()


def test_the_result_leads_to_somebody_with_the_list(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(platte_stl=handed_in.plate()), table=HEAD + "Platte;platte.stl;60,00;40;20\n")
    page = client.get(f"/druck/liste/{key}/").content.decode()
    assert f'href="/gespraech/?liste={key}"' in page
    talk = client.get(f"/gespraech/?liste={key}").content.decode()
    assert "1 von 1 Teilen, jährlich" in talk
    assert "Platte" in talk
    assert f"/druck/liste/{key}" not in talk
    assert "1 of 1 parts" in client.get(f"/en/gespraech/?liste={key}").content.decode()
    assert client.get("/gespraech/?liste=gibtesnicht").status_code == 200


def test_the_saving_stands_right_after_the_part(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(a_stl=handed_in.plate()), table=HEAD + "A;a.stl;60;40;\n")
    heads = re.findall(r'<th scope="col">([^<]+)</th>', client.get(f"/druck/liste/{key}/").content.decode())
    assert heads[:3] == ["Rang", "Teil", "Ersparnis im Jahr"]


def test_a_list_of_sizes_without_files_works_and_promises_nothing(lists_lane: tasks.Lane, client: Client) -> None:
    table = "Teil;Preis;Jahresmenge;Länge;Breite;Höhe\nKnauf;900;40;40;40;30\n"
    key = judged(lists_lane, table=table)
    rows, _ = lists.rows(key, "", 1)
    assert rows[0]["plain"]
    assert rows[0]["saving"][0] > 0
    assert rows[0]["verdict"] == "maybe"
    assert "1 Teil kennen wir nur aus Maßen" in text_of(client, f"/druck/liste/{key}/")


def test_a_broken_part_is_a_row_with_its_reason_and_stops_nothing(lists_lane: tasks.Lane) -> None:
    key = judged(
        lists_lane,
        box(gut_stl=handed_in.plate(), kaputt_stl=handed_in.cut_off(), leer_stl=b"", text_stl=b"hallo"),
        table=HEAD + "Gut;gut.stl;60;40;\nFehlt;fehlt.stl;3;4;\nZahl;gut2.stl;drei;4;\n",
    )
    rows, _ = lists.rows(key, "", 1)
    assert (rows[0]["part"], rows[0]["problem"]) == ("Gut", [])
    told = {row["part"]: row["problem"][0] for row in rows[1:]}
    assert told.keys() == {"kaputt", "leer", "text", "Fehlt", "Zahl"}
    assert "fehlt" in told["Fehlt"] and "keine Zahl" in told["Zahl"]
    assert all(told.values())


def test_a_part_too_thin_for_every_process_is_not_called_worth_printing(lists_lane: tasks.Lane) -> None:
    key = judged(lists_lane, box(folie_stl=handed_in.thin()), table=HEAD + "Folie;folie.stl;900;40;\n")
    rows, _ = lists.rows(key, "", 1)
    assert rows[0]["verdict"] != "worth"
    assert rows[0]["changes"] or not rows[0]["cost"]


def test_a_list_that_lies_in_the_zip_is_found(lists_lane: tasks.Lane) -> None:
    key = judged(lists_lane, box(platte_stl=handed_in.plate(), liste_csv=(HEAD + "P;platte.stl;60;40;\n").encode()))
    kept = lists.by_key(key)
    assert kept.found["understood"]["table"] == "liste.csv"
    assert kept.summary["counts"]["worth"] == 1


def test_single_files_are_judged_like_a_zip_and_equal_names_stay_apart(lists_lane: tasks.Lane) -> None:
    data = handed_in.plate()
    key = judged(lists_lane, upload("a.stl", data), upload("a.stl", handed_in.small()), upload("b.stl", data))
    rows, _ = lists.rows(key, "", 1)
    assert sorted(row["file"] for row in rows) == ["2/a.stl", "a.stl", "b.stl"]
    assert not any(row["problem"] for row in rows)


def test_a_list_among_the_part_files_is_taken_as_the_list(lists_lane: tasks.Lane) -> None:
    table = upload("preise.csv", (HEAD + "P;p.stl;60;40;\n").encode())
    key = judged(lists_lane, upload("p.stl", handed_in.plate()), table)
    assert lists.by_key(key).summary["counts"]["worth"] == 1


def test_the_sample_run_ranks_our_own_parts(lists_lane: tasks.Lane, client: Client) -> None:
    answer = client.post("/druck/liste/beispiel/")
    assert answer.status_code == 302
    assert lists_lane.run_one()
    assert "4 Dateien" in text_of(client, answer["Location"])
    key = answer["Location"].split("/")[3]
    assert lists.by_key(key).summary["total"] == 4


def test_an_archive_handed_in_as_a_part_becomes_a_list_without_uploading_it_again(
    lists_lane: tasks.Lane, client: Client
) -> None:
    part = handed_in.hand_in(handed_in.archive(a_stl=handed_in.plate(), b_stl=handed_in.small()), "viele.zip")
    page = client.get(f"/druck/liste/?archiv={part}").content.decode()
    assert "Die Teile aus viele.zip liegen schon hier." in page
    assert 'name="uploads"' not in page
    answer = client.post(
        "/druck/liste/", {"archiv": part, "table": upload("l.csv", (HEAD + "A;a.stl;60;40;\n").encode())}
    )
    assert lists_lane.run_one()
    rows, _ = lists.rows(answer["Location"].split("/")[3], "", 1)
    assert sorted(row["file"] for row in rows) == ["a.stl", "b.stl"]
    assert client.get("/druck/liste/?archiv=gibtesnicht").status_code == 404


# ---- what was understood ----


def test_what_was_understood_is_shown_before_the_run_is_done(client: Client) -> None:
    table = "Bezeichnung;EK netto (€/100 Stk.);Verbrauch p.a.;Farbe\nKnauf;250,00;40;rot\n"
    key = take(box(a_stl=handed_in.plate()), table=table)
    words = text_of(client, f"/druck/liste/{key}/")
    assert "EUR je 100 Stück" in words
    assert "2,5" in words  # the price of one piece
    assert "Nicht benutzt: Farbe" in words


def test_rows_without_file_and_files_without_row_are_named(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(allein_stl=handed_in.plate()), table="Teil;Länge;Breite;Höhe\nKnauf;40;40;30\n")
    words = text_of(client, f"/druck/liste/{key}/")
    assert "1 Zeile ohne Datei: Knauf" in words
    assert "1 Datei ohne Zeile: allein.stl" in words


def test_a_bad_list_is_told_at_the_form_and_nothing_is_kept(client: Client) -> None:
    before = {p for p in files.folder().rglob("*") if p.is_file()}
    answer = client.post("/druck/liste/", {"table": upload("farben.csv", b"Farbe;Form\nrot;rund\n")})
    assert answer.status_code == 422
    assert "Der Liste fehlt die Spalte" in answer.content.decode()
    assert not PartList.objects.exists()
    assert {p for p in files.folder().rglob("*") if p.is_file()} <= before


def test_an_empty_form_says_what_is_missing(client: Client) -> None:
    answer = client.post("/druck/liste/", {})
    assert answer.status_code == 422
    assert "Es fehlen Dateien der Teile oder eine Teileliste." in answer.content.decode()


def test_two_archives_at_once_are_refused() -> None:
    with pytest.raises(BadInput) as told:
        take(box(a_stl=b"x"), box(b_stl=b"y"))
    assert told.value.code == "list_archives"


def test_more_than_the_largest_size_is_refused_before_it_is_kept() -> None:
    huge = upload("a.stl", b"x")
    huge.size = MAX_BYTES + 1
    with pytest.raises(TooLarge):
        take(huge)
    assert not PartList.objects.exists()


# ---- hostile archives ----


def _bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.stl", bytes(40 * 2**20))
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_bomb(), "zip_bomb"),
        (b"PK\x03\x04 broken", "zip_broken"),
        (handed_in.archive(brief_txt=b"hallo"), "zip_no_parts"),
    ],
    ids=["bomb", "broken", "no parts"],
)
def test_a_hostile_zip_is_told_on_the_page_of_the_list(
    data: bytes, code: str, lists_lane: tasks.Lane, client: Client
) -> None:
    key = judged(lists_lane, upload("teile.zip", data))
    kept = lists.by_key(key)
    assert kept.work is not None and kept.work.problem is not None
    assert (kept.work.state, kept.work.problem.code) == ("failed", code)
    words = text_of(client, f"/druck/liste/{key}/")
    assert "Der Lauf ist abgebrochen" in words
    assert kept.work.problem.message_de in words


def test_paths_that_climb_out_of_the_archive_stay_names_only(lists_lane: tasks.Lane) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("../../oben.stl", handed_in.plate())
        packed.writestr("/etc/unten.stl", handed_in.plate())
    key = judged(lists_lane, upload("teile.zip", held.getvalue()))
    rows, _ = lists.rows(key, "", 1)
    assert sorted(row["file"] for row in rows) == ["etc/unten.stl", "oben.stl"]
    assert lists.content(key, "oben.stl") == handed_in.plate()


# ---- progress, stopping, going on ----


def _calls(monkeypatch: pytest.MonkeyPatch, lane: tasks.Lane, at: int, end: Any) -> list[str]:
    """Let something happen before the n-th call of the child; return the names of the parts measured."""
    seen: list[str] = []
    run = lane.workshop.run

    def counted(function: str, *arguments: Any, **named: Any) -> Any:
        if len(seen) + 1 == at:
            end()
        seen.append(arguments[1])
        return run(function, *arguments, **named)

    monkeypatch.setattr(lane.workshop, "run", counted)
    return seen


def _at(monkeypatch: pytest.MonkeyPatch, judged_parts: int, do: Any) -> None:
    """Let something happen when so many parts are judged, before the run notes it."""
    told = iter(range(1, 10_000))
    breathe = work.breathe

    def noted(found: Work) -> bool:
        if next(told) == judged_parts:
            do()
        return breathe(found)

    monkeypatch.setattr(list_run, "_NOTED", 0.0)
    monkeypatch.setattr(work, "breathe", noted)


def _various(count: int) -> SimpleUploadedFile:
    from nordlotse.print3d.core.repair import as_stl
    from tests.print3d.core import solids

    return box(**{f"t{n}_stl": as_stl(solids.box(20 + n, 15, 8)) for n in range(count)})


def test_a_cancelled_run_keeps_what_is_judged_and_goes_on_there(
    lists_lane: tasks.Lane, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = take(_various(6))
    with monkeypatch.context() as patched:
        seen = _calls(patched, lists_lane, 0, lambda: None)
        _at(patched, 4, lambda: client.post(f"/druck/liste/{key}/abbrechen/"))
        assert lists_lane.run_one()
    kept = lists.by_key(key)
    assert kept.work is not None and kept.work.cancelled
    assert (len(seen), kept.done, kept.total) == (4, 3, 6)
    assert not kept.summary
    assert "3 von 6 Teilen sind bewertet" in text_of(client, f"/druck/liste/{key}/")
    with monkeypatch.context() as patched:
        again = _calls(patched, lists_lane, 0, lambda: None)
        client.post(f"/druck/liste/{key}/weiter/")
        assert lists_lane.run_one()
    assert len(again) == 2
    assert not set(again) & set(seen)
    assert lists.by_key(key).summary["total"] == 6


def test_a_run_whose_worker_died_is_begun_again_without_measuring_twice(
    lists_lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = take(_various(5))

    def die() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        seen = _calls(patched, lists_lane, 3, die)
        with pytest.raises(KeyboardInterrupt):
            lists_lane.run_one()
    dead = Work.objects.get(part_list=key)
    assert dead.state == "running"
    Work.objects.update(taken_at=timezone.now() - timedelta(seconds=work.DEAD + 1))
    assert work.bring_back() == 1
    with monkeypatch.context() as patched:
        again = _calls(patched, lists_lane, 0, lambda: None)
        assert lists_lane.run_one()
    assert len(seen) + len(again) == 5
    assert lists.by_key(key).summary["total"] == 5


def test_a_list_deleted_while_it_is_judged_leaves_nothing(
    lists_lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = take(_various(4))
    with monkeypatch.context() as patched:
        _at(patched, 2, lambda: actions.delete(key))
        assert lists_lane.run_one()
    assert not PartList.objects.filter(pk=key).exists()
    assert files.of(parts.LIST_ROOM, key) == []


def test_the_progress_is_a_fragment_that_loads_the_page_when_it_is_over(lists_lane: tasks.Lane, client: Client) -> None:
    key = take(_various(2))
    PartList.objects.filter(pk=key).update(done=37, total=200)
    waiting = client.get(f"/druck/liste/{key}/stand/").content.decode()
    assert "37 von 200 Teilen bewertet" in waiting
    assert 'value="18"' in waiting
    assert "<html" not in waiting
    assert lists_lane.run_one()
    over = client.get(f"/druck/liste/{key}/stand/", headers={"HX-Request": "true"})
    assert (over.status_code, over["HX-Refresh"]) == (204, "true")
    assert client.get(f"/druck/liste/{key}/stand/")["Location"] == f"/druck/liste/{key}/"


def test_going_on_does_nothing_where_all_is_judged(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(a_stl=handed_in.plate()))
    client.post(f"/druck/liste/{key}/weiter/")
    assert Work.objects.filter(part_list=key).count() == 1


# ---- the result's page and files ----


def test_no_cell_of_the_downloads_is_a_formula(lists_lane: tasks.Lane, client: Client) -> None:
    table = "Teil;Datei;Preis;Jahresmenge\n\"=cmd|'/c calc'!A0\";a.stl;60;40\n+49;b.stl;;\n@x;c.stl;;\n"
    data = handed_in.plate()
    key = judged(lists_lane, box(a_stl=data, b_stl=data, c_stl=data), table=table)
    got = client.get(f"/druck/liste/{key}/ergebnis.csv")
    rows = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Rang", "Teil", "Teilenummer"]
    assert sorted(row[1][:2] for row in rows[1:]) == ["'+", "'=", "'@"]
    assert "attachment" in got["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/druck/liste/{key}/ergebnis.xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(str(cell.value).startswith("'=cmd") for cell in cells)


def test_words_of_the_list_are_escaped_on_the_page(lists_lane: tasks.Lane, client: Client) -> None:
    table = "Teil;Länge;Breite;Höhe;<b>x</b>\n<script>alert(1)</script>;4;4;3;1\n"
    key = judged(lists_lane, table=table)
    page = client.get(f"/druck/liste/{key}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>x</b>" not in page


def test_english_downloads_have_english_headings(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(a_stl=handed_in.plate()))
    first = client.get(f"/en/druck/liste/{key}/ergebnis.csv").content.decode("utf-8-sig").splitlines()[0]
    assert first.startswith("rank,part,part number")


def test_before_the_run_is_done_there_is_nothing_to_download(client: Client) -> None:
    key = take(box(a_stl=handed_in.plate()))
    assert client.get(f"/druck/liste/{key}/ergebnis.xlsx").status_code == 404


def _many(count: int) -> str:
    """Keep a list whose run is done, with many made-up rows; return its key."""
    row = {"number": "", "file": "", "process": "", "cost": [], "measured": False, "lot": 0, "price": None}
    row |= {"yearly": None, "lead": None, "minimum": None, "saving": [], "points": 5, "reasons": [], "changes": []}
    row |= {"problem": [], "plain": False}
    lines = [f"{'n' if n % 3 else 'm'}{json.dumps({**row, 'part': f'P{n:05}'})}\n" for n in range(count)]
    counts = {"worth": 0, "maybe": (count + 2) // 3, "no": count - (count + 2) // 3, "unread": 0}
    summary = {"total": count, "counts": counts, "priced": 0, "plain": 0, "low": 0, "high": 0}
    made = PartList.objects.create(name="viele.csv", total=count, done=count, found={"summary": summary})
    Work.objects.create(kind="screen", part_list=made, state="done")
    content = "".join(lines).encode()
    files.keep(content, name=lists.ROWS, media_type="text/plain", room=parts.LIST_ROOM, reference=made.key)
    return made.key


def test_ten_thousand_rows_are_shown_fifty_at_a_time_and_filtered(client: Client) -> None:
    key = _many(10_000)
    first = client.get(f"/druck/liste/{key}/").content.decode()
    assert first.count("verdict verdict--") == 50
    assert "P00049" in first and "P00050" not in first
    maybe = client.get(f"/druck/liste/{key}/?urteil=maybe&seite=2").content.decode()
    assert maybe.count("verdict--maybe") == 50
    assert "verdict--no" not in maybe
    assert "P00150" in maybe
    last = client.get(f"/druck/liste/{key}/?seite=200").content.decode()
    assert "P09999" in last
    assert "Nächste 50" not in last


def test_odd_words_in_the_address_show_the_first_page(client: Client) -> None:
    key = _many(60)
    for odd in ("?seite=-1", "?seite=x", "?seite=²", "?urteil=alles", "?seite=99999999999"):
        assert "P00000" in client.get(f"/druck/liste/{key}/{odd}").content.decode()


def test_pages_behind_the_key_are_not_listed_and_not_cached(client: Client) -> None:
    key = take(box(a_stl=handed_in.plate()))
    answer = client.get(f"/druck/liste/{key}/")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-cache"


# ---- one part of it ----


def test_a_part_of_the_list_becomes_a_check_of_its_own_with_its_price(lists_lane: tasks.Lane, client: Client) -> None:
    table = "Teil;Datei;Preis;Jahresmenge;Lieferzeit\nP;p.stl;60;40;21\n"
    key = judged(lists_lane, box(p_stl=handed_in.plate()), table=table)
    answer = client.post(f"/druck/liste/{key}/teil/", {"rang": "1"})
    made = Part.objects.get(pk=answer["Location"].split("/")[2])
    assert made.name == "p.stl"
    assert (made.today["price"], made.today["quantity"], made.today["lead_days"]) == (60, 10, [21, 21])
    assert made.today["list"]["yearly"] == 40
    assert parts.content(made.key, parts.ORIGINAL) == handed_in.plate()
    assert Work.objects.get(part=made).kind == "examine"
    examine_next = parts_work.claim((Work.Kind.EXAMINE,))
    assert examine_next is not None
    parts_work.failed(examine_next, NotFound("x", de="x", en="x", where="x"))
    assert f'href="/druck/liste/{key}/"' in client.get(f"/druck/{made.key}/").content.decode()  # the way back


def test_a_row_without_a_file_cannot_be_opened(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, table="Teil;Länge;Breite;Höhe\nKnauf;40;40;30\n")
    for rank in ("1", "99", "", "x"):
        assert client.post(f"/druck/liste/{key}/teil/", {"rang": rank}).status_code == 404
    assert not Part.objects.exists()


# ---- the end ----


def test_deleting_asks_once_more_and_removes_every_file(lists_lane: tasks.Lane, client: Client) -> None:
    key = judged(lists_lane, box(a_stl=handed_in.plate()), table=HEAD + "A;a.stl;3;4;\n")
    places = [files.path_of(file) for file in files.of(parts.LIST_ROOM, key)]
    assert len(places) >= 6
    assert client.post(f"/druck/liste/{key}/loeschen/").status_code == 422
    assert client.post(f"/druck/liste/{key}/loeschen/", {"sure": "yes"}).status_code == 200
    assert client.get(f"/druck/liste/{key}/").status_code == 404
    assert not PartList.objects.exists()
    assert files.of(parts.LIST_ROOM, key) == []


def test_an_expired_list_is_gone_and_its_files_are_removed() -> None:
    key = take(box(a_stl=handed_in.plate()))
    fresh = take(box(b_stl=handed_in.plate()))
    PartList.objects.filter(pk=key).update(expires_at=timezone.now())
    with pytest.raises(NotFound):
        lists.by_key(key)
    tasks.forget()
    assert files.of(parts.LIST_ROOM, key) == []
    assert [row.pk for row in PartList.objects.all()] == [fresh]
    assert len(files.of(parts.LIST_ROOM, fresh)) == 1


def test_the_template_is_understood_column_by_column(client: Client) -> None:
    from nordlotse.print3d.core.partlist import read_list

    for prefix, lang in (("", "de"), ("/en", "en")):
        found = read_list(client.get(f"{prefix}/druck/liste/vorlage.xlsx").content, "vorlage.xlsx")
        assert found.unused == (), lang
        assert len(found.columns) == 13
        assert [item.problem.de for item in found.items] == ["", "", ""]


def test_nothing_of_a_run_reaches_the_log(lists_lane: tasks.Lane, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    key = judged(lists_lane, box(geheim_stl=handed_in.plate()), table=HEAD + "Geheimteil;geheim.stl;3;4;\n")
    assert "event=list_screened" in caplog.text
    assert "geheim" not in caplog.text.lower()
    assert key not in caplog.text


def test_stopped_is_no_error_of_ours(lists_lane: tasks.Lane, caplog: pytest.LogCaptureFixture) -> None:
    key = take(box(a_stl=handed_in.plate()))
    found = work.claim(tasks.LISTS)
    assert found is not None
    actions.cancel(key)
    with pytest.raises(examining.Stopped):
        list_run.screen(found, lambda *a, **k: None)
    assert "Traceback" not in caplog.text


def test_a_part_whose_packed_bytes_are_damaged_is_told_as_missing(client: Client) -> None:
    key = take(box(a_stl=handed_in.plate(), b_stl=handed_in.plate()))
    held = lists.stored(key, lists.PARTS)
    assert held is not None
    path = files.path_of(held)
    damaged = bytearray(path.read_bytes())
    begin = damaged.find(b"a.stl") + len("a.stl")
    damaged[begin : begin + 20] = b"\xff" * 20
    path.chmod(0o600)
    path.write_bytes(bytes(damaged))
    with pytest.raises(NotFound, match="no_such_part"):
        lists.content(key, "a.stl")


def test_the_costs_of_a_part_from_the_list_say_the_yearly_quantity_and_the_order(
    lists_lane: tasks.Lane, lane: tasks.Lane, client: Client
) -> None:
    key = judged(lists_lane, box(p_stl=handed_in.plate()), table=OWN + "P;p.stl;60;40;;PA12\n")
    made = client.post(f"/druck/liste/{key}/teil/", {"rang": "1"})["Location"].split("/")[2]
    assert Part.objects.get(pk=made).wishes["material"].startswith("pa12")
    assert lane.run_one()
    words = text_of(client, f"/druck/{made}/kosten/")
    assert "Aus Ihrer Teileliste: 40 Stück im Jahr, gerechnet in Aufträgen zu 10 Stück" in words
