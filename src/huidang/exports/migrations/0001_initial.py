"""The first tables of this part."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('records', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.CharField(max_length=20, unique=True)),
                ('made_by', models.CharField(max_length=200)),
                ('format', models.CharField(max_length=20)),
                ('profile', models.CharField(max_length=10)),
                ('title', models.CharField(max_length=300)),
                ('query', models.TextField()),
                ('why', models.TextField(blank=True)),
                ('order', models.JSONField()),
                ('conversations', models.JSONField(default=list)),
                ('messages', models.BigIntegerField(default=0)),
                ('rules', models.CharField(blank=True, max_length=100)),
                ('request_id', models.BigIntegerField(db_index=True, null=True)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('refused', 'Refused')], default='waiting', max_length=10)),
                ('written', models.BigIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('fetched_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('entry_id', models.BigIntegerField(null=True)),
                ('leaf_index', models.BigIntegerField(null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='File',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300)),
                ('media_type', models.CharField(max_length=100)),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('size', models.BigIntegerField()),
                ('place', models.CharField(blank=True, max_length=64)),
                ('key', models.BinaryField(blank=True)),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exports.export')),
            ],
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('excerpt_id', models.BigIntegerField(db_index=True)),
                ('message_id', models.BigIntegerField()),
                ('text_entry_id', models.BigIntegerField(null=True)),
                ('withdrawn', models.BooleanField(default=False)),
                ('whole', models.BooleanField(default=False)),
                ('ranges', models.JSONField(default=list)),
                ('note', models.TextField(blank=True)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Excerpt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('note', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['-changed_at'], name='excerpts'), models.Index(fields=['conversation'], name='excerpts_of_conversation')],
            },
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['user', '-asked_at'], name='exports'),
        ),
        migrations.AddConstraint(
            model_name='pin',
            constraint=models.UniqueConstraint(fields=('excerpt_id', 'message_id'), name='one_pin'),
        ),
    ]
