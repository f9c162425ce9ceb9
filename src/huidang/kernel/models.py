"""The tables of the kernel: jobs, schedules, changes, parties outside and their answers; others lie by their use."""

from typing import ClassVar

from django.db import models

from huidang.kernel.ledger import Checkpoint, Handover, Leaf, Log, Node
from huidang.kernel.limits import Tally
from huidang.kernel.secrets import SiteKey
from huidang.kernel.sm3log import Sm3Beginning, Sm3Checkpoint, Sm3Leaf, Sm3Log, Sm3Node

__all__ = [
    "Anchor",
    "Answer",
    "Authority",
    "Change",
    "Checkpoint",
    "Cosignature",
    "Handover",
    "Job",
    "Leaf",
    "Log",
    "Node",
    "Party",
    "Receipt",
    "Schedule",
    "SigningCertificate",
    "SiteKey",
    "Sm3Beginning",
    "Sm3Checkpoint",
    "Sm3Leaf",
    "Sm3Log",
    "Sm3Node",
    "Stamp",
    "Tally",
    "Witness",
    "WorkerLife",
]


class Job(models.Model):
    """Work that waits, runs or failed. A finished job is deleted in the transaction that holds its effects."""

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    args = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    again_at = models.DateTimeField(null=True)  # asked for once more while it was running
    leased_until = models.DateTimeField(null=True)  # set while a worker holds it
    token = models.BigIntegerField(default=0)  # counts the leases; whoever holds an older one may not commit
    attempts = models.IntegerField(default=0)  # leases since the last success or saved progress
    error = models.TextField(blank=True)
    failed_at = models.DateTimeField(null=True)
    enqueued_at = models.DateTimeField()

    class Meta:
        """One row a key, so that a key never runs twice at the same time."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="one_job")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(failed_at__isnull=True), name="jobs_due"),
        ]


class Schedule(models.Model):
    """When the next run of a schedule is due; claimed by conditional update, so no leader is needed."""

    kind = models.CharField(max_length=60, primary_key=True)
    next_due_at = models.DateTimeField()


class WorkerLife(models.Model):
    """The last sign of life of a worker."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()


class Change(models.Model):
    """A topic changed. Live pages read these rows; they carry no data."""

    topic = models.CharField(max_length=100)
    at = models.DateTimeField(db_index=True)


class Party(models.Model):
    """Somebody outside the house who is asked for their word over checkpoints; see `kernel.anchoring`."""

    name = models.CharField(max_length=60, unique=True)
    url = models.CharField(max_length=500)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    failing_since_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        """Abstract."""

        abstract = True


class Answer(models.Model):
    """What one party said over one checkpoint."""

    size = models.BigIntegerField()  # of the checkpoint

    class Meta:
        """Abstract."""

        abstract = True


class Authority(Party):
    """Who stamps: the address asked, the certificates believed, and a header that says who asks, sealed."""

    roots = models.TextField()  # PEM, one or more
    authorization = models.BinaryField(null=True)


class Stamp(Answer):
    """One authority's response for one checkpoint, and the time it states."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="stamps")
    token = models.BinaryField()  # the DER of the whole TimeStampResp
    stamped_at = models.DateTimeField()

    class Meta:
        """One stamp by each authority."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["size", "authority"], name="one_stamp")]


class Witness(Party):
    """Who cosigns checkpoints: the address asked, and the verifier key that its answers are checked with."""

    verifier = models.CharField(max_length=300, unique=True)


class Cosignature(Answer):
    """One witness's line over one checkpoint, and the time it states."""

    witness = models.ForeignKey(Witness, models.PROTECT, related_name="cosignatures")
    line = models.TextField()
    witnessed_at = models.DateTimeField()

    class Meta:
        """One line by each witness."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["size", "witness"], name="one_cosignature")]


class Anchor(Party):
    """Where checkpoints are deposited outside: a mailbox, or the interface of a notary or a judicial chain.

    `url` is the address of either; `options` and `secret` (sealed) belong to the way, see `kernel.anchors`.
    """

    way = models.CharField(max_length=10)
    options = models.JSONField(default=dict)
    secret = models.BinaryField(null=True)
    hours = models.IntegerField(default=24)  # between two deposits; 0 = every checkpoint


class Receipt(Answer):
    """What an anchor gave back for one checkpoint, byte for byte, and what it had been sent."""

    anchor = models.ForeignKey(Anchor, models.PROTECT, related_name="receipts")
    sent = models.BinaryField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)  # of the content
    reference = models.CharField(max_length=300, blank=True)  # by which the anchor finds it again
    received_at = models.DateTimeField()

    class Meta:
        """One receipt by each anchor."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["size", "anchor"], name="one_receipt")]


class SigningCertificate(models.Model):
    """The house's own certificate for documents, its root below it in `pem`; the private key is sealed."""

    pem = models.TextField()
    key = models.BinaryField()
    created_at = models.DateTimeField()
