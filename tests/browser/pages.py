"""Which pages there are to look at: every template with the longest content it can show."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.urls import reverse

from nordlotse.answers import actions as editing
from nordlotse.answers import queries as answers
from nordlotse.answers.core.article import TOPICS
from nordlotse.answers.core.knowledge import shipped_texts
from nordlotse.answers.models import Revision
from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang
from nordlotse.journey import actions
from nordlotse.journey.models import Inquiry
from nordlotse.journey.views import EXAMPLES
from tests.browser import company_pages, network_pages, print3d_pages, services_pages

#: One question per kind of answer, beside the examples of the start page.
KINDS = {
    "de": (
        "Wir wurden verschlüsselt, was sollen wir tun?",
        "Digitalisierung?",
        "Wie wird morgen das Wetter?",
        "Wer haftet bei Quaxelbrumpf?",
    ),
    "en": (
        "We have been hit by ransomware, what now?",
        "Digitalisation?",
        "What is the weather tomorrow?",
        "Who is liable for quaxelbrumpf?",
    ),
}


def longest_article(lang: Lang) -> str:
    """Return the id of the article with the most text."""
    return max(answers.knowledge().in_language(lang), key=lambda a: sum(len(s.text) for s in a.sections)).id


def longest_record() -> str:
    """Return the id of the speaking record with the most sources."""
    return max((r for r in answers.knowledge().records.values() if r.speaks), key=lambda r: len(r.sources)).id


def longest_programme() -> str:
    """Return the id of the speaking programme with the most sources."""
    found = [r for r in answers.knowledge().records.values() if isinstance(r, dated.FundingRecord) and r.speaks]
    return max(found, key=lambda r: len(r.sources)).id


def asked(lang: Lang) -> list[str]:
    """Ask the examples and one question of each kind; return the ids, the longest answer first."""
    made = [actions.ask(question, lang=lang)[0] for question in (*EXAMPLES[lang], *KINDS[lang])]
    made.sort(key=lambda a: len(str(a["sentences"])) + len(str(a["sources"])), reverse=True)
    return [a["id"] for a in made]


def kinds_asked(lang: Lang) -> list[str]:
    """Return the ids of the longest answer and one of every other kind and certainty."""
    chosen: dict[tuple[str, str], str] = {}
    for answer_id in asked(lang):
        inquiry = Inquiry.objects.get(pk=answer_id)
        chosen.setdefault((inquiry.kind, inquiry.confidence if inquiry.kind == "answer" else ""), answer_id)
    return list(chosen.values())


def public(lang: Lang) -> list[str]:
    """Return the address of every public template, with the longest content."""

    def at(name: str, *args: str) -> str:
        return reverse(f"{lang}:{name}", args=args)

    ids = kinds_asked(lang)
    plain = (
        "start",
        "contact",
        "articles",
        "about",
        "privacy",
        "accessibility",
        "easy_language",
        "sign_language",
        "imprint",
    )
    return [
        *(at(name) for name in plain),
        *(at("answer", i) for i in ids),
        at("sheet", ids[0]),
        at("talk") + f"?antwort={ids[0]}",
        at("programmes") + "?state=SH&employees=40&purpose=investment",
        at("programmes") + "?employees=viele",
        at("programme", longest_programme()),
        at("topic", "iot"),
        at("article", longest_article(lang)),
        at("record", longest_record()),
        at("search") + "?q=Sensor",
        at("start") + "gibt-es-nicht/",
        f"/konto/login/?lang={lang}",
        *services_pages.public(lang),
        *network_pages.public(lang),
        *company_pages.public(lang),
        *print3d_pages.public(lang),
    ]


def desk(lang: Lang) -> list[str]:
    """Return the address of every staff template, after filling the desk with work."""

    def at(name: str, *args: str) -> str:
        return reverse(f"{lang}:{name}", args=args)

    fill_desk(lang)
    slug = longest_article(lang)
    account = ("account_set_password", "account_change_password", "account_logout", "mfa_index", "mfa_activate_totp")
    return [
        at("desk"),
        at("operator"),
        at("texts"),
        at("new_text"),
        at("edit", slug, lang),
        at("history", slug, lang),
        at("stale"),
        at("search_test") + "?q=Was+kostet+ein+3D-Druckteil",
        at("import"),
        at("security"),
        *services_pages.desk(lang),
        *network_pages.desk(lang),
        *company_pages.desk(lang),
        *(f"{reverse(name)}?lang={lang}" for name in account),
    ]


def fill_desk(lang: Lang) -> None:
    """Put an unanswered and a badly rated question, a draft and a waiting update on the desk."""
    ids = asked(lang)
    actions.rate(
        ids[0], helpful=False, reason="outdated", comment="Der Betrag stimmt seit dem Sommer nicht mehr. " * 12
    )
    Inquiry.objects.filter(pk=ids[-1]).update(
        kind="answer", confidence="none", question="Wie lang darf eine Frage sein? " * 40
    )
    slug = longest_article(lang)
    raw = shipped_texts()[slug, lang]
    user = get_user_model().objects.filter(is_superuser=True).first()
    revision = editing.save_draft(user, slug, lang, raw.replace("Prozent", "v. H."), "Wortlaut")
    Revision.objects.filter(pk=revision.pk).update(state=Revision.State.PUBLISHED, base_hash="an older one")
    editing.save_draft(user, slug, lang, raw, "zurück")


def everything(lang: Lang) -> list[str]:
    """Return the address of every article, record, programme and topic."""
    known = answers.knowledge()
    return [
        *(reverse(f"{lang}:topic", args=[t]) for t in TOPICS if t != "out_of_scope"),
        *(reverse(f"{lang}:article", args=[a.id]) for a in known.in_language(lang)),
        *(
            reverse(f"{lang}:record", args=[r.id])
            for r in known.records.values()
            if f"record:{r.id}@{lang}" in known.units
        ),
        *(
            reverse(f"{lang}:programme", args=[r.id])
            for r in known.records.values()
            if isinstance(r, dated.FundingRecord) and r.speaks
        ),
    ]
