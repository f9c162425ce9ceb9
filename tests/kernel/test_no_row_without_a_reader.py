"""A query that names no reader does not run."""

import pytest

from huidang.kernel.access import Can, Unguarded
from huidang.people.readers import local_operator
from huidang.records.models import Conversation

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_plain_query_raises() -> None:
    with pytest.raises(Unguarded):
        list(Conversation.objects.all())


def test_reader_or_reason_answers() -> None:
    assert list(Conversation.objects.readable_by(local_operator(), Can.READ)) == []
    assert Conversation.objects.unguarded("test").count() == 0
