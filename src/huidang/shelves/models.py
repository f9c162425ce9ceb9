"""The tables of how the archive is ordered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

LENGTH_AT_MOST = 60
"""Characters of a word; a longer one is a sentence, and a sentence is a rule's business."""


class Lexicon(models.Model):
    """A list of sensitive words of one group, for the whole company or for some departments."""

    class Group(models.TextChoices):
        """What a hit in the lexicon means."""

        COMPLAINT = "complaint", _("投诉")
        PROMISE = "promise", _("承诺")
        ABUSE = "abuse", _("辱骂")
        LEAK = "leak", _("泄露风险")
        OWN = "own", _("自定")

    name = models.CharField(max_length=60, unique=True)
    group = models.CharField(max_length=10, choices=Group.choices)
    enabled = models.BooleanField(default=True)
    departments = models.ManyToManyField("people.Department", related_name="+")  # none = the whole company


class Word(models.Model):
    """A word of a lexicon, or a longer phrase that is allowed although a word stands in it."""

    lexicon = models.ForeignKey(Lexicon, models.CASCADE, related_name="words")
    text = models.CharField(max_length=LENGTH_AT_MOST)
    allowed = models.BooleanField(default=False)

    class Meta:
        """A word stands once in a lexicon."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["lexicon", "text"], name="one_word")]


class LexiconEdition(models.Model):
    """Counts the changes of all lexicons, so that every process notices when its matcher is stale. One row."""

    number = models.BigIntegerField(default=0)
