"""The HTTP client refuses inner addresses on every way to them, and gives up on those who are big, slow or away."""

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django.fixtures import Settings

from huidang.kernel import clock, outbound
from huidang.kernel.problems import Problem
from huidang.settings import read_house

LOOPBACK = (ip_network("127.0.0.1/32"),)


class Platform(BaseHTTPRequestHandler):
    """The other side: each path behaves in its own way."""

    asked: ClassVar[list[str]] = []
    busy: ClassVar[list[int]] = []

    def answer(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        getattr(self, f"say_{self.path.strip('/')}")()

    do_GET = do_POST = answer  # noqa: N815

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def say_hello(self) -> None:
        self.say(200, self.headers["Host"].encode())

    def say_busy(self) -> None:
        self.say(self.busy.pop() if self.busy else 200, b"at last", Retry_After="0")

    def say_big(self) -> None:
        self.say(200, b"x" * 2001)

    def say_packed(self) -> None:
        self.say(200, b"\x1f\x8b", Content_Encoding="gzip")

    def say_inside(self) -> None:
        self.say(302, Location=f"http://127.0.0.2:{self.server.server_address[1]}/hello")

    def say_round(self) -> None:
        self.say(302, Location="/hello")

    def say_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(50):
            self.wfile.write(b"." * 10)
            threading.Event().wait(0.05)

    def say_nothing(self) -> None:
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Platform.asked.clear()
    Platform.busy.clear()
    server = ThreadingHTTPServer(("0.0.0.0", 0), Platform)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def loopback_allowed(settings: Settings) -> None:
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=LOOPBACK)


def get(url: str, method: str = "GET", **options: Any) -> httpx.Response:
    with outbound.open_client(limit=2000, **options) as client:
        return client.request(method, url)


def refusal(url: str, method: str = "GET", **options: Any) -> str:
    with pytest.raises(Problem) as caught:
        get(url, method, **options)
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # metadata of most clouds
        "100.100.100.200",  # metadata of Alibaba Cloud
        "168.63.129.16",  # Azure
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_inner_addresses_are_refused(address: str) -> None:
    assert not outbound.is_permitted(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_permitted(address: str) -> None:
    assert outbound.is_permitted(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_an_inner_address_gets_through(host: str, port: int) -> None:
    assert refusal(f"http://{host}:{port}/hello", attempts=1) == "address-refused"
    assert Platform.asked == []


def test_allowed_address_is_reached(port: int, loopback_allowed: None) -> None:
    assert get(f"http://127.0.0.1:{port}/hello").text == f"127.0.0.1:{port}"


def test_redirect_into_the_house_is_refused(port: int, loopback_allowed: None) -> None:
    assert refusal(f"http://127.0.0.1:{port}/inside") == "address-refused"
    assert get(f"http://127.0.0.1:{port}/round").status_code == 200


def test_name_is_resolved_once_and_the_connection_pinned(
    port: int, loopback_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    asked = []

    def rebind(host: str, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if asked == ["evil.example"] else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    assert get(f"http://evil.example:{port}/hello").text == f"evil.example:{port}"
    assert asked.count("evil.example") == 1


def test_of_mixed_answers_only_permitted_ones_are_used(loopback_allowed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(0, 0, 0, "", (address, 80)) for address in ("10.0.0.1", "127.0.0.1", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: answers)
    assert outbound._resolve("mixed.example", 80) == ["127.0.0.1"]


def test_busy_platform_is_asked_again(port: int, loopback_allowed: None) -> None:
    Platform.busy.extend([503, 429])
    assert get(f"http://127.0.0.1:{port}/busy").text == "at last"
    assert len(Platform.asked) == 3


def test_platform_that_stays_busy_is_believed(port: int, loopback_allowed: None) -> None:
    Platform.busy.extend([503] * 9)
    assert get(f"http://127.0.0.1:{port}/busy", attempts=2).status_code == 503
    assert len(Platform.asked) == 2


@pytest.mark.parametrize(("headers", "times"), [({}, 1), ({"Idempotency-Key": "7"}, 3)])
def test_post_is_repeated_only_under_a_key(
    headers: dict[str, str], times: int, port: int, loopback_allowed: None
) -> None:
    Platform.busy.extend([503, 503])
    get(f"http://127.0.0.1:{port}/busy", "POST", headers=headers)
    assert len(Platform.asked) == times


def test_silent_platform_is_unreachable_after_its_attempts(port: int, loopback_allowed: None) -> None:
    assert refusal(f"http://127.0.0.1:{port}/nothing", attempts=2) == "unreachable"
    assert len(Platform.asked) == 2


def test_retries_end_with_the_time(port: int, loopback_allowed: None) -> None:
    assert refusal(f"http://127.0.0.1:{port}/nothing", attempts=50, seconds=0.6) == "unreachable"
    assert len(Platform.asked) < 5


def test_too_large_or_too_slow_or_packed_response_breaks_off(port: int, loopback_allowed: None) -> None:
    assert refusal(f"http://127.0.0.1:{port}/big") == "response-too-large"
    assert refusal(f"http://127.0.0.1:{port}/drip", seconds=0.2) == "response-too-slow"
    assert refusal(f"http://127.0.0.1:{port}/packed") == "response-encoded"


def test_proxy_of_the_environment_is_not_asked(
    port: int, loopback_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert get(f"http://127.0.0.1:{port}/hello").status_code == 200


def test_setting_is_read_and_checked() -> None:
    house = read_house({"HUIDANG_ALLOW_ADDRESSES": "10.1.0.0/16, 192.168.3.7"})
    assert house.allow_addresses == (ip_network("10.1.0.0/16"), ip_network("192.168.3.7/32"))
    with pytest.raises(ValueError, match="HUIDANG_ALLOW_ADDRESSES"):
        read_house({"HUIDANG_ALLOW_ADDRESSES": "10.1.0.0/99"})


def test_certificate_is_verified(loopback_allowed: None, tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    server.socket = self_signed(tmp_path).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with pytest.raises(Problem, match="CERTIFICATE_VERIFY_FAILED"):
        get(f"https://localhost:{server.server_address[1]}/hello", attempts=1)
    server.shutdown()
    server.server_close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return the context of a server that only claims to be localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    began = clock.now() - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "pem").write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, *plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pem")
    return context
