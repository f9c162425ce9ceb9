"""Keep where checkpoints are deposited, and the receipts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Anchor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('url', models.CharField(max_length=500)),
                ('enabled', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('failing_since_at', models.DateTimeField(null=True)),
                ('problem', models.TextField(blank=True)),
                ('way', models.CharField(max_length=10)),
                ('options', models.JSONField(default=dict)),
                ('secret', models.BinaryField(null=True)),
                ('hours', models.IntegerField(default=24)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField()),
                ('sent', models.BinaryField()),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('reference', models.CharField(blank=True, max_length=300)),
                ('received_at', models.DateTimeField()),
                ('anchor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='kernel.anchor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('size', 'anchor'), name='one_receipt')],
            },
        ),
    ]
