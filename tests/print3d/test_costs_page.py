"""The page of costs: today's price first, all ways side by side, break-even, own figures, what is kept, both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Literal

import pytest
from django.test import Client

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.comparison import Today
from nordlotse.print3d.core.rates import rates
from nordlotse.print3d.core.values import Verdict
from nordlotse.print3d.core.whole import Examined
from nordlotse.print3d.forms.costs import decimal, lead_time
from nordlotse.print3d.models import Part
from nordlotse.print3d.queries import costs, parts
from tests.print3d.examined_parts import examined, kept, plate

pytestmark = pytest.mark.django_db


def _judged(**verdicts: Literal["yes", "with_changes", "no"]) -> Examined:
    """Return the plate with these verdicts; every process not named cannot print it."""
    found = examined(plate())
    reason = (Text("Zu dünn.", "Too thin."),)
    printable = {
        name: Verdict(verdicts.get(name, "no"), () if verdicts.get(name) == "yes" else reason)
        for name in found.checked.printable
    }
    return replace(found, checked=replace(found.checked, printable=printable))


def _text(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_the_page_asks_for_todays_price_before_anything_else(client: Client) -> None:
    page = client.get(f"/druck/{kept().key}/kosten/").content.decode()
    assert page.index('name="price"') < page.index('name="quantity"') < page.index('id="ergebnis"')


def test_the_answer_names_quantity_range_and_todays_price(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/?quantity=20&price=12,50")
    assert re.search(r"Bei 20 Stück: FDM \(Filament\) \d+,\d\d–\d+,\d\d € je Stück, heute 12,50 €\.", said)


def test_a_range_below_todays_price_says_what_is_saved(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/?quantity=20&price=400")
    assert "Die ganze Spanne liegt unter Ihrem heutigen Preis: Sie sparen" in said


def test_a_range_above_todays_price_says_so(client: Client) -> None:
    assert "liegt über Ihrem heutigen Preis" in _text(client, f"/druck/{kept().key}/kosten/?quantity=20&price=0,10")


def test_the_answer_speaks_of_the_likely_cheapest_of_those_that_print_without_changes(client: Client) -> None:
    every = dict.fromkeys(("fdm", "sla", "sls", "mjf"), "yes")
    key = kept(_judged(**every)).key  # type: ignore[arg-type]
    found = costs.compared(parts.by_key(key))
    assert found is not None
    printed = sorted((one.likely, one.process) for one in found.costs if one.process in every)
    best = rates().ways[printed[0][1]].name.get("de")
    dear = printed[-1][1]
    assert f"Bei 10 Stück: {best} " in _text(client, f"/druck/{key}/kosten/?quantity=10")
    assert f"Zeit, Material und Kosten: {best}" in _text(client, f"/druck/{key}/")
    # and where only the dearest needs no changes, it is that one, and the cheaper one is named beside it
    key = kept(_judged(**{dear: "yes", printed[0][1]: "with_changes"})).key  # type: ignore[arg-type]
    said = _text(client, f"/druck/{key}/kosten/?quantity=10")
    assert f"Bei 10 Stück: {rates().ways[dear].name.get('de')} " in said
    assert re.search(
        rf"Mit Änderungen am Teil wahrscheinlich günstiger: {re.escape(best)} [\d,.]+–[\d,.]+ € je Stück", said
    )
    assert "Probably cheaper with changes to the part: " in _text(client, f"/en/druck/{key}/kosten/?quantity=10")


def test_printing_is_not_called_a_loss_while_another_process_may_cost_less_than_today(client: Client) -> None:
    key = kept(_judged(fdm="with_changes", sla="yes", mjf="with_changes", sls="with_changes")).key
    found = costs.compared(parts.by_key(key), costs.Chosen(10))
    assert found is not None
    by = {one.process: one for one in found.costs}
    least = min((one for one in found.costs if one.process in ("fdm", "mjf", "sls")), key=lambda one: one.low)
    price = f"{(least.low + by['sla'].low) / 2:.2f}".replace(".", ",")
    assert least.low < by["sla"].low
    said = _text(client, f"/druck/{key}/kosten/?quantity=10&price={price}&detail=sla")
    assert "lohnt sich hier nur" not in said
    assert "Günstiger als heute können sein: " in said
    nothing = _text(client, f"/druck/{key}/kosten/?quantity=10&price=0,05&detail=sla")
    assert "lohnt sich hier nur, wenn es schneller gehen muss" in nothing


def test_a_way_surely_below_todays_price_is_said_first(client: Client) -> None:
    page = client.get(f"/druck/{kept().key}/kosten/?quantity=20&price=400").content.decode()
    box = page[page.index('<div class="answer">') :]
    assert box.index("Mit der ganzen Spanne unter Ihrem heutigen Preis: ") < box.index("Bei 20 Stück")
    english = client.get(f"/en/druck/{kept().key}/kosten/?quantity=20&price=400").content.decode()
    assert "With the whole range below what you pay today: " in english


def test_another_material_than_todays_is_named(client: Client) -> None:
    key = kept().key
    said = _text(client, f"/druck/{key}/kosten/?quantity=20&price=5&process=gefräst")
    assert re.search(r"Gerechnet ist mit \w.*Besteht Ihr Teil heute aus etwas anderem", said)
    assert "If your part is made of something else today" in _text(client, f"/en/druck/{key}/kosten/?price=5")
    assert "aus etwas anderem" not in _text(client, f"/druck/{key}/kosten/?quantity=20")


def test_a_guide_value_above_what_is_paid_is_said_to_count_less(client: Client) -> None:
    key = kept().key
    said = _text(client, f"/druck/{key}/kosten/?quantity=1&price=5&process=gefräst")
    assert "Unser Richtwert liegt über Ihrem heutigen Preis von 5,00 €: " in said
    assert "Our guide value lies above the 5.00 €" in _text(client, f"/en/druck/{key}/kosten/?quantity=1&price=5.00")
    assert "Unser Richtwert liegt" not in _text(client, f"/druck/{key}/kosten/?quantity=1&price=900&process=gefräst")


def test_a_quantity_that_keeps_a_machine_busy_longer_than_the_lead_time_says_so(client: Client) -> None:
    key = kept().key
    many = _text(client, f"/druck/{key}/kosten/?quantity=5000&price=5&lead=300")
    assert re.search(r"So viele Stück belegen eine Maschine etwa [\d.]+ Tage\.", many)
    sooner = re.search(r"Schneller da als heute: ([^.]*)\.", many)
    assert sooner is None or "FDM" not in sooner[1]
    assert "belegen eine Maschine" not in _text(client, f"/druck/{key}/kosten/?quantity=1&price=5")
    assert "keep one machine busy" in _text(client, f"/en/druck/{key}/kosten/?quantity=5000")


def test_todays_line_is_drawn_also_where_the_boxes_were_ticked_before_the_price_was_known(client: Client) -> None:
    page = client.get(
        f"/druck/{kept().key}/kosten/?price=5&before=fdm&detail=fdm&show=fdm&show=milling&show=moulding"
    ).content.decode()
    assert "chart__line chart__today" in page


def test_a_price_within_the_range_promises_nothing(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/?quantity=20&price=5")
    assert "liegt in der Spanne" in said
    assert "sparen" not in said


def test_without_todays_price_the_page_says_that_it_is_missing(client: Client) -> None:
    assert "Ihr heutiger Preis fehlt noch" in _text(client, f"/druck/{kept().key}/kosten/")


def test_unmeasured_processes_stand_under_their_own_heading_and_fdm_above_it(client: Client) -> None:
    page = client.get(f"/druck/{kept().key}/kosten/?quantity=20&price=5").content.decode()
    table = page[page.index("costs-table") : page.index("</table>")]
    head = table.index("Richtwert, nicht gemessen")
    assert table.index("FDM (Filament)") < head < table.index("SLS (Pulver, Laser)")
    assert 'class="guide-row' not in table[:head]


def test_where_ranges_overlap_none_is_called_cheapest(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/?quantity=20")
    assert "Die Spannen überschneiden sich; sicher am günstigsten ist keines. In Frage kommen: " in said
    assert said.count("sicher am günstigsten") == 1


def test_a_price_below_all_ranges_is_surely_the_cheapest(client: Client) -> None:
    page = client.get(f"/druck/{kept().key}/kosten/?quantity=20&price=0,05").content.decode()
    row = next(row for row in re.findall(r"<tr.*?</tr>", page, re.S) if "sicher am günstigsten" in row)
    assert "heute" in row


def test_a_process_the_part_does_not_fit_is_named_with_its_reason(client: Client) -> None:
    said = _text(client, f"/druck/{kept(examined(plate(300, 280, 20))).key}/kosten/")
    out = said[said.index("Diese Verfahren scheiden aus") :]
    assert re.search(r"LPBF \(Metall, Laser\): Das Teil (passt in keinen|ist in jeder Lage größer)", out)


def test_less_than_the_least_order_is_said(client: Client) -> None:
    assert "Sie zahlen die Mindestmenge von 100." in _text(client, f"/druck/{kept().key}/kosten/?quantity=20")


def test_a_shorter_lead_time_than_todays_is_said(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/?quantity=20&price=5&lead=3 Wochen")
    assert "Schneller da als heute: FDM (Filament), SLA (Harz)" in said


def test_break_even_is_a_sentence_a_table_and_a_mark(client: Client) -> None:
    address = f"/druck/{kept().key}/kosten/?quantity=20&price=12,50"
    said = _text(client, address)
    found = re.search(r"Gegen „Spritzguss“: FDM \(Filament\) ist bis ([\d.]+) Stück günstiger; ab ([\d.]+) Stück", said)
    assert found
    last, first = (int(number.replace(".", "")) for number in found.groups())
    assert first == last + 1
    assert f"bis {found[1]}" in said[said.index("Drucken ist günstiger") :]
    assert f">{found[2]}</text>" in client.get(address).content.decode()


def test_the_chart_is_also_a_table(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/?quantity=20&price=12,50")
    table = said[said.index("Die Kurven als Tabelle") :]
    assert "10.000" in table[:3000]


def test_an_own_figure_counts_as_yours_and_narrows_the_range(client: Client) -> None:
    key = kept().key
    before = costs.compared(parts.by_key(key), costs.Chosen(20))
    after = costs.compared(parts.by_key(key), costs.Chosen(20, None, {"fdm.finishing": 2.0}))
    assert before is not None
    assert after is not None
    wide, narrow = (next(c for c in found.costs if c.process == "fdm") for found in (before, after))
    assert narrow.high - narrow.low < wide.high - wide.low
    assert "2 Minuten (Ihre Angabe)" in _text(client, f"/druck/{key}/kosten/?quantity=20&f.fdm.finishing=2")


def test_every_figure_names_its_source_and_its_day(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/")
    rows = said[said.index("Alle Kostenwerte mit Quelle und Datum") :]
    assert rows.count("Eigene Schätzung, nicht gemessen") >= 5
    assert "23. November 2026" in rows


def test_the_saw_is_explained_where_it_is_drawn(client: Client) -> None:
    key = kept().key
    assert "wie eine Säge" in _text(client, f"/druck/{key}/kosten/?quantity=20&detail=sls")
    assert "wie eine Säge" not in _text(client, f"/druck/{key}/kosten/?quantity=20&detail=fdm")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("price", "viel"),
        ("price", "-3"),
        ("quantity", "0"),
        ("quantity", "1,5"),
        ("quantity", "9999999"),
        ("lead", "bald"),
        ("minimum", "keine"),
        ("f.fdm.scrap", "3"),
        ("f.fdm.machine_rate", "nan"),
        ("price", "1e400"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(client: Client, field: str, typed: str) -> None:
    answer = client.get(f"/druck/{kept().key}/kosten/", {"price": "5", "quantity": "20", field: typed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()
    assert "Sobald die Angabe stimmt" in answer.content.decode()


def test_a_partial_update_holds_only_the_result_and_no_page(client: Client) -> None:
    address = f"/druck/{kept().key}/kosten/?quantity=20&price=5&before=fdm&f.fdm.finishing="
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'id="dazu" hx-swap-oob' in page
    assert 'id="wirkt-fdm-finishing"' in page
    assert 'id="hebel"' not in page


def test_another_process_brings_its_own_sliders(client: Client) -> None:
    address = f"/druck/{kept().key}/kosten/?quantity=20&detail=sls&before=fdm&f.fdm.finishing=3"
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'name="f.sls.machine_rate"' in page
    assert '<input type="hidden" form="kosten" name="f.fdm.finishing" value="3">' in page


def test_kept_figures_come_back_without_an_address(client: Client) -> None:
    key = kept().key
    given = {"quantity": "20", "price": "12,50", "lead": "10-20", "minimum": "5", "process": "gefräst", "marks": "de"}
    assert client.post(f"/druck/{key}/kosten/", {**given, "f.fdm.finishing": "1,5", "detail": "fdm"}).status_code == 302
    said = costs.chosen(Part.objects.get(pk=key).today)
    assert (said.quantity, said.today) == (20, Today(12.5, (10, 20), 5, "gefräst"))
    assert said.figures == {"fdm.finishing": 1.5}
    page = _text(client, f"/druck/{key}/kosten/")
    assert "heute 12,50 €" in page
    assert "Diese Angaben sind beim Teil gemerkt." in page


def test_numbers_are_read_as_they_were_typed_after_the_language_changed(client: Client) -> None:
    page = client.get(f"/en/druck/{kept().key}/kosten/?quantity=20&price=1.250&marks=de").content.decode()
    assert "today 1,250.00 €" in unescape(page)


def test_the_english_page_is_english(client: Client) -> None:
    said = _text(client, f"/en/druck/{kept().key}/kosten/?quantity=20&price=12.50&process=milled")
    assert re.search(r"At 20 pieces: FDM \(filament\) \d+\.\d\d–\d+\.\d\d € each, today 12\.50 €\.", said)
    assert "Guide value, not measured" in said
    assert "Stück" not in said


def test_words_of_a_visitor_are_only_shown(client: Client) -> None:
    page = client.get(f"/druck/{kept().key}/kosten/?price=5&quantity=3&process=<script>alert(1)</script>")
    assert "<script>alert" not in page.content.decode()


def test_figures_kept_by_hand_that_make_no_sense_count_as_not_said() -> None:
    assert costs.chosen({"price": "viel", "quantity": []}) == costs.Chosen()
    assert costs.chosen({"price": -3}) == costs.Chosen()


def test_pages_behind_the_link_stay_out_of_search_engines(client: Client) -> None:
    answer = client.get(f"/druck/{kept().key}/kosten/")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("typed", "lang", "meant"),
    [
        ("12,50", "de", 12.5),
        ("12.50", "de", 12.5),
        ("1.250", "de", 1250.0),
        ("1.250,75 €", "de", 1250.75),
        ("1,250", "en", 1250.0),
        ("1,250.75", "en", 1250.75),
        ("etwa 3", "de", 3.0),
        ("abc", "de", None),
        ("1,2,3", "de", None),
        ("٣", "de", None),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, lang: str, meant: float | None) -> None:
    assert decimal(typed, lang) == meant  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("14", (14, 14)), ("10–20", (10, 20)), ("3 Wochen", (21, 21)), ("2 to 4 weeks", (14, 28)), ("", (0, 0))],
)
def test_lead_times_are_read_in_days_or_weeks(typed: str, meant: tuple[int, int]) -> None:
    assert lead_time(typed) == meant


@pytest.mark.parametrize("typed", ["20–10", "bald", "5000", "-3"])
def test_what_is_no_lead_time_is_refused(typed: str) -> None:
    assert lead_time(typed) is None


def test_the_figures_at_a_glance_carry_their_band_and_the_word_estimated(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/")
    assert "Zeit, Material und Kosten: FDM (Filament)" in said
    assert "geschätzt; die Spanne ist an vielen Teilen gemessen" in said
    assert re.search(r"Druckzeit je Stück \d+ min \d+ min – \d+ min", said)


def test_an_unmeasured_process_is_headed_as_a_guide_value_at_a_glance(client: Client) -> None:
    found = costs.glance(parts.by_key(kept(examined(plate(), "sls")).key), "de")
    assert found is not None
    assert (found.process, found.guide) == ("sls", "Richtwert, nicht gemessen")
    assert found.layers == 0


def _sliced(process: str, *, estimated: bool = True) -> Examined:
    """Return the plate after the slicer reckoned FDM: 5 h 25 min and 30 g, where 4 h 55 min were estimated."""
    found = examined(plate(), process)
    assert found.reckoned is not None
    made = replace(found.reckoned.estimate, time_s=17_700.0, time_low_s=15_000.0, time_high_s=20_100.0)
    grams = {"filament_g": 30.0, "filament_low_g": 30.0, "filament_high_g": 30.0}
    exact = replace(made, time_s=19_500.0, time_low_s=19_500.0, time_high_s=19_500.0, layers=40, engine="sliced")
    exact = replace(exact, **grams)  # type: ignore[arg-type]
    figures = replace(found.reckoned.figures, fdm=exact)
    made_now = replace(found.reckoned, estimate=exact, figures=figures, estimated=made if estimated else None)
    return replace(found, reckoned=made_now)


def test_what_the_slicer_reckoned_stands_as_fdm_beside_the_estimate_while_another_process_leads(client: Client) -> None:
    key = kept(_sliced("sla")).key
    said = _text(client, f"/druck/{key}/")
    head, rest = said.split("FDM (Filament), von PrusaSlicer gerechnet")
    assert "Zeit, Material und Kosten: SLA (Harz)" in head
    assert "PrusaSlicer gerechnet" not in head[head.index("Zeit, Material und Kosten: SLA") :]
    assert "geschätzt 4 h 55 min (4 h 10 min – 5 h 35 min), gerechnet 5 h 25 min" in rest
    assert re.search(r"geschätzt \d[^)]*\), gerechnet 30 g", rest)
    assert re.search(r"Kosten je Stück bei 10 \d[\d,]* €", rest)
    assert "40 Schichten zu 0,2 mm" in rest
    english = _text(client, f"/en/druck/{key}/")
    assert "FDM (filament), computed by PrusaSlicer" in english
    assert "estimated 4 h 55 min (4 h 10 min – 5 h 35 min), computed 5 h 25 min" in english


def test_where_fdm_leads_the_computed_figure_stands_once_with_its_estimate(client: Client) -> None:
    said = _text(client, f"/druck/{kept(_sliced('fdm')).key}/")
    assert "Druckzeit je Stück 5 h 25 min geschätzt 4 h 55 min (4 h 10 min – 5 h 35 min), gerechnet 5 h 25 min" in said
    assert "FDM (Filament), von PrusaSlicer gerechnet" not in said


def test_a_part_sliced_before_estimates_were_kept_shows_what_was_computed(client: Client) -> None:
    assert "gerechnet 5 h 25 min" in _text(client, f"/druck/{kept(_sliced('sla', estimated=False)).key}/")


def test_the_lay_can_be_chosen_whatever_process_leads(client: Client) -> None:
    key = kept(examined(plate(), "sla")).key
    assert f"/druck/{key}/lage/" in client.get(f"/druck/{key}/").content.decode()


def test_the_machine_a_part_is_reckoned_on_is_named(client: Client) -> None:
    assert "Gerechnet auf: FDM-Tischgerät (250 × 210 × 210 mm)." in _text(
        client, f"/druck/{kept(examined(plate(), 'fdm')).key}/"
    )


def test_what_was_typed_is_kept_when_the_form_is_sent_by_its_button_and_counts_in_the_report(client: Client) -> None:
    key = kept().key
    page = client.get(f"/druck/{key}/kosten/").content.decode()
    form = page[page.index('id="kosten"') : page.index("</form>")]
    assert 'method="post"' in form and "csrfmiddlewaretoken" in form
    assert 'hx-params="not csrfmiddlewaretoken"' in form  # it must not stand in the address
    answer = client.post(
        f"/druck/{key}/kosten/", {"price": "38", "quantity": "3", "marks": "de", "show": ["sla", "mjf"]}
    )
    assert answer["Location"] == f"/druck/{key}/kosten/?show=sla&show=mjf#ergebnis"
    compared, said = costs.compared_as_kept(parts.by_key(key))
    assert compared is not None
    assert (said.quantity, said.today) == (3, Today(38.0))
    shown = _text(client, f"/druck/{key}/kosten/?show=sla&show=mjf")
    assert "heute 38,00 €" in shown


def test_the_quantity_is_said_to_be_that_of_an_order_not_of_a_year(client: Client) -> None:
    assert "je Bestellung, nicht je Jahr" in _text(client, f"/druck/{kept().key}/kosten/")
    assert "of one order, not of a year" in _text(client, f"/en/druck/{kept().key}/kosten/")


def test_figures_are_written_for_people(client: Client) -> None:
    key = kept(examined(plate(), "fdm")).key
    said = _text(client, f"/druck/{key}/kosten/?quantity=20")
    rows = said[said.index("Alle Kostenwerte mit Quelle") : said.index("Was den Preis am stärksten bewegt")]
    assert re.search(r"Druckzeit \d+ min – \d+ min", rows)
    assert re.search(r"Ausschuss 1 – 4 – 10 %", rows)
    assert said.count("0,15 für 15 Prozent") == 1
    assert not re.search(r"\d,\d{4}", rows)
    english = _text(client, f"/en/druck/{key}/kosten/?quantity=20&f.fdm.scrap=0.025")
    assert english.count("0.15 for 15 per cent") == 1
    assert "2.5 % (Your figure)" in english or "2.5 % (your figure)" in english


def test_cheaper_at_every_quantity_says_up_to_which_it_was_reckoned(client: Client) -> None:
    said = _text(client, f"/druck/{kept().key}/kosten/?quantity=20&price=400")
    table = said[said.index("Drucken ist günstiger") :]
    assert "bei jeder Menge bis 10.000" in table
    assert "immer, bis" not in table
    english = _text(client, f"/en/druck/{kept().key}/kosten/?quantity=20&price=0.05")
    assert "at no quantity up to 10,000" in english
