"""What waits for a tap and what was confirmed last, of everybody and of one person: each read from one stretch of an index."""

from django.db import migrations, models

WAITING = models.Q(confirmed_at=None, refused_at=None)
COUNTED = models.Q(confirmed_at__isnull=False, refused_at=None)


class Migration(migrations.Migration):
    dependencies = [
        ("journey", "0007_taken_by"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="service", name="service_waiting"),
        *(
            migrations.AddIndex(model_name="service", index=models.Index(fields=fields, name=name, condition=condition))
            for name, fields, condition in (
                ("service_waiting", ["day", "id"], WAITING),
                ("service_own_waiting", ["person", "day", "id"], WAITING),
                ("service_recent", ["confirmed_at", "id"], COUNTED),
                ("service_own_recent", ["person", "confirmed_at", "id"], COUNTED),
            )
        ),
    ]
