"""The first tables of this part."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('records', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300)),
                ('format', models.CharField(blank=True, max_length=40)),
                ('upload', models.CharField(blank=True, max_length=64)),
                ('options', models.JSONField(default=dict)),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('progress', models.FloatField(default=0.0)),
                ('declared', models.BigIntegerField(null=True)),
                ('read', models.BigIntegerField(default=0)),
                ('new', models.BigIntegerField(default=0)),
                ('known', models.BigIntegerField(default=0)),
                ('quarantined', models.BigIntegerField(default=0)),
                ('conversations', models.IntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('exported_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.department')),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='records.source')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Quarantine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('place', models.CharField(max_length=500)),
                ('about', models.CharField(blank=True, max_length=500)),
                ('code', models.CharField(max_length=60)),
                ('reason', models.TextField()),
                ('content', models.BinaryField(blank=True)),
                ('blob', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField()),
                ('solved_at', models.DateTimeField(null=True)),
                ('imported', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.import')),
            ],
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['-created_at'], name='imports'),
        ),
        migrations.AddConstraint(
            model_name='quarantine',
            constraint=models.UniqueConstraint(fields=('digest',), name='one_quarantined_item'),
        ),
    ]
