"""What the viewer says of a part in words, and that its template works without a machine, a proposal or a finding."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from django.template.loader import render_to_string
from django.utils import translation

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.samples import sample, sample_bytes
from nordlotse.print3d.core.seeing import look_closely, numbered
from nordlotse.print3d.core.values import Checked, Finding, Proposal, Severity
from nordlotse.print3d.core.whole import Wishes
from nordlotse.print3d.templatetags.print3d_viewer import called, extent, measured, nine_numbers

FINDING = Finding(
    "thin_wall", Severity.RISK, (0, 0, 0), 0.6154, 1.2, "mm", Text("dünn", "thin"), Text("dicker", "thicker")
)


@pytest.fixture(scope="module")
def checked() -> Checked:
    return look_closely(sample_bytes("holder"), sample("holder").file)[0]


@pytest.mark.parametrize(
    ("lang", "value", "limit", "unit", "text"),
    [
        ("de", 0.6154, 1.2, "mm", "0,62 mm (Grenze 1,2 mm)"),
        ("en", 0.6154, 1.2, "mm", "0.62 mm (limit 1.2 mm)"),
        ("de", 0.0, 45.0, "deg", "0° (Grenze 45°)"),
        ("de", 13333.4, None, "mm3", "13.333 mm³"),
        ("en", 13333.4, None, "mm3", "13,333 mm³"),
        ("de", 100.0, None, "mm2", "100 mm²"),
        ("de", None, None, "", ""),
    ],
)
def test_a_measure_is_written_as_the_language_does(
    lang: str, value: float | None, limit: float | None, unit: str, text: str
) -> None:
    with translation.override(lang):
        assert measured(replace(FINDING, value=value, limit=limit, unit=unit)) == text


def test_a_size_is_written_without_zeros_at_the_end(checked: Checked) -> None:
    with translation.override("de"):
        assert extent(checked.facts) == "50 × 30 × 34 mm"


def test_a_rotation_comes_back_from_its_nine_numbers() -> None:
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ np.diag([1.0, -1.0, -1.0])
    assert np.allclose(np.array([float(x) for x in nine_numbers(turn).split()]).reshape(3, 3), turn)


def test_every_proposal_has_a_name_in_both_languages() -> None:
    for name in ("cheapest", "fastest", "best_surface"):
        proposal = Proposal(name, np.eye(3), 0, 0, 0, 0, Text("", ""))
        with translation.override("de"):
            german = called(proposal)
        with translation.override("en"):
            assert called(proposal) not in ("", german)


@pytest.mark.parametrize("findings", [True, False])
def test_the_viewer_stands_with_and_without_machine_proposals_and_findings(checked: Checked, findings: bool) -> None:
    shown = {
        "kept": SimpleNamespace(examined=SimpleNamespace(checked=checked, wishes=Wishes())),
        "view_url": "/a",
        "picture_urls": [("front", "/front.png", "von vorn")],
        "findings": numbered(checked.findings) if findings else (),
        "proposals": (),
        "machine": None,
    }
    page = render_to_string("print3d/_viewer.html", shown)
    assert 'alt="von vorn"' in page
    assert ("data-finding=" in page) is findings
    assert "style=" not in page
    assert "data-plate" not in page
