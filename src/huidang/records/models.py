"""The tables of what happened. Messages and raw batches are appended, never changed."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from huidang.kernel.access import AnyReader, Can, Guarded
from huidang.kernel.appending import Appended, AppendedGuardedQuerySet
from huidang.kernel.rowid import RowId
from huidang.people.readers import INTAKE, Reader


def within_reach(reader: AnyReader, can: Can, path: str) -> Q:
    """Return the condition on the conversation at `path` ("" or "conversation__") that a capability covers."""
    assert isinstance(reader, Reader)
    reach = reader.reach(can)
    if reach.everything:
        return Q()
    condition = Q(**{f"{path}department_id__in": reach.departments - {INTAKE}})
    if INTAKE in reach.departments:
        condition |= Q(**{f"{path}department_id__isnull": True})
    if reach.own and reader.user_id is not None:
        condition |= Q(**{f"{path}owner_id": reader.user_id})
    if reach.conversations:
        condition |= Q(**{f"{path}pk__in": reach.conversations})
    return condition


class Source(models.Model):
    """Platform + workspace + account: where conversations come from, whatever the file or route."""

    platform = models.CharField(max_length=40)
    workspace = models.CharField(max_length=200, blank=True)
    account = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey("people.Department", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        """One row a source."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "workspace", "account"], name="one_source")
        ]


class Identity(models.Model):
    """A person or robot across platforms; participants belong to it, merged and split reversibly."""

    name = models.CharField(max_length=200, blank=True)
    user = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")


class IdentityChange(models.Model):
    """A merge or split of identities: which accounts moved, from where, on what ground; so it can be undone."""

    into = models.ForeignKey(Identity, models.PROTECT, related_name="+")
    before = models.JSONField()  # participant id -> the identity it had, or null
    ground = models.CharField(max_length=20)
    user = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)


class Participant(models.Model):
    """An account on a platform that wrote or was a member. A person's correction overlays the stated role."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    platform_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    spelling = models.TextField(blank=True)  # `kernel.spelling.spell` of the name
    role = models.CharField(max_length=10, blank=True)
    role_ground = models.CharField(max_length=40, blank=True)
    role_corrected = models.CharField(max_length=10, blank=True)
    named_at = models.DateTimeField(null=True)  # when the name was true; the newest stands
    role_at = models.DateTimeField(null=True)
    union_id = models.CharField(max_length=200, blank=True)
    identity = models.ForeignKey(Identity, models.SET_NULL, null=True, related_name="+")

    class Meta:
        """One row an account."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "platform_id"], name="one_participant")]


class Conversation(Guarded):
    """The lasting thread on a platform. `key` is wrapped by the site key and wraps the keys of its messages."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    platform_id = models.CharField(max_length=200)
    title = models.CharField(max_length=300, blank=True)
    titled_at = models.DateTimeField(null=True)  # when the title was true; the newest stands
    kind = models.CharField(max_length=10, blank=True)
    department = models.ForeignKey("people.Department", models.DO_NOTHING, null=True, related_name="+")
    owner = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    key = models.BinaryField()
    message_count = models.BigIntegerField(default=0)
    first_message_id = models.BigIntegerField(null=True)
    last_message_id = models.BigIntegerField(null=True, db_index=True)
    uncut_message_id = models.BigIntegerField(null=True, db_index=True)  # cases are stale from here; null = cut
    created_at = models.DateTimeField()

    class Meta(Guarded.Meta):
        """One row a thread; lists are by last message."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "platform_id"], name="one_conversation")]

    @classmethod
    def within(cls, reader: AnyReader, can: Can) -> Q:
        """See `within_reach`."""
        return within_reach(reader, can, "")


class OfConversation(Guarded):
    """Base of the models that belong to one conversation and share its reach."""

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="+", db_index=False)

    class Meta(Guarded.Meta):
        """Abstract."""

        abstract = True

    @classmethod
    def within(cls, reader: AnyReader, can: Can) -> Q:
        """See `within_reach`."""
        return within_reach(reader, can, "conversation__")


class Placement(OfConversation):
    """Where a conversation lay and whose it was, from a moment on: the dated history behind its current place."""

    department_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField(null=True)
    since_at = models.DateTimeField()
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")  # null = it came so
    why = models.TextField(blank=True)

    class Meta(OfConversation.Meta):
        """Read by conversation."""

        indexes: ClassVar = [models.Index(fields=["conversation", "since_at"], name="placements")]


class RawBatch(Appended):
    """A blob that holds the sealed raw bytes of many messages, and how they came: the start of the custody record."""

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    origin = models.JSONField()  # format, file name, place, parser version, host
    stored_at = models.DateTimeField()


class Message(OfConversation):
    """One entry, for ever. Id = sending time in ms since 1970 << 20 | running number, so id order is time order.

    `key` is the platform's id, or `#<content hash>:<occurrence>`, unique in the conversation. An edit, recall or
    deletion is an entry of its own whose `target_key` names the message; `State` holds what follows from them.
    """

    id = RowId()
    key = models.CharField(max_length=200)
    entry = models.CharField(max_length=8)
    target_key = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=12)
    sender = models.ForeignKey(Participant, models.PROTECT, null=True, related_name="+", db_index=False)
    sender_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, blank=True)  # as the platform stated it with this message
    sent_at = models.DateTimeField()
    precision = models.CharField(max_length=3)
    zone = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    reply_to = models.CharField(max_length=200, blank=True)
    thread = models.CharField(max_length=200, blank=True)
    as_of_at = models.DateTimeField()
    details = models.JSONField(null=True)
    received_at = models.DateTimeField()
    leaf_index = models.BigIntegerField()  # place in the log
    raw_batch = models.ForeignKey(RawBatch, models.PROTECT, related_name="+", db_index=False)
    raw_offset = models.BigIntegerField()
    raw_size = models.BigIntegerField()

    objects: ClassVar[Any] = AppendedGuardedQuerySet.as_manager()  # type: ignore[assignment]  # narrower on purpose

    class Meta(OfConversation.Meta):
        """The unique key de-duplicates; the indexes read transcripts, entries that point back, and the log's feed."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "key"], name="one_message")]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "id", "entry"], name="transcript"),
            models.Index(fields=["conversation", "target_key"], name="pointing_back", condition=Q(target_key__gt="")),
            models.Index(fields=["leaf_index"], name="log_order"),
        ]


class Sighting(models.Model):
    """The first and last moment at which an entry's text was seen to stand, where they differ from `as_of_at`."""

    entry_id = RowId()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()


