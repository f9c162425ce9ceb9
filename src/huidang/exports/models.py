"""What left the house and how: exports with their receipts, their files, and the excerpts they are made of."""

from typing import ClassVar

from django.db import models

from huidang.records.models import OfConversation


class Excerpt(OfConversation):
    """Chosen messages of one conversation with a title and notes. Removed ones can be brought back for a while."""

    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(OfConversation.Meta):
        """Lists are by the last change."""

        indexes: ClassVar = [
            models.Index(fields=["-changed_at"], name="excerpts"),
            models.Index(fields=["conversation"], name="excerpts_of_conversation"),
        ]


class Pin(OfConversation):
    """One message of an excerpt, pinned with the wording that was shown: the entry that held it, None = its own."""

    excerpt_id = models.BigIntegerField(db_index=True)
    message_id = models.BigIntegerField()
    text_entry_id = models.BigIntegerField(null=True)
    withdrawn = models.BooleanField(default=False)  # it was recalled or deleted already
    whole = models.BooleanField(default=False)  # the message is highlighted as a whole
    ranges = models.JSONField(default=list)  # [start, end) of highlighted words, in code points of that wording
    note = models.TextField(blank=True)

    class Meta(OfConversation.Meta):
        """A message stands in an excerpt once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["excerpt_id", "message_id"], name="one_pin")]


class Export(models.Model):
    """One document that was asked for, with its receipt. The row stays for ever, the files only for a time.

    `order` is what was asked for; `entry_id` and `leaf_index` name the entry of the audit that is the receipt, and
    its place in the log. Conversations are numbers here: their rows are guarded.
    """

    class State(models.TextChoices):
        """Where an export stands."""

        ASKED = "asked"
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        REFUSED = "refused"

    receipt = models.CharField(max_length=20, unique=True)
    user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_by = models.CharField(max_length=200)
    format = models.CharField(max_length=20)
    profile = models.CharField(max_length=10)
    title = models.CharField(max_length=300)
    query = models.TextField()
    why = models.TextField(blank=True)
    order = models.JSONField()
    conversations = models.JSONField(default=list)
    messages = models.BigIntegerField(default=0)
    rules = models.CharField(max_length=100, blank=True)
    request_id = models.BigIntegerField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    written = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when the person saw that it was ready
    entry_id = models.BigIntegerField(null=True)
    leaf_index = models.BigIntegerField(null=True)

    class Meta:
        """Lists are one's own, newest first."""

        indexes: ClassVar = [models.Index(fields=["user", "-asked_at"], name="exports")]


class File(models.Model):
    """A file of an export, one of its volumes: its hash for ever, its sealed bytes until the export expires."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="+")
    name = models.CharField(max_length=300)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    place = models.CharField(max_length=64, blank=True)  # name of the sealed file, empty once it is gone
    key = models.BinaryField(blank=True)  # under which it is sealed, wrapped by the site key
