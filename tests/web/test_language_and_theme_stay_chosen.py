"""Language and theme: chosen once, kept, and never a way to send people elsewhere."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_language_is_kept(client: Client) -> None:
    assert 'lang="zh-hans"' in client.get("/none", headers={"accept-language": "zh-CN"}).text
    client.post("/preferences/language", {"language": "en", "next": "/none"})
    assert 'lang="en"' in client.get("/none", headers={"accept-language": "zh-CN"}).text


def test_theme_is_kept(client: Client) -> None:
    client.post("/preferences/theme", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/none").text
    client.post("/preferences/theme", {"theme": "system"})
    assert "data-theme=" not in client.get("/none").text.split("<head>")[0]


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_next_stays_in_the_house(client: Client, place: str) -> None:
    assert client.post("/preferences/theme", {"theme": "dark", "next": place})["Location"] == "/"
