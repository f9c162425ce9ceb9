"""The first tables of this part."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LexiconEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Lexicon',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('group', models.CharField(choices=[('complaint', '投诉'), ('promise', '承诺'), ('abuse', '辱骂'), ('leak', '泄露风险'), ('own', '自定')], max_length=10)),
                ('enabled', models.BooleanField(default=True)),
                ('departments', models.ManyToManyField(related_name='+', to='people.department')),
            ],
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=60)),
                ('allowed', models.BooleanField(default=False)),
                ('lexicon', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='words', to='shelves.lexicon')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lexicon', 'text'), name='one_word')],
            },
        ),
    ]
