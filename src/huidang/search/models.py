"""What the index must read again although the log did not grow: moved conversations, texts that stand anew."""

from typing import Any

from django.db import models


class Stale(models.Model):
    """A conversation or a message whose documents are out of date. Written with the change, removed once indexed."""

    conversation_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)

    objects: Any = models.Manager()
