"""The new words of a reply, as the usual mail programs write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.office.core.quoting import new_words

REPLIES = {
    "thunderbird": "Ja, passt.\n\nAm 23.11.2026 um 10:00 schrieb Nordlotse:\n> Haben Sie Zeit?\n> Gruß\n",
    "gmail": "Ja, passt.\n\nAm Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Nordlotse <\nlotse+abc@centre.example>:\n\n> Haben Sie\n",
    "gmail_english": "Ja, passt.\n\nOn Mon, 23 Nov 2026 at 10:00, Nordlotse <lotse@centre.example>\nwrote:\n\n> Haben Sie Zeit?",
    "unquoted": "Ja, passt.\n\nOn 23 Nov 2026, at 10:00, Nordlotse wrote:\n\nHaben Sie Zeit?\nGruß",
    "outlook": "Ja, passt.\n\nVon: Nordlotse <lotse@centre.example>\nGesendet: Montag, 23. November 2026\nAn: Meike\nBetreff: Fall\n\nHaben Sie Zeit?",
    "outlook_line": "Ja, passt.\n\n________________________________\nVon: Nordlotse\nGesendet: Montag\n\nHaben Sie",
    "outlook_old": "Ja, passt.\n\n-----Ursprüngliche Nachricht-----\nVon: Nordlotse\nHaben Sie Zeit?",
    "english": "Ja, passt.\n\n-----Original Message-----\nFrom: Nordlotse\n\nHaben Sie",
    "signature": "Ja, passt.\n\n-- \nMeike Kahn\nKahn und Deich GmbH\nTel. 040 1",
    "phone": "Ja, passt.\n\nVon meinem iPhone gesendet\n\n> Am 23.11.2026 um 10:00 schrieb Nordlotse <l@c.example>:\n> \n> Haben Sie",
    "web": "Ja, passt.\n\nGesendet: Montag\nGesendet mit der GMX Mail App\n> alt",
    "windows_lines": "Ja, passt.\r\n\r\nAm 23.11.2026 um 10:00 schrieb Nordlotse:\r\n> Haben Sie Zeit?\r\n",
}


@pytest.mark.parametrize("name", [n for n in REPLIES if n != "web"])
def test_only_the_new_words_are_kept(name: str) -> None:
    assert new_words(REPLIES[name]) == "Ja, passt."


def test_answers_between_quoted_lines_keep_the_question_they_answer() -> None:
    text = (
        "Am 23.11.2026 um 10:00 schrieb Nordlotse:\n> Welche Maschine?\n\nEine Fräse.\n\n> Welches Baujahr?\n\n1998.\n"
    )
    assert new_words(text) == "> Welche Maschine?\n\nEine Fräse.\n\n> Welches Baujahr?\n\n1998."


def test_no_link_and_no_address_of_a_quotation_is_passed_on() -> None:
    text = "> Der Fall:\n> https://centre.example/anfrage/fall/geheim/\n\nIch rufe an.\n\n> Gruß, Jo <jo@b.example>\n\nBis dann.\n"
    assert new_words(text) == "Ich rufe an.\n\nBis dann."


def test_an_answer_below_a_whole_mail_keeps_nothing_of_it() -> None:
    assert new_words("> Guten Tag,\n> haben Sie Zeit?\n\nJa, morgen.") == "Ja, morgen."


@pytest.mark.parametrize(
    "text",
    [
        "Am Montag habe ich Zeit.\nAn welchem Ort?",
        "Von uns aus gern.\n\nWir kommen zu dritt.",
        "On Monday we could meet.",
        "1. Ja\n2. Nein -- vielleicht\n---\n3. Später",
        "Von: Hamburg\nbis Kiel fahren wir.",
    ],
)
def test_words_that_only_look_like_a_quotation_stay(text: str) -> None:
    assert new_words(text) == text


def test_a_mere_quotation_has_no_new_words() -> None:
    assert new_words("> alles alt\n> sehr alt") == ""


@given(st.text(max_size=400))
def test_no_word_is_ever_made_up(text: str) -> None:
    made = new_words(text)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in made.split("\n"):
        assert line in plain
