"""Passwords hashed with little memory, so that tests of limits do not spend their time on hashing."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from pytest_django import Settings


class QuickArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 8, 1


@pytest.fixture(autouse=True)
def quick_hashing(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]
