"""A department that holds conversations is not deleted over them; the table stays as it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
        ('records', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='conversation',
            name='department',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.department'),
        ),
    ]
