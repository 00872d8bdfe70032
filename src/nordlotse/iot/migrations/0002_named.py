"""Where halls keep something of one person: a row for each address that gets alarms. Who let names be kept earlier is known by name alone."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def name(apps: Any, schema_editor: Any) -> None:
    """Make a row for each address there is."""
    Hall, Named = apps.get_model("iot", "Hall"), apps.get_model("iot", "Named")
    for hall in Hall.objects.exclude(mail=[]):
        Named.objects.bulk_create(Named(hall=hall, entry=one["id"], mail=one["mail"]) for one in hall.mail)


class Migration(migrations.Migration):
    """Adds the table and fills it."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("iot", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Named",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("entry", models.CharField(max_length=12)),
                ("mail", models.CharField(blank=True, db_index=True, max_length=254)),
                (
                    "hall",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="named", to="iot.hall"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("hall", "entry"), name="iot_named_once")],
            },
        ),
        migrations.RunPython(name, migrations.RunPython.noop),
    ]
