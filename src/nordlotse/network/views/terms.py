"""The words of the taxonomy, as the coordinator keeps them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.network.actions import terms as actions
from nordlotse.network.core.taxonomy import by_id
from nordlotse.network.forms.setup import NewTermForm, TermForm
from nordlotse.network.labels import TAG_KINDS
from nordlotse.network.queries import terms as queries
from nordlotse.network.views.paths import refuse
from nordlotse.network.views.setup import coordinator
from nordlotse.office.pages import go, lang_of, told


@coordinator
def words(request: HttpRequest) -> HttpResponse:
    """All terms by kind with how many people have them; add one."""
    lang = lang_of(request)
    form = NewTermForm(request.POST if request.method == "POST" else None, lang=lang)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            actions.add_term(request.user, given["kind"], given["name_de"], given["name_en"], given["words"])
            messages.success(request, _("Der Begriff ist angelegt."))
            return go(request, "network_terms")
        except BadInput as problem:
            form.add_error(None, told(request, problem))
    known, used = queries.terms(), queries.in_use()
    groups = [
        (kind, name.get(lang), [(t, t.name.get(lang), used.get(t.id, 0)) for t in known.of_kind(kind, retired=True)])
        for kind, name in TAG_KINDS.items()
    ]
    return render(request, "network/terms.html", {"form": form, "groups": groups}, status=422 if form.errors else 200)


@coordinator
def term(request: HttpRequest, tag: str) -> HttpResponse:
    """Rename a term, take it out of use, bring it back."""
    known, lang, do = queries.terms(), lang_of(request), request.POST.get("do", "")
    found = known.tags.get(tag)
    if found is None:
        raise NotFound("term_unknown", de="Diesen Begriff gibt es nicht.", en="There is no such term.", where=tag[:60])
    if do in ("retire", "restore"):
        try:
            if do == "restore":
                actions.restore_term(request.user, tag)
            else:
                actions.retire_term(request.user, tag, request.POST.get("into", "")[:60])
            messages.success(request, _("Gespeichert."))
        except BadInput as problem:
            refuse(request, problem)
        return go(request, "network_terms")
    shipped = by_id()[tag].words if found.shipped else ()
    own = ", ".join(w for w in found.words if w not in shipped)
    initial = {"name_de": found.name.de, "name_en": found.name.en, "words": own}
    form = TermForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            actions.rename_term(request.user, tag, given["name_de"], given["name_en"], given["words"])
            messages.success(request, _("Gespeichert."))
            return go(request, "network_terms")
        except BadInput as problem:
            form.add_error(None, told(request, problem))
    context = {
        "form": form,
        "term": found,
        "name": found.name.get(lang),
        "used": queries.in_use().get(tag, 0),
        "others": [(t.id, t.name.get(lang)) for t in known.of_kind(found.kind) if t.id != tag],
        "shipped": [w.strip("*") for w in shipped],
    }
    return render(request, "network/term.html", context, status=422 if form.errors else 200)
