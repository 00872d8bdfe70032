"""The log only grows: the database itself refuses to change an entry, and on PostgreSQL to delete one.

On SQLite deleting stays possible (the tests empty all tables that way); a missing entry breaks the chain all the same.
"""

from typing import Any

from django.db import migrations

SQLITE = """
CREATE TRIGGER office_log_only_grows BEFORE UPDATE ON office_logentry
BEGIN SELECT RAISE(ABORT, 'the log only grows'); END
"""
POSTGRES = """
CREATE FUNCTION office_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$;
CREATE TRIGGER office_log_only_grows BEFORE UPDATE OR DELETE ON office_logentry
FOR EACH ROW EXECUTE FUNCTION office_log_only_grows();
"""


def guard(apps: Any, editor: Any) -> None:
    """Set the trigger."""
    editor.execute(SQLITE if editor.connection.vendor == "sqlite" else POSTGRES)


def unguard(apps: Any, editor: Any) -> None:
    """Take the trigger away."""
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TRIGGER office_log_only_grows")
    else:
        editor.execute("DROP FUNCTION office_log_only_grows() CASCADE")


class Migration(migrations.Migration):

    dependencies = [("office", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
