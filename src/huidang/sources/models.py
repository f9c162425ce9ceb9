"""What came in as files, and what of it could not be read."""

from typing import ClassVar

from django.db import models


class Import(models.Model):
    """One export that was or is being read: what it is, how far it is, what it came to."""

    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"

    name = models.CharField(max_length=300)
    format = models.CharField(max_length=40, blank=True)
    source = models.ForeignKey("records.Source", models.SET_NULL, null=True, related_name="+")
    department = models.ForeignKey("people.Department", models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    upload = models.CharField(max_length=64, blank=True)  # SHA-256 of the uploaded file, until the import is confirmed
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default=WAITING)
    progress = models.FloatField(default=0.0)  # 0 to 1
    declared = models.BigIntegerField(null=True)  # messages, by the file's own count
    read = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    conversations = models.IntegerField(default=0)
    error = models.TextField(blank=True)
    exported_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Lists are newest first."""

        indexes: ClassVar = [models.Index(fields=["-created_at"], name="imports")]


class Quarantine(models.Model):
    """An item that could not be read: where it stood, why, and its bytes, so that a mended parser reads it again."""

    imported = models.ForeignKey(Import, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)  # of source, place and bytes: the same item is kept once
    place = models.CharField(max_length=500)
    about = models.CharField(max_length=500, blank=True)
    code = models.CharField(max_length=60)
    reason = models.TextField()
    content = models.BinaryField(blank=True)  # sealed under the site key; empty where `blob` holds the bytes
    blob = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)

    class Meta:
        """One row an item."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["digest"], name="one_quarantined_item")]
