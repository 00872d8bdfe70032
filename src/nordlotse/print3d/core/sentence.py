"""What the check says in one sentence: by which processes the part can be printed, as it is or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.values import Verdict

_VERDICTS = (
    ("yes", Text("Druckbar: {}.", "Printable: {}.")),
    ("with_changes", Text("Mit Änderungen druckbar: {}.", "Printable with changes: {}.")),
    ("no", Text("Nicht druckbar: {}.", "Not printable: {}.")),
)


def by_verdict(printable: Mapping[str, Verdict]) -> dict[str, tuple[str, ...]]:
    """Return the processes by verdict (yes, with_changes, no), in capitals as people write them; verdicts nobody got are left out."""
    found = {kind: tuple(name.upper() for name, v in printable.items() if v.verdict == kind) for kind, _ in _VERDICTS}
    return {kind: names for kind, names in found.items() if names}


def verdict_sentence(printable: Mapping[str, Verdict]) -> Text:
    """Return by which processes the part can be printed, the best news first."""
    found = by_verdict(printable)
    said = [(text, ", ".join(found[kind])) for kind, text in _VERDICTS if kind in found]
    return _joined([Text(text.de.format(names), text.en.format(names)) for text, names in said])


def short_verdict(printable: Mapping[str, Verdict]) -> Text:
    """Return the good news alone, without a full stop, to stand behind a part's name: "druckbar (FDM), mit Änderungen (SLS)"."""
    found = by_verdict(printable)
    yes, changed = ", ".join(found.get("yes", ())), ", ".join(found.get("with_changes", ()))
    if yes and changed:
        return Text(f"druckbar ({yes}), mit Änderungen ({changed})", f"printable ({yes}), with changes ({changed})")
    if yes:
        return Text(f"druckbar ({yes})", f"printable ({yes})")
    if changed:
        return Text(f"mit Änderungen druckbar ({changed})", f"printable with changes ({changed})")
    return Text("so nicht druckbar", "not printable as it is")


def _joined(texts: Sequence[Text]) -> Text:
    return Text(" ".join(t.de for t in texts), " ".join(t.en for t in texts))
