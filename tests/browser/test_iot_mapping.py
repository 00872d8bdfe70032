"""The mapping page in a real browser: axe and narrow screens, with a list that waits, a topic's values, and one that has rules."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from nordlotse.foundation.language import Lang
from nordlotse.iot.actions import halls, mapping
from nordlotse.iot.core import quarantine
from nordlotse.iot.core.decoding import Refused
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.values import Why
from tests.browser import test_axe as axe
from tests.browser.conftest import Visitor
from tests.browser.test_layout import too_wide
from tests.iot.written import Written

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_and_no_page_is_too_wide(visit: Visitor, lang: Lang) -> None:
    hall = halls.create(user=None, lang=lang)
    made = Written(hall.store)
    content = json.dumps({"strom": 4.5, "temperatur der spindel": {"vorn": 61.5}, "zustand": "läuft"}).encode()
    refused = [Refused(topic, content, 10**15, Why.NO_MAPPING) for topic in (b"shelly/status/em1:0/halle", b"a//b")]
    made.put("Säge", "x", [1_700_000_000_000_000], [1.0])
    made.writer.flush(made.place, aside=quarantine.add(made.folder, made.writer.manifest, refused, Disk()))
    told = {"time": "", "unit": "A", "scale": 1.0, "offset": 0.0, "sample": content.decode()}
    mapping.add(hall, [mapping.rule("ofen/x/y", "Ofen", "Strom", '["strom"]', **told)])  # type: ignore[arg-type]
    page = reverse(f"{lang}:iot_mapping", args=[hall.pk])
    addresses = [page, f"{page}?thema=a//b", f"{page}?thema=ofen/x/y", f"{page}?verworfen=1"]
    axe.check(visit, addresses, as_staff=False)
    assert visit(lambda opened: too_wide(opened, addresses), width=320) == []
