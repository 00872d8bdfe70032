"""What the room holds of people: every field is declared, and deleting somebody leaves figures and frees the place."""

from __future__ import annotations

import pytest
from django.apps import apps

from nordlotse.dialogue.actions import chores, registrations
from nordlotse.dialogue.models import Feedback, Registration
from nordlotse.dialogue.queries.registrations import by_token, token_of
from nordlotse.foundation.personal import Subject, tables
from nordlotse.foundation.problem import NotFound
from tests.dialogue.made import coordinator, event, mails, registered


@pytest.mark.parametrize("model", list(apps.get_app_config("dialogue").get_models()), ids=lambda m: str(m.__name__))
def test_every_field_is_declared_or_named_as_impersonal_and_none_twice(model: type) -> None:
    table = tables()[model._meta.label]  # type: ignore[attr-defined]
    named = [f for d in table.declared for f in d.fields] + list(table.impersonal)
    assert sorted(named) == sorted(f.name for f in model._meta.concrete_fields)  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_person_is_found_by_mail_address_or_account_and_nobody_else_is() -> None:
    made, user = event(), coordinator()
    by_mail = registered(made, 1)
    by_account = registrations.register(made.pk, registrations.Wanted("x", "y@z.example", "f" * 20), user).registration
    registered(made, 3)
    rows = tables()["dialogue.Registration"].rows
    subject = Subject(users=frozenset({user.pk}), mails=frozenset({"gast1@example.org"}))
    assert {r.pk for r in rows(subject)} == {by_mail.pk, by_account.pk}
    assert not rows(Subject()).exists()


@pytest.mark.django_db
def test_deleting_somebody_frees_the_place_for_the_next_and_ends_the_personal_link() -> None:
    made = event(quota=1)
    first, second = registered(made, 1), registered(made, 2)
    token = token_of(first)
    Feedback.objects.create(event=made, registration=first, rating=2, useful="Gast 1 sagt: gut")
    table = tables()["dialogue.Registration"]
    assert table.erase is not None
    table.erase(table.rows(Subject(mails=frozenset({first.mail}))))
    with pytest.raises(NotFound):
        by_token(token)
    assert chores.settle() == 1
    second.refresh_from_db()
    assert second.status == "confirmed"
    assert [m.to for m in mails("moved_up")] == [second.mail]
    left = Registration.objects.get(pk=first.pk)
    assert (left.status, left.name, left.mail, left.mail_key, left.answers) == ("cancelled", "", "", "", {})
    assert Feedback.objects.get().useful == ""
