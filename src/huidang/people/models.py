"""The tables of who: departments in a tree, users, roles as bundles of capabilities, grants."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from huidang.kernel import clock
from huidang.kernel.appending import Appended


class Department(models.Model):
    """A department of the company; the tree is by parent, reach is expanded to flat ids."""

    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.IntegerField(default=0)

    class Meta:
        """Siblings have different names; SQLite knows no unique NULL, so the top needs a rule of its own."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "name"], name="one_department"),
            models.UniqueConstraint(fields=["name"], name="one_top", condition=models.Q(parent=None)),
        ]


class User(AbstractBaseUser):
    """Somebody who signs in. What they may see is said by grants alone."""

    username = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=100)
    department = models.ForeignKey(Department, models.SET_NULL, null=True, related_name="members")
    is_active = models.BooleanField(default=True)
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "username"
    objects = BaseUserManager["User"]()


class Role(models.Model):
    """A named bundle of capabilities (`kernel.access.Can` values)."""

    name = models.CharField(max_length=60, unique=True)
    capabilities = models.JSONField(default=list)


class Grant(models.Model):
    """A role given to a user over a part of the company, perhaps until a date."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants")
    everything = models.BooleanField(default=False)  # the whole company, the intake included
    intake = models.BooleanField(default=False)  # the conversations without a department
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="grants")
    children = models.BooleanField(default=True)  # the departments below it too
    own = models.BooleanField(default=False)  # the conversations the user owns, wherever they are
    until_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)


class SignInLink(models.Model):
    """A way in that works once: only the hash of its token is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Attempt(models.Model):
    """A try to sign in by password, for the limits.

    Account and address are keyed hashes: people mistype their password into the field of the name.
    """

    account = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    failed = models.BooleanField(default=True)

    class Meta:
        """Counted by account and by address."""

        indexes: ClassVar = [
            models.Index(fields=["account", "at"], name="attempts_by_account"),
            models.Index(fields=["address", "at"], name="attempts_by_address"),
        ]


class Entry(Appended):
    """One line of the audit: who did what, when, from where and why. Written by `audit.note`, never changed."""

    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=100)  # the account's name at that time, "system" for the command line
    what = models.CharField(max_length=40, db_index=True)
    about = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=64, blank=True)
    why = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    salt = models.BinaryField()  # hides the entry behind its leaf in the log


class Sighting(models.Model):
    """What somebody looked at in the last minutes, counted, until it becomes one entry. See `people.sightings`."""

    what = models.CharField(max_length=40)
    about = models.CharField(max_length=200)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    first_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField()
    count = models.IntegerField()


class SearchText(models.Model):
    """The words of a search beside the entry that commits to them. Erasable: the entry and its proof stay."""

    entry_id = models.BigIntegerField(primary_key=True)
    text = models.TextField()
    salt = models.BinaryField()


class Request(models.Model):
    """A question for a capability over some conversations, and what was decided. See `people.requests`."""

    class State(models.TextChoices):
        """Where a request stands; one that waits beyond `expires_at` is decided by nobody."""

        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        REVOKED = "revoked"

    kind = models.CharField(max_length=20)
    capability = models.CharField(max_length=10)
    asker = models.ForeignKey(User, models.PROTECT, related_name="+")
    why = models.TextField()
    minutes = models.IntegerField()
    places = models.JSONField()  # [conversation, department or null, owner or null] as they lay when it was asked
    facts = models.JSONField(default=dict)  # what the decider is shown besides: query, format, message, …
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    until_at = models.DateTimeField(null=True)


class Loan(models.Model):
    """A capability over one conversation, given for a time. Conversations are numbers here: they live above."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    capability = models.CharField(max_length=10)
    conversation_id = models.BigIntegerField()
    until_at = models.DateTimeField()
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="+")

    class Meta:
        """Read with every request of a user."""

        indexes: ClassVar = [models.Index(fields=["user", "until_at"], name="loans")]


class Reveal(models.Model):
    """A look at what masks hide: one message, or a whole conversation, for some minutes. See `people.reveals`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    token_id = models.BigIntegerField(null=True)  # of the program that looks; a page and a program do not share looks
    conversation_id = models.BigIntegerField()
    message_id = models.BigIntegerField(null=True)  # empty: the whole conversation
    why = models.TextField()
    at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        """Read with every transcript that somebody who may unmask opens."""

        indexes: ClassVar = [models.Index(fields=["user", "until_at"], name="reveals")]


class Token(models.Model):
    """A way in for programs: part of what its owner may do, until a date. Only the hash of its secret is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)  # the first characters of the secret, to tell tokens apart
    capabilities = models.JSONField(default=list)
    departments = models.JSONField(default=list)  # with all below them; empty = wherever the owner reaches
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)  # to within some minutes


class TwoPersons(models.Model):
    """Whether something done in bulk needs a second person; without a row it does."""

    kind = models.CharField(max_length=20, unique=True)
    needed = models.BooleanField()


class Session(models.Model):
    """A browser in which somebody signed in, as they and an administrator see it; an ended one opens nothing."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    way = models.CharField(max_length=10)  # password, link, passkey, oidc
    factor = models.BooleanField(default=False)  # a second factor was shown
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=300, blank=True)  # what the browser says it is
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # to within some minutes
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Listed by person."""

        indexes: ClassVar = [models.Index(fields=["user", "ended_at"], name="sessions")]


class Totp(models.Model):
    """An app that shows codes (RFC 6238): its secret, sealed under the site key, and the last step that was used."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    secret = models.BinaryField()
    step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """A code for when the second factor is lost: a keyed hash of it, and whether it was used."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)


class Passkey(models.Model):
    """A key of WebAuthn: the public half and what tells it apart."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    credential = models.CharField(max_length=1400, unique=True)  # the id, base64url; at most 1023 bytes
    public = models.BinaryField()  # AttestedCredentialData, WebAuthn 6.5.2
    count = models.BigIntegerField(default=0)  # of signatures, where the key counts them
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Provider(models.Model):
    """The OpenID Connect provider of the house, at most one; its secret is sealed under the site key."""

    name = models.CharField(max_length=60)
    issuer = models.CharField(max_length=300)
    client = models.CharField(max_length=300)
    secret = models.BinaryField()
    claim = models.CharField(max_length=20)  # preferred_username, or email where it is verified
    creates = models.BooleanField(default=False)


class Identity(models.Model):
    """Who of a provider is which account, since their first sign-in; the name there may change, the subject not."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        """One account a subject, one subject an account."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_a_subject"),
            models.UniqueConstraint(fields=["issuer", "user"], name="one_subject_an_account"),
        ]


class FactorWanted(models.Model):
    """A capability whose holders sign in with a second factor."""

    capability = models.CharField(max_length=10, unique=True)
