"""Pages of the knowledge, the programmes, the question and its answer, the legal pages, and the editors' desk."""

from __future__ import annotations

from tests.web.rows import STAFF, Rows, but, everybody, only

#: Staff only; a method the page does not know is told to staff, and to nobody else what the page would know.
DESK_PAGE = only(STAFF)
DESK_FORM = only(STAFF, post=200)

PAGES: Rows = {
    "": everybody(),
    "fragen/": everybody(get=302, post=422),
    "antwort/ID/": everybody(),
    "antwort/ID/blatt/": everybody(),
    "rueckmeldung/ID/": everybody(get=405, post=302, data={"helpful": "yes"}),
    "kontakt/": everybody(),
    "foerderung/": everybody(),
    "foerderung/hh-digital-check/": everybody(),
    "thema/iot/": everybody(),
    "wissen/": everybody(),
    "wissen/iot-01/": everybody(),
    "stand/einvoice-receive/": everybody(),
    "suche/": everybody(),
    "ueber/": everybody(),
    "datenschutz/": everybody(),
    "barrierefreiheit/": everybody(),
    "leichte-sprache/": everybody(),
    "gebaerdensprache/": everybody(),
    "impressum/": everybody(),
    "desk/": DESK_PAGE,
    # Everybody of the centre may read who runs it; an administrator alone changes it.
    "desk/betreiber/": but(only(STAFF, post=403), "POST", administrator=302),
    "desk/frage/ID/": only(STAFF, get=405, post=302),
    "desk/texte/": DESK_PAGE,
    "desk/texte/neu/": DESK_FORM,
    "desk/texte/iot-01/de/": only(STAFF, post=422),
    "desk/texte/iot-01/de/fassungen/": only(STAFF, post=404),
    "desk/veraltet/": DESK_PAGE,
    "desk/suchtest/": DESK_PAGE,
    "desk/import/": DESK_FORM,
}

SINGLE: Rows = {
    "health/live": everybody(),
    "health/ready": everybody(),
    "metrics": everybody(),  # to this machine only, and the test is on it
    "robots.txt": everybody(),
    ".well-known/security.txt": everybody(get=404),  # no operator entered yet
    "api/v1/openapi.json": everybody(post=200),
    "api/v1/ask": everybody(get=405, post=422),
    "api/v1/answers/ID": everybody(),
    "api/v1/articles": everybody(),
    "api/v1/articles/iot-01": everybody(),
    "api/v1/search": everybody(get=422),
    "api/v1/programmes": everybody(),
    "api/v1/": everybody(get=404, post=404),
}
