"""The first tables of this part."""

import django.db.models.deletion
import huidang.kernel.rowid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('url', models.CharField(max_length=500)),
                ('roots', models.TextField()),
                ('authorization', models.BinaryField(null=True)),
                ('enabled', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('failing_since_at', models.DateTimeField(null=True)),
                ('problem', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=100)),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('size', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('root', models.BinaryField()),
                ('note', models.TextField()),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('leaf_index', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('note', models.TextField()),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('index', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('hash', models.BinaryField()),
                ('kind', models.CharField(max_length=12)),
                ('subject_id', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Log',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('origin', models.CharField(max_length=80)),
                ('verifier', models.CharField(max_length=200)),
                ('signing_seed', models.BinaryField()),
                ('size', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('hash', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('kind', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('next_due_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SigningCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pem', models.TextField()),
                ('key', models.BinaryField()),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SiteKey',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('key_id', models.CharField(max_length=16)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Witness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('url', models.CharField(max_length=500)),
                ('verifier', models.CharField(max_length=300, unique=True)),
                ('enabled', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('failing_since_at', models.DateTimeField(null=True)),
                ('problem', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='WorkerLife',
            fields=[
                ('name', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=200)),
                ('args', models.JSONField(default=dict)),
                ('progress', models.JSONField(default=dict)),
                ('due_at', models.DateTimeField()),
                ('again_at', models.DateTimeField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('token', models.BigIntegerField(default=0)),
                ('attempts', models.IntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('enqueued_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('failed_at__isnull', True)), fields=['due_at'], name='jobs_due')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='one_job')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100)),
                ('ends_at', models.DateTimeField(db_index=True)),
                ('drawn', models.IntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'ends_at'), name='one_tally')],
            },
        ),
        migrations.CreateModel(
            name='Stamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField()),
                ('token', models.BinaryField()),
                ('stamped_at', models.DateTimeField()),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stamps', to='kernel.authority')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('size', 'authority'), name='one_stamp')],
            },
        ),
        migrations.CreateModel(
            name='Cosignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField()),
                ('line', models.TextField()),
                ('witnessed_at', models.DateTimeField()),
                ('witness', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cosignatures', to='kernel.witness')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('size', 'witness'), name='one_cosignature')],
            },
        ),
    ]
