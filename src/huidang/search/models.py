"""What the index must read again although the log did not grow: moved conversations, texts that stand anew."""

from typing import Any

from django.db import models


class Stale(models.Model):
    """A conversation or a message whose documents are out of date. Written with the change, removed once indexed."""

    conversation_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)

    objects: Any = models.Manager()


class SavedSearch(models.Model):
    """A query under a name. `department`: with whom it is shared; `removed_at`: it can still be restored."""

    owner = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.TextField()
    sort = models.CharField(max_length=5, default="new")
    rows = models.BooleanField(default=False)
    department = models.ForeignKey("people.Department", models.SET_NULL, null=True, related_name="+")
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
