"""A leaf is canonical JSON, hides what it commits to, and changes with every fact."""

import hashlib
import json
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from huidang.kernel import merkle, secrets
from huidang.records import codepoints, leaves
from huidang.records.leaves import Facts

SECRET = bytes(range(32))
RAW = '{"msgid":"m1","text":"您好"}'.encode()
FACTS = Facts(
    source=("wecom", "corp", "sales"),
    conversation="room-7",
    id="m1",
    entry="message",
    target="m0",
    kind="text",
    sender="u-3",
    sender_name="张三",
    role="agent",
    reply="m0",
    thread="t1",
    sent_ms=1_700_000_000_123,
    precision="ms",
    zone="Asia/Shanghai",
    received_ms=1_700_000_001_000,
    as_of_ms=1_700_000_000_123,
    text="您好，𠮷先生",
    details={"link": {"url": "https://example.com", "rank": 1.5}},
    media=[("image", "合同.png", "files/1", None)],
)

_texts = st.text(st.characters(codec="utf-8"), max_size=40)
_times = st.integers(0, 2**45)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=5,
)
facts = st.builds(
    Facts,
    **dict.fromkeys(("conversation", "id", "entry", "target", "kind", "sender", "sender_name"), _texts),
    **dict.fromkeys(("role", "reply", "thread", "precision", "zone", "text"), _texts),
    **dict.fromkeys(("sent_ms", "received_ms", "as_of_ms"), _times),
    source=st.tuples(_texts, _texts, _texts),
    details=st.dictionaries(_texts, _json, max_size=3),
    media=st.lists(st.tuples(_texts, _texts, _texts, st.none() | st.integers(0, 9999)), max_size=2),
)


def test_the_leaf_is_this_one() -> None:
    """Pin the format: archives exist that were written with it. Computed with the steps of log-format.md alone."""
    stream = hashlib.shake_256(b"huidang entry 1" + SECRET).digest(32 + 16 * (16 + len(FACTS.text)))
    salts = [stream[at : at + 16] for at in range(32, len(stream), 16)]
    points = [
        hashlib.sha256(b"\0" + salt + char.encode()).digest() for salt, char in zip(salts[16:], FACTS.text, strict=True)
    ]
    text_root = hashlib.sha256(b"\0" + b"".join(points)).hexdigest()
    stated = {
        "as_of": FACTS.as_of_ms,
        "conversation": "room-7",
        "details": FACTS.details,
        "entry": ["message", "m0"],
        "id": "m1",
        "kind": "text",
        "media": [["image", "合同.png", "files/1", None]],
        "raw": RAW,
        "received": FACTS.received_ms,
        "reply": "m0",
        "role": "agent",
        "sender": ["u-3", "张三"],
        "sent": [FACTS.sent_ms, "ms", "Asia/Shanghai"],
        "source": ["wecom", "corp", "sales"],
        "text": [len(FACTS.text), text_root],
        "thread": "t1",
    }
    commitments = {}
    for salt, (group, value) in zip(salts[:16], stated.items(), strict=True):
        written = value if isinstance(value, bytes) else rfc8785.dumps(value)
        commitments[group] = hashlib.sha256(b"\2" + salt + written).hexdigest()
    leaf = rfc8785.dumps({"v": 1, "type": "entry", "commitments": commitments})
    assert leaves.leaf_bytes(FACTS, RAW, SECRET) == leaf
    assert leaves.leaf_hash(FACTS, RAW, SECRET) == hashlib.sha256(b"\0" + leaf).digest()
    assert (
        leaves.leaf_hash(FACTS, RAW, SECRET).hex() == "a5d12750083a7f9827a3ae1b5abbdeb6c61f1bc3ea1fdfdf5cefa57c98144340"
    )


@settings(max_examples=50)
@given(facts, st.binary(max_size=50))
def test_leaf_and_values_are_canonical_json(facts: Facts, raw: bytes) -> None:
    leaf = leaves.leaf_bytes(facts, raw, SECRET)
    assert leaf == rfc8785.dumps(json.loads(leaf))
    for group, value in zip(leaves.GROUPS, leaves.values(facts, raw, merkle.EMPTY), strict=True):
        assert group == "raw" or value == rfc8785.dumps(json.loads(value, parse_int=float))


@settings(max_examples=50)
@given(facts, st.binary(max_size=50))
def test_sealed_entries_open_and_compute_again(facts: Facts, raw: bytes) -> None:
    sealed = leaves.seal(facts, raw)
    assert leaves.open_raw(sealed.raw, sealed.secret) == raw
    assert leaves.leaf_hash(facts, raw, sealed.secret) == sealed.leaf
    assert leaves.seal(facts, raw).leaf != sealed.leaf


OTHER: dict[type, Any] = {str: "x", int: 1, tuple: ("x", "y", "z"), dict: {"x": 1}, list: [("x", "y", "z", 1)]}


@pytest.mark.parametrize("field", Facts.__struct_fields__)
def test_every_fact_matters(field: str) -> None:
    changed = msgspec.structs.replace(FACTS, **{field: OTHER[type(getattr(FACTS, field))]})
    assert leaves.leaf_hash(changed, RAW, SECRET) != leaves.leaf_hash(FACTS, RAW, SECRET)


def test_raw_bytes_and_secret_matter() -> None:
    leaf = leaves.leaf_hash(FACTS, RAW, SECRET)
    assert leaves.leaf_hash(FACTS, RAW + b" ", SECRET) != leaf
    assert leaves.leaf_hash(FACTS, RAW, bytes(32)) != leaf


def test_facts_do_not_run_into_each_other() -> None:
    one = msgspec.structs.replace(FACTS, sender="a", sender_name="bc")
    other = msgspec.structs.replace(FACTS, sender="ab", sender_name="c")
    assert leaves.leaf_hash(one, RAW, SECRET) != leaves.leaf_hash(other, RAW, SECRET)


def test_each_group_can_be_disclosed_alone() -> None:
    commitments = json.loads(leaves.leaf_bytes(FACTS, RAW, SECRET))["commitments"]
    root = codepoints.root(codepoints.commit(FACTS.text, leaves.text_salts(SECRET, len(FACTS.text))))
    salts = leaves.group_salts(SECRET)
    for group, value in zip(leaves.GROUPS, leaves.values(FACTS, RAW, root), strict=True):
        assert leaves.commit(salts[group], value) == commitments[group]


def test_alike_facts_leave_nothing_alike_in_two_leaves() -> None:
    first, second = (
        json.loads(leaves.leaf_bytes(FACTS, RAW, secret))["commitments"] for secret in (SECRET, secrets.new_key())
    )
    assert not set(first.values()) & set(second.values())


def test_numbers_beyond_2_53_count_as_doubles_whatever_their_writing() -> None:
    assert leaves.canonical({"n": 10**22}) == leaves.canonical({"n": 1e22}) == b'{"n":1e+22}'


def test_a_file_is_tied_to_its_entry_position_and_content() -> None:
    leaf = leaves.leaf_hash(FACTS, RAW, SECRET)
    given = (leaf, 0, "ab" * 32, SECRET)
    other = [(bytes(32), 1, "cd" * 32, bytes(32))[place] for place in range(4)]
    tied = leaves.file_leaf_hash(*given)
    for place, value in enumerate(other):
        assert leaves.file_leaf_hash(*given[:place], value, *given[place + 1 :]) != tied  # type: ignore[arg-type]