class Member(OfConversation):
    """A participant that the platform names as a member of a conversation, whether they wrote or not."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")

    class Meta(OfConversation.Meta):
        """One row a member."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "participant"], name="one_member")]


class Speaker(OfConversation):
    """A participant that has written in a conversation: whose names are known there."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")

    class Meta(OfConversation.Meta):
        """One row a participant."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "participant"], name="one_speaker")]


class Mark(OfConversation):
    """A person's correction of what is hidden in one wording of a message, laid over the record; see `records.marks`.

    `start` and `end` are code points of the text of `entry_id`: the message itself, or the edit that was shown.
    """

    message_id = models.BigIntegerField(db_index=True)
    entry_id = models.BigIntegerField()
    start = models.IntegerField()
    end = models.IntegerField()
    hides = models.BooleanField()  # blacked out; else what the machine hid there is shown
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    undone_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)


class Clearance(OfConversation):
    """A file that a person has looked at and cleared for those who see masks; without a row it is withheld."""

    attachment_id = models.BigIntegerField(unique=True)
    message_id = models.BigIntegerField(db_index=True)
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()


class MessageKey(models.Model):
    """The random key of one message, wrapped by its conversation's key. Deleting it erases salts and raw bytes."""

    message_id = RowId()
    wrapped = models.BinaryField()


class State(OfConversation):
    """What later entries made of a message: the text to show, recalled or deleted, by which entry."""

    message_id = RowId()
    text_entry_id = models.BigIntegerField(null=True)  # the entry whose text is shown; null = the message itself
    edits = models.IntegerField(default=0)
    edited_at = models.DateTimeField(null=True)
    recall_entry_id = models.BigIntegerField(null=True)
    recalled_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(OfConversation.Meta):
        """Read with a transcript."""

        indexes: ClassVar = [models.Index(fields=["conversation"], name="states")]


class Erasure(OfConversation):
    """An entry whose content and key are gone: the hash of its leaf, the ground, and the place of the log's word."""

    entry_id = RowId()
    leaf_index = models.BigIntegerField(unique=True)
    entry_leaf = models.BinaryField()
    ground = models.CharField(max_length=20)
    at = models.DateTimeField()

    objects: ClassVar[Any] = AppendedGuardedQuerySet.as_manager()  # type: ignore[assignment]  # narrower on purpose

    class Meta(OfConversation.Meta):
        """Read with a transcript."""


class Deletion(models.Model):
    """An erasure that somebody asked for: which messages on which ground, and what came of it.

    `messages` is a list of [conversation, [message, …]] in numbers, whose rows are guarded; `person` names whose they
    are where all of somebody's are meant, masked. See `records.deletions`.
    """

    class State(models.TextChoices):
        """Where a deletion stands."""

        ASKED = "asked"
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        REFUSED = "refused"

    user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")  # null: the command
    ground = models.CharField(max_length=20)
    why = models.TextField()
    messages = models.JSONField()
    count = models.IntegerField()
    person = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict)
    request_id = models.BigIntegerField(null=True, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)


class Attachment(OfConversation):
    """A file of a message: its bytes in own storage, or the reason why there are none."""

    message_id = models.BigIntegerField(db_index=True)
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=300, blank=True)
    mime = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField(null=True)
    seconds = models.IntegerField(null=True)
    ref = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    leaf_index = models.BigIntegerField(null=True)  # place in the log of the leaf that ties the file to its entry
    missing = models.CharField(max_length=40, blank=True)

    class Meta(OfConversation.Meta):
        """Read with a transcript."""


class FileText(models.Model):
    """What was read inside a file, once for all messages that hold it; see `records.filetexts`.

    `pages` is a list of [place, text]; `reason` says why it is empty or ends early.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    reason = models.CharField(max_length=20, blank=True)
    pages = models.JSONField(default=list)


class FileReading(models.Model):
    """How far the reading of files has come in the log. One row."""

    next_leaf = models.BigIntegerField(default=0)


class MaskRules(models.Model):
    """What masks leave, as the house has set it, and how often that was changed. One row; see `records.rulebook`."""

    number = models.BigIntegerField(default=0)
    keeps = models.JSONField(default=dict)  # profile -> kind -> [head, tail], or null where the kind is shown


class MaskPattern(models.Model):
    """A pattern of the company's own that finds what must be hidden."""

    name = models.CharField(max_length=60, unique=True)
    pattern = models.CharField(max_length=200)
    enabled = models.BooleanField(default=True)
    made_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()


class Case(OfConversation):
    """One matter inside a conversation: a span of its messages, cut by silence until a person touches it."""

    first_message_id = models.BigIntegerField()
    last_message_id = models.BigIntegerField()
    message_count = models.IntegerField()
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ground = models.CharField(max_length=12, default="silence")
    touched = models.BooleanField(default=False)

    class Meta(OfConversation.Meta):
        """One case starts at a message."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "first_message_id"], name="one_case")]
