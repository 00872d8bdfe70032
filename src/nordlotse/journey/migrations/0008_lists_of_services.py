"""What waits for a tap, what was confirmed last, and what is somebody's own: each read from one stretch of an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journey", "0007_taken_by"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="service", name="service_waiting"),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(
                fields=["day", "id"], name="service_waiting", condition=models.Q(confirmed_at=None, refused_at=None)
            ),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(fields=["confirmed_at", "id"], name="service_recent"),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(fields=["person", "confirmed_at", "id"], name="service_of_person"),
        ),
    ]
