"""Files become drafts; what is refused is named with code, place and remedy, and never stops the rest."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.answers import importing
from nordlotse.answers.core.article import parse_article
from nordlotse.answers.importing import import_files, import_path
from nordlotse.answers.models import Revision
from nordlotse.foundation.intake import MAX_BYTES
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound, TooLarge
from tests.answers.articles_made import english, german
from tests.answers.core.test_documents import BILLION, HTML, encrypted
from tests.answers.documents_made import PDF_LINES, docx_file, pdf, repacked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_library")]

MARKDOWN = "# Förderband prüfen\n\nEin Förderband läuft sicher, wenn die Lager geprüft sind.\n\n## Kosten\n\n- Ein Lager kostet 40 Euro.\n"


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("redaktion", is_staff=True)


def take(*uploads: tuple[str, bytes], user: User | None = None) -> importing.ImportReport:
    return import_files(uploads, topic="iot", user=user)


# ---- drafts ----


def test_all_four_kinds_become_drafts_that_are_not_published(editor: User) -> None:
    report = take(
        ("eins.md", MARKDOWN.encode()),
        ("zwei.htm", HTML.encode()),
        ("drei", pdf([PDF_LINES], "Retrofit-Leitfaden")),
        ("vier.docx", docx_file()),
        user=editor,
    )
    assert report.refused == []
    assert [(one.file, one.kind, one.slug, one.lang, one.number) for one in report.made] == [
        ("eins.md", "markdown", "foerderband-pruefen", "de", 1),
        ("zwei.htm", "html", "funk-in-der-halle", "de", 1),
        ("drei", "pdf", "retrofit-leitfaden", "de", 1),
        ("vier.docx", "docx", "leitfaden-werkstatt", "de", 1),
    ]
    revisions = Revision.objects.all()
    assert {r.state for r in revisions} == {"draft"}
    assert {r.author for r in revisions} == {editor}
    for revision in revisions:
        assert parse_article(revision.raw, where="x").topic == "iot"


def test_the_report_names_what_a_draft_lacks() -> None:
    (one,) = take(("eins.md", MARKDOWN.encode())).made
    codes = {f.code for f in one.findings}
    assert {"few_sections", "role_missing", "must_cover_missing"} <= codes


def test_markdown_with_our_head_is_taken_as_it_is() -> None:
    raw = german(id="iot-77")
    (one,) = take(("beliebig.txt", raw.encode())).made
    assert (one.slug, one.lang, one.kind, one.findings) == ("iot-77", "de", "article", ())
    assert Revision.objects.get().raw == raw


def test_a_text_that_exists_gets_a_new_draft_only_if_the_head_names_it() -> None:
    take(("a.md", german(summary="Geändert im Betrieb.").encode()))
    assert [(r.slug, r.number) for r in Revision.objects.all()] == [("iot-90", 1)]
    (one,) = take(("b.md", b"# iot 90\n\nEin anderer Text mit gleichem Namen.")).made
    assert one.slug == "iot-90-2"


def test_a_new_text_gets_a_number_when_its_id_is_taken() -> None:
    first = take(("a.md", b"# Kran\n\nDer Kran hebt Lasten.")).made[0]
    second = take(("a.md", b"# Kran\n\nDer Kran hebt heute andere Lasten.")).made[0]
    assert (first.slug, second.slug) == ("kran", "kran-2")
    assert Revision.objects.count() == 2


def test_the_same_file_again_changes_nothing() -> None:
    uploads = [("a.md", MARKDOWN.encode()), ("b.md", german(id="iot-77").encode()), ("c.docx", docx_file())]
    take(*uploads)
    report = take(*uploads)
    assert [one.unchanged for one in report.made] == [True, True, True]
    assert Revision.objects.count() == 3


def test_the_shipped_text_itself_makes_no_draft() -> None:
    (one,) = take(("a.md", german().encode())).made
    assert (one.unchanged, one.number, Revision.objects.count()) == (True, 0, 0)


def test_a_new_pair_of_texts_can_be_imported_together(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "iot-78.de.md").write_text(german(id="iot-78"), encoding="utf-8")
    (tmp_path / "in" / "iot-78.en.md").write_text(english(id="iot-78"), encoding="utf-8")
    report = import_path(tmp_path / "in", topic="iot")
    assert report.refused == []
    assert {(r.slug, r.lang) for r in Revision.objects.all()} == {("iot-78", "de"), ("iot-78", "en")}


def test_a_language_that_is_given_counts(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Kran\n\nDer Kran hebt die Lasten und der Haken hält.", encoding="utf-8")
    assert import_path(tmp_path / "a.md", topic="iot", lang="en").made[0].lang == "en"


# ---- refusals ----

BAD = [
    ("leer.md", b"", "file_empty"),
    ("groß.pdf", b"%PDF-1.4" + b"0" * MAX_BYTES, "file_too_large"),
    ("bild.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00", "file_type"),
    ("alt.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 64, "file_type"),
    ("kaputt.pdf", b"%PDF-1.4 nothing", "pdf_damaged"),
    ("scan.pdf", pdf([[], []]), "pdf_no_text"),
    ("geheim.pdf", encrypted("geheim"), "pdf_encrypted"),
    ("viel.pdf", pdf([[("x", 10)]] * 301), "pdf_pages"),
    ("halb.docx", docx_file()[:5000], "docx_damaged"),
    ("bombe.docx", repacked(docx_file(), extra=b"0" * 60_000_000), "docx_bomb"),
    ("lachen.docx", repacked(docx_file(), document=BILLION), "docx_entities"),
    ("tief.docx", repacked(docx_file(), extra=b"<a>" * 500 + b"</a>" * 500), "docx_depth"),
    ("unsichtbar.html", b"<html><p hidden>x</p>", "document_empty"),
    ("yaml.md", b"---\nid: a\nlang: de\ntitle: [offen\n---\n## A {#a}\n\nText.\n", "article_yaml"),
    ("bombe.md", b"---\nid: a\nlang: de\nx: " + b"[" * 5000 + b"\n---\n## A {#a}\n", "article_yaml"),
    ("pfad.md", b"---\nid: ../../etc/passwd\nlang: de\n---\n## A {#a}\n\nText.\n", "article_id"),
    ("sprache.md", b"---\nid: a\nlang: fr\n---\n## A {#a}\n\nText.\n", "article_id"),
    ("ohne.md", b"---\nid: a\nlang: de\n---\n## A {#a}\n\nText.\n", "article_field"),
]


def test_every_bad_file_is_refused_with_code_and_remedy_and_the_good_one_is_kept() -> None:
    report = take(*[(name, data) for name, data, _ in BAD], ("gut.md", MARKDOWN.encode()))
    assert [(r.file, r.problem.code) for r in report.refused] == [(name, code) for name, _, code in BAD]
    assert [one.file for one in report.made] == ["gut.md"]
    assert Revision.objects.count() == 1
    for refused in report.refused:
        problem = refused.problem
        assert isinstance(problem, BadInput)
        assert refused.file in problem.where
        assert problem.message_de and problem.message_en and problem.remedy_de and problem.remedy_en


def test_a_broken_head_names_file_and_line() -> None:
    (refused,) = take(("yaml.md", b"---\nid: a\nlang: de\ntitle: [offen\nsummary: x\n---\n## A {#a}\n")).refused
    assert refused.problem.where in ("yaml.md:4", "yaml.md:5")


def test_a_heading_without_anchor_names_file_and_line() -> None:
    (refused,) = take(("a.md", german(id="iot-77", body="\n## Ohne Anker\n\nText.\n").encode())).refused
    line = german(id="iot-77", body="\n## Ohne Anker\n\nText.\n").split("\n").index("## Ohne Anker") + 1
    assert refused.problem.where == f"a.md:{line}"


def test_a_crash_of_the_reading_child_costs_one_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "READER", "tests.answers.crashing_reader:read")
    monkeypatch.setattr("nordlotse.foundation.confined.MORE_PATHS", (str(Path(__file__).resolve().parents[2]),))
    report = take(("a.html", b"<p>CRASH</p>"), ("b.html", b"<p>Der Kran hebt die Last.</p>"))
    assert [r.problem.code for r in report.refused] == ["file_crash"]
    assert [one.file for one in report.made] == ["b.html"]


def test_a_database_error_keeps_nothing_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import IntegrityError

    real = importing.save_draft
    calls: list[str] = []

    def fails(user: object, slug: str, lang: str, raw: str, note: str = "") -> Revision:
        calls.append(slug)
        if len(calls) == 2:
            raise IntegrityError("collision")
        return real(None, slug, "de", raw, note)

    monkeypatch.setattr(importing, "save_draft", fails)
    monkeypatch.setattr("nordlotse.answers.core.documents.draft.DRAFT_CHARACTERS", 300)
    report = take(("lang.md", ("# Lang\n\n" + "Ein Satz steht hier.\n\n" * 60).encode()), ("b.md", MARKDOWN.encode()))
    assert [r.problem.code for r in report.refused] == ["import_collision"]
    assert [r.slug for r in Revision.objects.all()] == ["foerderband-pruefen"]


def test_more_than_200_files_are_refused_at_once() -> None:
    with pytest.raises(TooLarge, match="too_many_files"):
        take(*[("a.md", b"x")] * 201)


def test_an_upload_that_takes_too_long_names_the_files_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "UPLOAD_SECONDS", -1.0)
    assert [r.problem.code for r in take(("a.md", b"x")).refused] == ["import_time"]


def test_only_editors_may_import() -> None:
    with pytest.raises(NotAllowed):
        take(("a.md", b"x"), user=User.objects.create_user("besuch"))


def test_an_unknown_topic_is_refused() -> None:
    with pytest.raises(BadInput, match="topic_unknown"):
        import_files([], topic="kochen", user=None)


# ---- the command line's side ----


def test_a_folder_is_imported_with_progress_and_its_refusals(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.md").write_text(MARKDOWN, encoding="utf-8")
    (folder / "b.html").write_text(HTML, encoding="utf-8")
    (folder / "leak.md").symlink_to("/etc/hostname")
    steps: list[tuple[str, int, int]] = []
    report = import_path(folder, topic="iot", progress=lambda *step: steps.append(step))
    assert [one.file for one in report.made] == ["a.md", "b.html"]
    assert [r.problem.code for r in report.refused] == ["link_outside"]
    assert steps == [("import", 0, 2), ("import", 1, 2), ("import", 2, 2)]


def test_a_missing_path_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        import_path(tmp_path / "missing", topic="iot")


def test_ctrl_c_keeps_what_is_done_and_names_the_first_file_not_done(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.md").write_text(f"# Kran {name}\n\nDer Kran hebt.", encoding="utf-8")

    def progress(what: str, done: int, of: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    report = import_path(folder, topic="iot", progress=progress)
    assert report.cancelled
    assert [one.slug for one in report.made] == ["kran-a"]
    assert [(r.file, r.problem.code) for r in report.refused] == [("b.md", "import_cancelled")]
    assert Revision.objects.count() == 1


def test_ctrl_c_while_a_file_is_read_ends_the_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importing, "READER", "tests.answers.crashing_reader:read")
    monkeypatch.setattr("nordlotse.foundation.confined.MORE_PATHS", (str(Path(__file__).resolve().parents[2]),))
    (tmp_path / "a.html").write_text("<p>HANG</p>")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a run begun in the background ignores it
    try:
        threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT)).start()
        start = time.monotonic()
        report = import_path(tmp_path / "a.html", topic="iot")
    finally:
        signal.signal(signal.SIGINT, before)
    assert report.cancelled
    assert time.monotonic() - start < 15


def test_the_report_is_json_and_lines_in_both_languages() -> None:
    report = take(("a.md", MARKDOWN.encode()), ("b.pdf", b"%PDF-1.4"), ("c.html", HTML.encode()))
    told = json.loads(json.dumps(report.as_dict()))
    assert [one["id"] for one in told["made"]] == ["foerderband-pruefen", "funk-in-der-halle"]
    assert told["refused"][0]["code"] == "pdf_damaged"
    german_lines, english_lines = list(report.lines("de")), list(report.lines("en"))
    assert german_lines[-1] == "2 Entwürfe, 0 unverändert, 1 abgelehnt"
    assert english_lines[-1] == "2 drafts, 0 unchanged, 1 refused"
    assert any("few_sections" in line for line in english_lines)


# ---- broken bytes ----

SEEDS = [MARKDOWN.encode(), HTML.encode(), german().encode(), english(id="iot-90").encode("utf-16")]


def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        piece = draw(st.binary(max_size=8))
        data[at : at + draw(st.integers(0, 40))] = piece
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@st.composite
def broken_texts(draw: st.DrawFn) -> bytes:
    return mutated(draw, SEEDS)


@st.composite
def broken_containers(draw: st.DrawFn) -> bytes:
    return mutated(draw, [docx_file(), pdf([PDF_LINES]), pdf([PDF_LINES], packed=True), encrypted("")])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=broken_texts())
def test_broken_texts_are_drafts_or_refusals(data: bytes) -> None:
    start = time.monotonic()
    report = take(("kaputt", data))
    assert len(report.made) + len(report.refused) >= 1
    # The child's start on a busy machine is not what is measured.
    assert time.monotonic() - start < 10


@settings(max_examples=60, deadline=None)
@given(data=broken_containers())
def test_broken_containers_raise_only_problems_and_in_time(data: bytes) -> None:
    from nordlotse.answers.core.documents.reading import read_as_dict
    from nordlotse.foundation.confined import _answer

    start = time.monotonic()
    reply = _answer(read_as_dict, "kaputt", data)
    assert time.monotonic() - start < 2
    assert reply.keys() & {"value", "problem", "failed"}
    assert reply.get("failed") != "MemoryError"


def test_one_word_of_a_hundred_thousand_letters_is_checked_at_once(editor: User) -> None:
    begun = time.perf_counter()
    take(("x.md", b"x" * 100_000), user=editor)
    assert time.perf_counter() - begun < 5
