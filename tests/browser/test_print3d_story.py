"""The whole story of a part: handed in on a phone without an account, judged, priced, repaired, reported, shared, and taken along to a talk."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import trimesh
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page
from pypdf import PdfReader

from nordlotse.foundation.language import Lang
from nordlotse.journey.models import Case, Service
from nordlotse.print3d.actions import work as works
from nordlotse.print3d.core import samples
from nordlotse.print3d.models import Part, Work
from nordlotse.print3d.queries import costs as reckoning
from nordlotse.print3d.queries import parts as kept_parts
from tests.browser import print3d_pages as parts
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
HOLDER = Path(samples.__file__).parent / "data" / "samples" / samples.sample("holder").file
#: Notes everything the page of a waiting part says about how far it is, before the page's own scripts begin.
_WATCH = """() => {
  window.steps = JSON.parse(sessionStorage.steps || "[]");
  setInterval(() => {
    const now = document.querySelector("#stand [role=status]")?.textContent.trim();
    if (now && window.steps.at(-1) !== now) {
      window.steps.push(now);
      sessionStorage.steps = JSON.stringify(window.steps);
    }
  }, 20);
}"""


@contextmanager
def worker(begin: threading.Event | None = None) -> Iterator[None]:
    """Let the worker's lane do what waits while a page looks on, from `begin` on if given."""
    stop = threading.Event()

    def work() -> None:
        if begin is not None:
            begin.wait(60)
        try:
            while not stop.wait(0.1):
                parts.lane().run_one()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        if begin is not None:
            begin.set()
        thread.join()


def words(page: Page) -> str:
    return page.locator("main").inner_text()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


