"""The verdict as a sentence: good news first, each process once."""

from __future__ import annotations

from nordlotse.print3d.core.sentence import by_verdict, short_verdict, verdict_sentence
from nordlotse.print3d.core.values import Verdict


def verdicts(**given: str) -> dict[str, Verdict]:
    """Return verdicts by process."""
    return {name: Verdict(word, ()) for name, word in given.items()}  # type: ignore[arg-type]


def test_what_can_be_printed_as_it_is_comes_first() -> None:
    said = verdict_sentence(verdicts(fdm="with_changes", sls="yes", lpbf="no"))
    assert said.de == "Druckbar: SLS. Mit Änderungen druckbar: FDM. Nicht druckbar: LPBF."
    assert said.en == "Printable: SLS. Printable with changes: FDM. Not printable: LPBF."


def test_what_nobody_got_is_not_said() -> None:
    assert verdict_sentence(verdicts(fdm="yes", sla="yes")).de == "Druckbar: FDM, SLA."


def test_every_process_is_named_once() -> None:
    found = by_verdict(verdicts(fdm="no", sla="yes", sls="no"))
    assert sorted(name for names in found.values() for name in names) == ["FDM", "SLA", "SLS"]


def test_the_short_form_tells_what_can_be_done() -> None:
    assert short_verdict(verdicts(fdm="yes", sls="with_changes", sla="no")).de == "druckbar (FDM), mit Änderungen (SLS)"
    assert short_verdict(verdicts(fdm="yes", sla="no")).de == "druckbar (FDM)"
    assert short_verdict(verdicts(fdm="with_changes")).en == "printable with changes (FDM)"
    assert short_verdict(verdicts(fdm="no")).de == "so nicht druckbar"
