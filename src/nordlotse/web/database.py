"""The database around a start: ready or not, newer than this program, and migrated only after a backup."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from nordlotse.foundation.problem import NotAvailable
from nordlotse.web import configuration


def django_ready() -> None:
    """Set Django up once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def _absent(where: str) -> NotAvailable:
    return NotAvailable(
        "no_installation",
        de="Hier gibt es keine Installation; nichts wurde angelegt.",
        en="There is no installation here; nothing was made.",
        where=where,
        remedy_de="Bitte NORDLOTSE_DATA_DIR setzen oder den Ordner anlegen; `nordlotse start` beginnt eine neue Installation.",
        remedy_en="Set NORDLOTSE_DATA_DIR, or make the folder; `nordlotse start` begins a new installation.",
    )


def refuse_absent(*, begun: bool) -> None:
    """Raise `NotAvailable` if the data folder is not there, or, if `begun`, if nothing was ever started in it."""
    folder = configuration.read().data_dir
    if not (folder / "secret_key" if begun else folder).exists():
        raise _absent(str(folder))


def refuse_empty() -> None:
    """Raise `NotAvailable` if the database has never been set up; an SQLite file is not made by looking."""
    from django.conf import settings
    from django.db import connection

    missing = connection.vendor == "sqlite" and not Path(settings.DATABASES["default"]["NAME"]).exists()
    if not missing:
        reachable()
        missing = is_empty()
    if missing:
        raise _absent(f"{settings.CONFIGURATION.data_dir} ({connection.vendor})")


def reachable() -> None:
    """Raise `NotAvailable` if the database cannot be opened; the message names its kind, never its password."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise NotAvailable(
            "database_unreachable",
            de="Die Datenbank ist nicht erreichbar.",
            en="The database cannot be reached.",
            where=connection.vendor,
            remedy_de="Bitte NORDLOTSE_DATABASE_URL, Rechte und Server prüfen.",
            remedy_en="Check NORDLOTSE_DATABASE_URL, permissions and the server.",
        ) from error


def waiting() -> tuple[list[str], list[str]]:
    """Return (migrations not applied yet, migrations in the database that this program does not know)."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unknown = unknown_among(f"{app}.{name}" for app, name in executor.loader.applied_migrations)
    return [f"{m.app_label}.{m.name}" for m, _ in plan], unknown


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


def applied() -> list[str]:
    """Return the migrations the database has, as "app.name", sorted."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def unknown_among(migrations: Iterable[str]) -> list[str]:
    """Return those migrations (as "app.name") of installed apps that this program does not know: a newer one made them."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    known |= {f"{app}.{name}" for m in loader.disk_migrations.values() for app, name in m.replaces or []}
    apps = {app for app, _ in loader.disk_migrations}
    return sorted(m for m in migrations if m.partition(".")[0] in apps and m not in known)


def migrate() -> None:
    """Bring all tables up to date; of two commands at once the second waits and finds nothing left to do."""
    from django.conf import settings
    from django.core.management import call_command

    with (settings.CONFIGURATION.data_dir / ".migrating").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
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
        raise NotAvailable(
            "data_older",
            de="Die Daten müssen erst auf den neuen Stand gebracht werden.",
            en="The data must be brought up to date first.",
            where=pending[0],
            remedy_de="Bitte einmal `nordlotse start` ausführen; das sichert vorher.",
            remedy_en="Run `nordlotse start` once; it makes a backup first.",
        )
