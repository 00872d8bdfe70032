"""The outbox: one row per mail, a way out of subscriptions, nothing escaped, nothing sent from here."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.office import mail
from nordlotse.office.models import NoMail, OutgoingMail

pytestmark = pytest.mark.django_db


def write(key: str = "test:1", to: str = "Hinnerk@kahn.example", **more: Any) -> OutgoingMail:
    """Write a mail with words that do not matter."""
    return mail.write(key, to, **{"lang": "de", "subject": "Betreff", "text": "Text", **more})


@pytest.fixture
def template(tmp_path: Path, settings: Any) -> str:
    """The name of a mail template that says what it is given."""
    (tmp_path / "note.txt").write_text(
        "Hallo {{ name }}\n\n{{ public_url }}{{ prefix }}/termine/ {{ name }}\n", encoding="utf-8"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]
    return "note.txt"


def test_a_template_gives_subject_and_text_in_its_language_and_nothing_is_escaped(template: str) -> None:
    made = mail.enqueue("a:1", "a@b.example", lang="en", template=template, context={"name": "Müller & <Sohn>"})
    assert made.subject == "Hallo Müller & <Sohn>"
    assert made.text == "http://localhost:8000/en/termine/ Müller & <Sohn>\n"


def test_a_value_with_line_breaks_cannot_add_headers(template: str) -> None:
    made = mail.enqueue("a:1", "a@b.example", lang="de", template=template, context={"name": "x\r\nBcc: y@z.example"})
    assert "\n" not in made.subject


def test_the_same_key_gives_the_first_mail_again() -> None:
    first = write()
    assert write(text="other").pk == first.pk
    assert OutgoingMail.objects.get().text == "Text\n"


def test_addresses_are_kept_in_lower_case_and_checked() -> None:
    assert write().to == "hinnerk@kahn.example"
    for wrong in ("", "no address", "a@b", "a@b.example\nBcc: c@d.example", "x" * 250 + "@b.example"):
        with pytest.raises(BadInput):
            write(f"wrong:{len(wrong)}", wrong)


def test_a_key_holds_no_address() -> None:
    with pytest.raises(ValueError, match="no address"):
        write("note:a@b.example")


def test_a_mail_of_the_program_says_so_and_a_persons_words_do_not() -> None:
    assert write("a:1").headers["Auto-Submitted"] == "auto-generated"
    assert write("a:2", automatic=False).headers == {}


def test_a_reply_names_what_it_answers() -> None:
    headers = write("a:1", automatic=False, in_reply_to="<1@x.example>").headers
    assert headers == {"In-Reply-To": "<1@x.example>", "References": "<1@x.example>"}


def _link(made: OutgoingMail) -> str:
    return made.headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")


def test_a_subscription_carries_a_way_out_in_headers_and_text_without_the_address() -> None:
    made = write(kind="group")
    assert made.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert _link(made) in made.text
    assert "hinnerk" not in _link(made)
    assert "List-Unsubscribe" not in write("a:2").headers


def test_looking_at_the_way_out_changes_nothing_and_one_click_takes_it(client: Client) -> None:
    address = _link(write(kind="group"))
    for method in (client.get, client.head):
        assert method(address).status_code == 200
        assert method(f"/en{address}").status_code == 200
    assert not NoMail.objects.exists()
    strict = Client(enforce_csrf_checks=True)  # a mail program has no form and no token (RFC 8058)
    for _ in range(2):
        assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert NoMail.objects.count() == 1
    assert mail.refuses("Hinnerk@Kahn.example", "group")
    assert not mail.refuses("hinnerk@kahn.example", "other")


def test_a_damaged_way_out_is_told_and_changes_nothing(client: Client) -> None:
    address = _link(write(kind="group"))
    assert client.post(address[:-3] + "x/").status_code == 404
    assert not NoMail.objects.exists()
    with pytest.raises(NotFound):
        mail.unsubscribe("group.abc")


def test_whoever_took_the_way_out_gets_no_more_of_that_kind_until_asked_anew() -> None:
    mail.unsubscribe(_link(write(kind="group")).split("/")[2])
    withheld = write("a:2", kind="group")
    assert (withheld.state, withheld.to, withheld.text) == ("withheld", "", "")
    assert write("a:3").state == "queued"
    mail.subscribe_again("HINNERK@kahn.example", "group")
    assert write("a:4", kind="group").state == "queued"


def test_a_mail_of_an_undone_change_is_not_written() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        write()
        raise RuntimeError
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_written_by_many_at_once_is_one_row() -> None:
    begin, failed = threading.Barrier(6), []

    def work() -> None:
        try:
            begin.wait()
            with transaction.atomic():
                write()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert OutgoingMail.objects.count() == 1
