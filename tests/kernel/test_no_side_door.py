"""The start-up check finds every relation through which an unguarded query would reach a guarded table."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from huidang.kernel.access import Guarded, find_side_doors


@pytest.fixture
def registry() -> Iterator[None]:
    """Let the check look at models that exist during one test alone."""
    with isolate_apps("huidang.kernel") as own, patch("huidang.kernel.access.apps", own):
        yield


def found() -> list[str | None]:
    return [error.id for error in find_side_doors()]


def make(name: str, *bases: type[models.Model], **members: Any) -> Any:
    meta = members.pop("Meta", type("Meta", (getattr(bases[0], "Meta", object),), {"app_label": "kernel"}))
    return type(name, bases, {"__module__": __name__, "Meta": meta, **members})


def guarded(**members: Any) -> Any:
    return make("Chat", Guarded, **members)


def plain(name: str = "Plain", **members: Any) -> Any:
    return make(name, models.Model, **members)


def test_the_house_has_none() -> None:
    assert found() == []
    assert any(issubclass(model, Guarded) for model in apps.get_models())


def test_hidden_relation_out_of_a_guarded_model_is_fine(registry: None) -> None:
    guarded(team=models.ForeignKey(plain(), models.CASCADE, related_name="+"))
    assert found() == []


def test_visible_relation_out_of_a_guarded_model_is_a_side_door(registry: None) -> None:
    guarded(team=models.ForeignKey(plain(), models.CASCADE))
    assert found() == ["access.E002"]


def test_hidden_name_with_a_query_name_is_a_side_door(registry: None) -> None:
    guarded(team=models.ForeignKey(plain(), models.CASCADE, related_name="+", related_query_name="chat"))
    assert found() == ["access.E002"]


def test_unguarded_model_that_leads_to_a_guarded_one_is_a_side_door(registry: None) -> None:
    plain(chat=models.OneToOneField(guarded(), models.CASCADE, related_name="+"))
    assert found() == ["access.E001"]


def test_hidden_table_between_is_a_side_door(registry: None) -> None:
    guarded(people=models.ManyToManyField(plain(), related_name="+"))
    assert "access.E001" in found()


def test_relation_between_guarded_models_is_fine(registry: None) -> None:
    chat = guarded()
    make("Line", Guarded, chat=models.ForeignKey(chat, models.CASCADE))
    assert found() == []


def test_manager_of_ones_own_is_a_side_door(registry: None) -> None:
    guarded(everyone=models.Manager())
    assert found() == ["access.E003"]


def test_meta_of_ones_own_keeps_the_guard(registry: None) -> None:
    guarded(Meta=type("Meta", (), {"app_label": "kernel"}))
    assert found() == []
