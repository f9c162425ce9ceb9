"""Keep the erasures that somebody asked for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0002_departments_keep_their_conversations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Deletion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground', models.CharField(max_length=20)),
                ('why', models.TextField()),
                ('messages', models.JSONField()),
                ('count', models.IntegerField()),
                ('person', models.CharField(blank=True, max_length=200)),
                ('facts', models.JSONField(default=dict)),
                ('request_id', models.BigIntegerField(null=True, unique=True)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('waiting', 'Waiting'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('refused', 'Refused')], default='asked', max_length=10)),
                ('error', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
