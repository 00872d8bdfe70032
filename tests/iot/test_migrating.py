"""What halls held before a migration is there after it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db(transaction=True)
def test_addresses_named_before_are_found_by_person_after() -> None:
    MigrationExecutor(connection).migrate([("iot", "0001_initial")])
    try:
        old = MigrationExecutor(connection).loader.project_state([("iot", "0001_initial")]).apps
        entries = [{"id": f"a{k}", "mail": f"m{k}@betrieb.example", "confirmed": "x"} for k in range(2)]
        kept = old.get_model("iot", "Hall").objects.create(name="Halle 2", company="c1", mail=entries)
        old.get_model("iot", "Hall").objects.create(name="ohne", company="c1", store="h2")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes("iot"))
    from nordlotse.iot.models import Named

    found = Named.objects.order_by("entry").values_list("hall", "entry", "mail")
    assert list(found) == [(kept.pk, "a0", "m0@betrieb.example"), (kept.pk, "a1", "m1@betrieb.example")]
