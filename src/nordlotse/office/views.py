"""Pages of the office: the way out of mails, the staff's outbox, mails kept aside."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.foundation.problem import Problem
from nordlotse.office import actions, mail, queries, sending
from nordlotse.office.pages import go

STATES = {
    "queued": _("wartet"),
    "sent": _("gesendet"),
    "failed": _("gescheitert"),
    "withheld": _("abbestellt"),
}
OUTCOMES = {
    "taken": _("übernommen"),
    "automatic": _("automatische Mail, verworfen"),
    "unknown": _("kein Fall erkennbar, Absender benachrichtigt"),
    "held": _("zur Seite gelegt"),
    "empty": _("ohne neuen Text"),
    "refused": _("abgelehnt, Absender benachrichtigt"),
    "too_large": _("zu groß, Absender benachrichtigt"),
    "unreadable": _("nicht lesbar"),
    "failing": _("wird noch einmal versucht"),
}
REASONS = {
    "sender": _("Der Absender ist ein anderer als der, für den die Antwortadresse gemacht wurde."),
    "failing": _("Beim Übernehmen trat wiederholt ein Fehler auf."),
    "no_handler": _("Diese Antwort nimmt keine Seite auf, etwa auf eine Einladung: Bitte antworten Sie selbst."),
}


@csrf_exempt  # a mail program posts here with one click and has no form (RFC 8058); the signed link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether mails of one kind shall end; only the button, or one click in the mail program, ends them."""
    kind, _made = mail.read_unsubscribe(token)
    done = request.method == "POST"
    if done:
        mail.unsubscribe(token)
    return render(request, "office/unsubscribe.html", {"done": done, "kind": mail.kind_words(kind)})


# ---- staff ----


@never_cache
@login_required
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show what waits, was sent, or failed."""
    actions.check_outbox(request.user)
    state, page = request.GET.get("stand", ""), request.GET.get("seite", "")
    found = queries.outbox(state, int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1)
    context = {
        "found": found,
        "mails": [(m, STATES[m.state]) for m in found.mails],
        "filters": [(s, words, found.counts[s]) for s, words in STATES.items()],
        "state": state if state in STATES else "",
        "everything": sum(found.counts.values()),
        "sends": sending.sends(),
    }
    return render(request, "office/outbox.html", context)


@never_cache
@login_required
@require_safe
def outbox_mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Show one mail as text."""
    actions.check_outbox(request.user)
    found = queries.outgoing(mail_id)
    context = {
        "mail": found,
        "state": STATES[found.state],
        "attachments": [a["name"] for a in found.attachments],
        "can_resend": found.state == "failed" and found.erased_at is None,
    }
    return render(request, "office/outbox_mail.html", context)


@login_required
@require_POST
def outbox_resend(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Put one failed mail back into the queue."""
    actions.resend(request.user, mail_id)
    return go(request, "outbox_mail", mail_id)


@login_required
@require_POST
def outbox_resend_all(request: HttpRequest) -> HttpResponse:
    """Put all failed mails back into the queue."""
    actions.resend_all(request.user)
    return go(request, "outbox")


def _inbox(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    context = {
        "held": [(h, REASONS.get(h.reason, "")) for h in queries.held_mails()],
        "counts": [(OUTCOMES.get(o, o), n) for o, n in queries.incoming_counts().items()],
        "problem": problem,
    }
    return render(request, "office/inbox.html", context, status=problem.http_status if problem else 200)


@never_cache
@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show mails kept aside, and what became of all others."""
    actions.check_inbox(request.user)
    return _inbox(request)


@login_required
@require_POST
def inbox_decide(request: HttpRequest, held_id: int) -> HttpResponse:
    """Take a mail that was kept aside, or throw it away."""
    actions.check_inbox(request.user)
    queries.held(held_id)
    wanted = request.POST.get("do")
    if wanted not in ("take", "discard"):
        return _inbox(request)  # nothing is thrown away that nobody asked to throw away
    try:
        actions.decide(request.user, held_id, take=wanted == "take")
    except Problem as problem:
        return _inbox(request, problem)
    return go(request, "inbox")
