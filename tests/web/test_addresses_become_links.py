"""Addresses in messages are links, as far as the address goes."""

import pytest

from huidang.web.spelling import LINK


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("看 https://example.com/a?b=1#c。", "https://example.com/a?b=1#c"),
        ("commit bd4df08 (https://example.com/commit/bd4df): drawmap", "https://example.com/commit/bd4df"),
        ("见 https://zh.wikipedia.org/wiki/会_(档), 谢谢", "https://zh.wikipedia.org/wiki/会_(档)"),
        ("在 http://10.0.0.7:8080/x. 打开", "http://10.0.0.7:8080/x"),
        ("（https://example.com）", "https://example.com"),
    ],
)
def test_an_address_ends_where_it_ends(text: str, address: str) -> None:
    assert LINK.findall(text) == [address]