#: The page asks every second how far it is; a step that lasts longer is seen on a fast machine too.
_SEEN_SECONDS = 2.5


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker's second step last until the page has asked again."""
    note = works.note

    def noted(work: Work, step: str) -> bool:
        known = note(work, step)
        if step == works.LAYING:
            time.sleep(_SEEN_SECONDS)
        return known

    monkeypatch.setattr(works, "note", noted)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_whole_story_of_a_part(visit: Visitor, lang: Lang) -> None:
    prefix = "/en" if lang == "en" else ""
    says = (lambda de, en: en) if lang == "en" else (lambda de, en: de)
    narrow: list[bool] = []

    # 1. On a phone: what happens with the file is said before it is handed in; the page shows how far the check is, then the result.
    waiting = threading.Event()

    def hand_in(page: Page) -> tuple[str, str, list[str], str]:
        page.add_init_script(f"({_WATCH})()")
        page.goto(f"{prefix}/druck/")
        said = words(page)
        narrow.append(fits(page))
        page.set_input_files("input[type=file]", str(HOLDER))
        page.locator("main form[enctype] button[type=submit]").click()
        page.locator("#stand progress").wait_for()
        narrow.append(fits(page))
        link = re.sub(r"^https?://[^/]+", "", page.url)
        waiting.set()
        page.locator("[data-viewer][data-ready]").wait_for(timeout=60_000)
        narrow.append(fits(page))
        return said, link, list(page.evaluate("JSON.parse(sessionStorage.steps || '[]')")), words(page)

    with worker(waiting):
        said, link, steps, result = visit(hand_in, **PHONE)
    key = link.strip("/").split("/")[-1]
    assert says("7 Tage", "7 days") in said
    assert len(steps) >= 2, steps
    assert "50 × 30 × 34 mm" in result
    assert says("Die Wand ist dünner", "The wall is thinner") in result
    assert says("Nicht geprüft: Festigkeit", "Not checked: strength") in result
    assert "§ 9 PatG" in result or "Section 9 PatG" in result

    # 2. Judged for one process alone: FDM.
    def choose(page: Page) -> tuple[str, str]:
        page.goto(link)
        before = page.locator("h1").inner_text()
        page.locator("form[action$='/neu/'] select[name=process]").select_option("fdm")
        page.locator("form[action$='/neu/'] button[type=submit]").click()
        page.locator("[data-viewer][data-ready]").wait_for(timeout=60_000)
        return before, page.locator("h1").inner_text()

    with worker():
        before, after = visit(choose)
    assert "SLA" in before
    assert "FDM" in after
    assert "SLA" not in after
    kept = kept_parts.by_key(key)
    assert kept.examined is not None
    assert kept.examined.wishes.process == "fdm"

    # 3. Compared with today's price; another quantity reckons anew without loading the page; the break-even is that of the costs.
    def compare(page: Page) -> tuple[str, str, bool]:
        page.goto(link)
        page.locator(f"a[href='{link}kosten/']").click()
        page.fill("#price", says("12,50", "12.50"))
        page.fill("#quantity", "20")
        page.locator("#ergebnis .answer", has_text="20").wait_for()
        page.evaluate("document.body.dataset.same = 'yes'")
        first = page.locator("#ergebnis .answer").inner_text()
        page.fill("#quantity", "400")
        page.locator("#ergebnis .answer", has_text="400").wait_for()
        narrow.append(fits(page))
        return first, page.locator("#ergebnis").inner_text(), page.evaluate("document.body.dataset.same") == "yes"

    first, told, same = visit(compare, **PHONE)
    assert same
    assert says("12,50", "12.50") in first
    found = reckoning.costing(kept)
    assert found is not None
    n = np.arange(1, 10_001)
    dearer = np.flatnonzero(found.ways["fdm"].total(n) >= found.ways["moulding"].total(n))
    first_dearer = int(n[dearer[0]])
    number = f"{first_dearer:,}" if lang == "en" else f"{first_dearer:,}".replace(",", ".")
    assert f"{says('ab', 'from')} {number}" in told, number

    # 4. A part with a hole is repaired on a copy, which says what it changed and can be checked in turn.
    broken = parts.taken(parts.with_a_hole(HOLDER.read_bytes()), "loch.stl", lang)

    def mend(page: Page) -> tuple[str, str, bytes]:
        page.goto(f"{prefix}/druck/{broken}/")
        finding = words(page)
        page.locator(f"a[href='{prefix}/druck/{broken}/reparatur/']").first.click()
        page.locator("main form button[type=submit]").click()
        page.locator("a[href$='reparatur.stl']").wait_for(timeout=60_000)
        with page.expect_download() as held:
            page.locator("a[href$='reparatur.stl']").click()
        return finding, words(page), Path(held.value.path()).read_bytes()

    with worker():
        finding, mended, stl = visit(mend)
    assert says("nicht geschlossen", "not closed") in finding
    assert says("Die Oberfläche ist jetzt geschlossen", "closed now") in mended
    assert trimesh.load_mesh(io.BytesIO(stl), file_type="stl").is_watertight

    # 5. The report as PDF names the part and what was found.
    def report(page: Page) -> bytes:
        page.goto(link)
        with page.expect_download() as held:
            page.locator(f"a[href='{link}bericht.pdf']").click()
        return Path(held.value.path()).read_bytes()

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(visit(report, **PHONE))).pages)
    assert "holder" in text
    assert says("Wand", "wall") in text

    # 6. Shared: a link that shows without the part's own, offers no change, and ends.
    def share(page: Page) -> str:
        page.goto(f"{link}teilen/")
        page.check("input[name=days][value='1']")
        page.locator("form:has(input[name=days]) button[type=submit]").click()
        shown = page.locator("#link ~ p a").get_attribute("href") or ""
        return re.sub(r"^https?://[^/]+", "", shown)

    shared = visit(share, **PHONE)

    def look(page: Page) -> tuple[str, bool, int]:
        page.goto(shared)
        page.locator("[data-viewer][data-ready]").wait_for()
        narrow.append(fits(page))
        changing = page.locator("main form[method=post], main a[href*='loeschen'], main a[href*='teilen']").count()
        return words(page), key in page.content(), changing

    told, leaks, changing = visit(look, **PHONE)
    assert says("Die Wand ist dünner", "The wall is thinner") in told
    assert not leaks
    assert changing == 0
    Part.objects.filter(pk=key).update(share_until=timezone.now() - timedelta(minutes=1))

    def gone(page: Page) -> int:
        answer = page.goto(shared)
        assert answer
        return answer.status

    assert visit(gone) == 404

    # 7. The result goes along to a talk; the case holds it, but not the link that could delete the part.
    def talk(page: Page) -> None:
        page.goto(link)
        page.locator("section.next a[href*='/gespraech/']").first.click()
        narrow.append(fits(page))
        page.fill("input[name=name]", "Inga Inhaberin")
        page.fill("input[name=phone]", "04841 5550123")
        for box in page.locator("input[name=share]").all():
            box.check()
        page.locator("form.ask button[type=submit]").click()
        page.wait_for_url(re.compile("/gespraech/danke/"))

    visit(talk, **PHONE)
    case = Case.objects.get()
    assert [r["kind"] for r in case.results if str(r["kind"]).startswith("print")] != []
    assert key not in str(case.results)
    assert Service.objects.filter(topic="print3d").exists()
    assert all(narrow), narrow
    assert not visit.seen.foreign
    assert not visit.seen.complaints, visit.seen.complaints
