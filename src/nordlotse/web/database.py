"""The database around a start: ready or not, newer than this program, and migrated only after a backup."""

from __future__ import annotations

import os

from nordlotse.foundation.problem import NotAvailable


def django_ready() -> None:
    """Set Django up once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def waiting() -> tuple[list[str], list[str]]:
    """Return (migrations not applied yet, migrations in the database that this program does not know)."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    known_apps = {app for app, _ in executor.loader.disk_migrations}
    unknown = [
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in known_apps and (app, name) not in executor.loader.disk_migrations
        and not any((app, name) in (m.replaces or []) for m in executor.loader.disk_migrations.values())
    ]
    return [f"{m.app_label}.{m.name}" for m, _ in plan], sorted(unknown)


def is_empty() -> bool:
    """Tell whether the database has no table of ours yet."""
    from django.db import connection

    return "django_migrations" not in connection.introspection.table_names()


def refuse_newer(unknown: list[str]) -> None:
    """Raise `NotAvailable` if the data was written by a newer program."""
    if unknown:
        raise NotAvailable(
            "data_newer",
            de="Die Daten stammen von einer neueren Version von Nordlotse.",
            en="The data comes from a newer version of Nordlotse.",
            where=", ".join(unknown[:3]),
            remedy_de="Bitte die neuere Version starten oder eine ältere Sicherung mit `nordlotse restore` einspielen.",
            remedy_en="Start the newer version, or restore an older backup with `nordlotse restore`.",
        )


def migrate() -> None:
    """Bring all tables up to date."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def ready() -> None:
    """Make sure the tables are there: an empty database is set up, an older one needs `nordlotse start` (it backs up first).

    Raises:
        NotAvailable: the data is newer, or older and not migrated yet.
    """
    if is_empty():
        migrate()
        return
    pending, unknown = waiting()
    refuse_newer(unknown)
    if pending:
        raise NotAvailable("data_older", de="Die Daten müssen erst auf den neuen Stand gebracht werden.",
                           en="The data must be brought up to date first.", where=pending[0],
                           remedy_de="Bitte einmal `nordlotse start` ausführen; das sichert vorher.",
                           remedy_en="Run `nordlotse start` once; it makes a backup first.")
