"""Codes and figures are said in words on the desk."""

from __future__ import annotations

import inspect
import re
from types import SimpleNamespace

import pytest
from django.utils import translation

from nordlotse.answers.core import lint
from nordlotse.journey.forms import REASON_NAMES
from nordlotse.journey.models import Inquiry
from nordlotse.web.templatetags import components, words


def test_every_finding_of_the_article_check_has_words() -> None:
    of_articles = inspect.getsource(lint).split("def check_folder")[0]
    codes = set(re.findall(r'report\.add\([^,]+,\s*"(\w+)"', of_articles))
    assert len(codes) > 15
    assert codes - set(words._FINDINGS) == set()


def test_every_reason_has_a_name() -> None:
    assert set(REASON_NAMES) == set(Inquiry.Reason.values)


@pytest.mark.parametrize(
    ("coverage", "z", "said"),
    [
        (0.9, 4.0, "Die Suchwörter stehen darin, und der Inhalt passt."),
        (0.9, 0.5, "Die Suchwörter stehen darin; der Inhalt ist weiter weg."),
        (0.1, 4.0, "Der Inhalt passt, auch ohne dieselben Wörter."),
        (0.1, 0.5, "Nur entfernt verwandt."),
    ],
)
def test_a_hit_says_whether_words_or_meaning_found_it(coverage: float, z: float, said: str) -> None:
    with translation.override("de"):
        assert words.why_found(SimpleNamespace(coverage=coverage, z=z)) == said


@pytest.mark.parametrize(
    ("number", "dialled"), [("+49 (0)40 123-45", "+494012345"), ("040 4286-75455", "040428675455"), ("110", "110")]
)
def test_a_phone_number_can_be_dialled(number: str, dialled: str) -> None:
    assert components.dialled(number) == dialled
