"""The first tables of this part."""

import django.db.models.deletion
import huidang.kernel.rowid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FileReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_leaf', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='FileText',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('pages', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='MaskRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField(default=0)),
                ('keeps', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='MessageKey',
            fields=[
                ('message_id', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('wrapped', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='RawBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('origin', models.JSONField()),
                ('stored_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('entry_id', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.CharField(max_length=200)),
                ('title', models.CharField(blank=True, max_length=300)),
                ('titled_at', models.DateTimeField(null=True)),
                ('kind', models.CharField(blank=True, max_length=10)),
                ('key', models.BinaryField()),
                ('message_count', models.BigIntegerField(default=0)),
                ('first_message_id', models.BigIntegerField(null=True)),
                ('last_message_id', models.BigIntegerField(db_index=True, null=True)),
                ('uncut_message_id', models.BigIntegerField(db_index=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.department')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Clearance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attachment_id', models.BigIntegerField(unique=True)),
                ('message_id', models.BigIntegerField(db_index=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.BigIntegerField(db_index=True)),
                ('position', models.SmallIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('name', models.CharField(blank=True, max_length=300)),
                ('mime', models.CharField(blank=True, max_length=100)),
                ('size', models.BigIntegerField(null=True)),
                ('seconds', models.IntegerField(null=True)),
                ('ref', models.CharField(blank=True, max_length=500)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('leaf_index', models.BigIntegerField(null=True)),
                ('missing', models.CharField(blank=True, max_length=40)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('entry_id', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('leaf_index', models.BigIntegerField(unique=True)),
                ('entry_leaf', models.BinaryField()),
                ('ground', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=200)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='IdentityChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.JSONField()),
                ('ground', models.CharField(max_length=20)),
                ('made_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('into', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.identity')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.BigIntegerField(db_index=True)),
                ('entry_id', models.BigIntegerField()),
                ('start', models.IntegerField()),
                ('end', models.IntegerField()),
                ('hides', models.BooleanField()),
                ('made_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='MaskPattern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('pattern', models.CharField(max_length=200)),
                ('enabled', models.BooleanField(default=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=40)),
                ('workspace', models.CharField(blank=True, max_length=200)),
                ('account', models.CharField(blank=True, max_length=200)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.department')),
            ],
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.CharField(max_length=200)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('spelling', models.TextField(blank=True)),
                ('role', models.CharField(blank=True, max_length=10)),
                ('role_ground', models.CharField(blank=True, max_length=40)),
                ('role_corrected', models.CharField(blank=True, max_length=10)),
                ('named_at', models.DateTimeField(null=True)),
                ('role_at', models.DateTimeField(null=True)),
                ('union_id', models.CharField(blank=True, max_length=200)),
                ('identity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='records.identity')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.source')),
            ],
        ),
        migrations.AddField(
            model_name='conversation',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.source'),
        ),
        migrations.CreateModel(
            name='Speaker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.participant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='State',
            fields=[
                ('message_id', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('text_entry_id', models.BigIntegerField(null=True)),
                ('edits', models.IntegerField(default=0)),
                ('edited_at', models.DateTimeField(null=True)),
                ('recall_entry_id', models.BigIntegerField(null=True)),
                ('recalled_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_message_id', models.BigIntegerField()),
                ('last_message_id', models.BigIntegerField()),
                ('message_count', models.IntegerField()),
                ('opened_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('ground', models.CharField(default='silence', max_length=12)),
                ('touched', models.BooleanField(default=False)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('conversation', 'first_message_id'), name='one_case')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.participant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('conversation', 'participant'), name='one_member')],
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('department_id', models.BigIntegerField(null=True)),
                ('owner_id', models.BigIntegerField(null=True)),
                ('since_at', models.DateTimeField()),
                ('why', models.TextField(blank=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['conversation', 'since_at'], name='placements')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=200)),
                ('entry', models.CharField(max_length=8)),
                ('target_key', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(max_length=12)),
                ('sender_name', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(blank=True, max_length=10)),
                ('sent_at', models.DateTimeField()),
                ('precision', models.CharField(max_length=3)),
                ('zone', models.CharField(blank=True, max_length=40)),
                ('text', models.TextField(blank=True)),
                ('reply_to', models.CharField(blank=True, max_length=200)),
                ('thread', models.CharField(blank=True, max_length=200)),
                ('as_of_at', models.DateTimeField()),
                ('details', models.JSONField(null=True)),
                ('received_at', models.DateTimeField()),
                ('leaf_index', models.BigIntegerField()),
                ('raw_offset', models.BigIntegerField()),
                ('raw_size', models.BigIntegerField()),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.conversation')),
                ('sender', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.participant')),
                ('raw_batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.rawbatch')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['conversation', 'id', 'entry'], name='transcript'), models.Index(condition=models.Q(('target_key__gt', '')), fields=['conversation', 'target_key'], name='pointing_back'), models.Index(fields=['leaf_index'], name='log_order')],
                'constraints': [models.UniqueConstraint(fields=('conversation', 'key'), name='one_message')],
            },
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(fields=('platform', 'workspace', 'account'), name='one_source'),
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.UniqueConstraint(fields=('source', 'platform_id'), name='one_participant'),
        ),
        migrations.AddConstraint(
            model_name='conversation',
            constraint=models.UniqueConstraint(fields=('source', 'platform_id'), name='one_conversation'),
        ),
        migrations.AddConstraint(
            model_name='speaker',
            constraint=models.UniqueConstraint(fields=('conversation', 'participant'), name='one_speaker'),
        ),
        migrations.AddIndex(
            model_name='state',
            index=models.Index(fields=['conversation'], name='states'),
        ),
    ]
