from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("readiness", "0001_initial")]

    operations = [
        migrations.AddField(model_name="round", name="wanted", field=models.JSONField(blank=True, default=dict)),
    ]
