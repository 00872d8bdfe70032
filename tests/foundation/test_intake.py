"""Files are known by their content, bounded in size, and read in a child that can be killed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nordlotse.foundation import intake
from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.intake import MAX_BYTES, MAX_FILES, Kind, Waiting, kind_of, list_files, shown_name, text_of
from nordlotse.foundation.problem import BadInput, NotAvailable, NotFound, TooLarge

# ---- kind and encoding ----


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", Kind.PDF),
        (b"\n\n%PDF-1.4", Kind.PDF),
        (b"PK\x03\x04rest", Kind.DOCX),
        (b"<!DOCTYPE html><p>Hallo", Kind.HTML),
        (b"<!-- a note -->\n<html><body>", Kind.HTML),
        (b"<?xml version='1.0'?><html>", Kind.HTML),
        ("\ufeff<html>".encode("utf-16"), Kind.HTML),
        (b"# Titel\n\nText", Kind.MARKDOWN),
        (b"---\nid: a\n---\n<p>", Kind.MARKDOWN),
        (b"Ein Satz.", Kind.MARKDOWN),
        (b"<script>alert(1)</script> is plain text here", Kind.MARKDOWN),
    ],
)
def test_the_content_tells_the_kind(data: bytes, kind: Kind) -> None:
    assert kind_of(data, "any.name") is kind


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "DOCX"),
        (b"{\\rtf1 text}", "DOCX"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "OCR"),
        (b"PK\x05\x06" + b"\x00" * 18, "DOCX"),
        (bytes(range(256)) * 4, "PDF"),
        (b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 60, "PDF"),
    ],
)
def test_other_kinds_are_refused_with_a_remedy(data: bytes, remedy: str) -> None:
    with pytest.raises(BadInput) as told:
        kind_of(data, "brief.pdf")
    assert told.value.where == "brief.pdf"
    assert remedy in told.value.remedy_de + told.value.remedy_en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_encoding_is_found_out(encoding: str) -> None:
    text = "Größe und Maß: 5 € für „Müller“ – schön.\n" * 5
    assert text_of(text.encode(encoding), "a.md") == text


def test_a_declared_encoding_is_believed_when_it_is_not_utf_8() -> None:
    assert "Łódź" in text_of("<meta charset='iso-8859-2'>Łódź".encode("iso-8859-2"), "a.html")


def test_an_invented_encoding_does_no_harm() -> None:
    assert "Größe" in text_of("<meta charset='x-none'>Größe".encode("cp1252"), "a.html")


def test_line_ends_and_stray_controls_are_made_plain() -> None:
    assert text_of(b"a\r\nb\rc\x07d", "a.md") == "a\nb\ncd"


def test_a_name_is_shown_without_folders_above_and_controls() -> None:
    assert shown_name("../../etc/\x1b[31mpass\nwd") == "etc/?[31mpass?wd"
    assert len(shown_name("x" * 1000)) == 120
    assert shown_name("..") == "?"


# ---- size and folders ----


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"")
    with pytest.raises(BadInput, match="file_empty"):
        Waiting("a.md", tmp_path / "a.md").read()


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(TooLarge) as told:
        Waiting("a.pdf", tmp_path / "a.pdf").read()
    assert "10 MB" in told.value.message_de


def test_a_folder_is_listed_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.md", "a.md", ".git/config", "sub/c.md", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [w.name for w in list_files(tmp_path).files] == ["a.md", "b.md", "sub/c.md"]


def test_links_out_of_the_folder_are_refused_and_links_within_are_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    (inside / "real.md").write_text("x")
    (inside / "alias.md").symlink_to(inside / "real.md")
    (inside / "leak.md").symlink_to(outside / "secret.md")
    (inside / "leak_folder").symlink_to(outside)
    (inside / "nowhere.md").symlink_to(inside / "missing.md")
    (inside / "circle.md").symlink_to(inside / "circle.md")
    listing = list_files(inside)
    assert [w.name for w in listing.files] == ["alias.md", "real.md"]
    assert {(p.where, p.code) for p in listing.refused} == {
        ("leak.md", "link_outside"),
        ("nowhere.md", "link_broken"),
        ("circle.md", "link_broken"),
    }


def test_a_pipe_in_a_folder_is_refused_without_opening_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    listing = list_files(tmp_path)
    assert listing.files == ()
    assert [p.code for p in listing.refused] == ["not_a_file"]


def test_a_pipe_given_as_path_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(BadInput, match="not_a_file"):
        list_files(tmp_path / "pipe.md")


def test_files_beyond_the_limit_are_named(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 2):
        (tmp_path / f"{number:04}.md").write_text("x")
    listing = list_files(tmp_path)
    assert len(listing.files) == MAX_FILES
    assert [(p.code, p.where) for p in listing.refused] == [("too_many_files", f"{MAX_FILES:04}.md")]


def test_an_endless_folder_is_not_walked_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_MAX_SEEN", 3)
    for number in range(6):
        (tmp_path / f"{number}.md").write_text("x")
    assert len(list_files(tmp_path).files) == 3


@pytest.mark.parametrize("name", ["missing", "nul\x00byte"])
def test_a_path_that_does_not_exist_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        list_files(tmp_path / name)


# ---- the child ----


@pytest.fixture
def probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with ill-behaved readers that only the child imports."""
    (tmp_path / "nordlotse_probe.py").write_text(
        "import os, sys, time\n"
        "from nordlotse.foundation.problem import BadInput, TooLarge\n"
        "def read(name, data):\n"
        "    if data == b'hang':\n"
        "        while True: pass\n"
        "    if data == b'sleep': time.sleep(60)\n"
        "    if data == b'memory': return len(bytearray(3 * 1024**3))\n"
        "    if data == b'crash': os.abort()\n"
        "    if data == b'exit': os._exit(0)\n"
        "    if data == b'print': print('noise'); sys.stdout.flush()\n"
        f"    if data == b'write': os.write(os.open({str(tmp_path / 'written')!r}, os.O_CREAT | os.O_WRONLY), b'x')\n"
        "    if data == b'error': raise ZeroDivisionError\n"
        "    if data == b'deep': raise RecursionError\n"
        "    if data == b'problem': raise TooLarge('too_long', de='zu lang', en='too long', where=name, remedy_de='kürzen')\n"
        "    if data == b'environment': return sorted(os.environ)\n"
        "    return [os.getpid(), len(data)]\n",
        encoding="utf-8",
    )
    # The child sees only our own package's folder; this puts the probe beside it for the test.
    monkeypatch.setattr("nordlotse.foundation.confined.MORE_PATHS", (str(tmp_path),))
    return "nordlotse_probe:read"


