"""Keep a second log whose tree is hashed by SM3."""

import huidang.kernel.rowid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0002_anchors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sm3Beginning',
            fields=[
                ('index', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('text', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='Sm3Checkpoint',
            fields=[
                ('size', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('root', models.BinaryField()),
                ('note', models.TextField()),
                ('follows', models.BigIntegerField(unique=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Sm3Leaf',
            fields=[
                ('index', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('hash', models.BinaryField()),
                ('of', models.BigIntegerField(null=True, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='Sm3Log',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('verifier', models.CharField(max_length=200)),
                ('signing_seed', models.BinaryField()),
                ('size', models.BigIntegerField(default=0)),
                ('follows', models.BigIntegerField(default=-1)),
            ],
        ),
        migrations.CreateModel(
            name='Sm3Node',
            fields=[
                ('id', huidang.kernel.rowid.RowId(primary_key=True, serialize=False)),
                ('hash', models.BinaryField()),
            ],
        ),
    ]
