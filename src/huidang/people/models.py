"""The tables of who: departments in a tree, users, roles as bundles of capabilities, grants."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Department(models.Model):
    """A department of the company; the tree is by parent, reach is expanded to flat ids."""

    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.IntegerField(default=0)

    class Meta:
        """Siblings have different names."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "name"], name="one_department", nulls_distinct=False)
        ]


class User(AbstractBaseUser):
    """Somebody who signs in. What they may see is said by grants alone."""

    username = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=100)
    department = models.ForeignKey(Department, models.SET_NULL, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

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
    created_at = models.DateTimeField(auto_now_add=True)