def test_one_child_serves_many_files(probes: str) -> None:
    with Confined(probes) as child:
        first, second = child.run("a", b"one"), child.run("b", b"x" * 3_000_000)
    assert first[0] == second[0] != os.getpid()
    assert second[1] == 3_000_000


@pytest.mark.parametrize("behaviour", [b"hang", b"sleep"])
def test_a_reader_that_hangs_is_killed_in_time_and_the_next_file_is_read(probes: str, behaviour: bytes) -> None:
    with Confined(probes, Limits(seconds=1.0)) as child:
        child.run("warm", b"up")
        start = time.monotonic()
        with pytest.raises(BadInput, match="file_time") as told:
            child.run("slow.pdf", behaviour)
        assert time.monotonic() - start < 10
        assert told.value.where == "slow.pdf"
        assert child.run("next", b"12345")[1] == 5


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (b"memory", "file_memory"),
        (b"crash", "file_crash"),
        (b"exit", "file_crash"),
        (b"error", "file_unreadable"),
        (b"deep", "file_unreadable"),
        (b"write", "file_unreadable"),
    ],
)
def test_a_reader_that_breaks_is_a_clear_refusal_and_the_next_file_is_read(
    probes: str, behaviour: bytes, code: str
) -> None:
    with Confined(probes) as child:
        with pytest.raises(BadInput) as told:
            child.run("bad.pdf", behaviour)
        assert told.value.code == code
        assert "bad.pdf" in told.value.where
        assert told.value.message_de and told.value.message_en and told.value.remedy_de and told.value.remedy_en
        assert child.run("next", b"12345")[1] == 5


def test_a_refusal_of_the_reader_arrives_as_it_was_raised(probes: str) -> None:
    with Confined(probes) as child, pytest.raises(TooLarge) as told:
        child.run("a.pdf", b"problem")
    assert (told.value.code, told.value.message_de, told.value.where) == ("too_long", "zu lang", "a.pdf")
    assert told.value.remedy_de == "kürzen"


def test_a_reader_that_prints_does_not_disturb(probes: str) -> None:
    with Confined(probes) as child:
        assert child.run("a", b"print")[1] == 5


def test_the_child_knows_nothing_of_our_environment(probes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORDLOTSE_SECRET_KEY", "secret")
    with Confined(probes) as child:
        assert "NORDLOTSE_SECRET_KEY" not in child.run("a", b"environment")


def test_a_function_that_does_not_exist_is_told_as_not_available() -> None:
    with Confined("nordlotse.foundation.problem:nothing") as child, pytest.raises(NotAvailable):
        child.run("a", b"x")


def test_closing_ends_the_child(probes: str) -> None:
    child = Confined(probes)
    pid = child.run("a", b"x")[0]
    child.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
