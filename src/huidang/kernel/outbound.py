"""The one way out to the network over HTTP: time limits, size limits, retries, and a guard of the inner network.

Addresses that people or platforms give us must not become a way to reach machines beside this one. The guard works
where a connection is opened: the name is resolved once, every address that is not public and not in
HUIDANG_ALLOW_ADDRESSES is refused, and the connection goes to the very address that was judged, so that a name which
resolves otherwise a moment later gains nothing. A redirect opens a connection and is judged likewise. TLS still
verifies the name. Proxies of the environment are not used, because a proxy would resolve names on its own.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from random import SystemRandom
from typing import Any

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from huidang.kernel.problems import Problem

CONNECT_SECONDS = 10
SILENCE_SECONDS = 30
LONGEST_REDIRECTION = 5
LONGEST_PAUSE_SECONDS = 20
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110, 9.2.2
BUSY = frozenset({429, 502, 503, 504})
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: carries an IPv4 address in its last 32 bits
PUBLIC_BUT_INNER = frozenset({ipaddress.ip_address("168.63.129.16")})  # Azure's host agent

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def open_client(
    *,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    limit: int = 16 * 1024**2,
    seconds: float = 120,
    attempts: int = 4,
) -> httpx.Client:
    """Return a client to be used in a `with` block. It raises `Problem` where no response could be had.

    `limit` is the largest response in bytes, `seconds` the time of a whole exchange with its retries. Idempotent
    methods, and requests with an Idempotency-Key, are tried `attempts` times while the other side is away or busy.
    Problem codes: unreachable, address-refused, response-too-large, response-too-slow, response-encoded.
    """
    return httpx.Client(
        base_url=base_url,
        headers={"User-Agent": "huidang", **(headers or {}), "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=True,
        max_redirects=LONGEST_REDIRECTION,
        transport=_Patient(_Pinned(), limit=limit, seconds=seconds, attempts=attempts),
        trust_env=False,
    )


def is_permitted(address: str) -> bool:
    """Say whether an IP address is public, or allowed by HUIDANG_ALLOW_ADDRESSES."""
    ip = _unwrapped(ipaddress.ip_address(address))
    if any(ip in network for network in settings.HOUSE.allow_addresses):
        return True
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip not in PUBLIC_BUT_INNER


def _unwrapped(ip: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _resolve(host: str, port: int) -> list[str]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise httpcore.ConnectError(str(problem)) from problem
    permitted = [str(answer[4][0]) for answer in answers if is_permitted(str(answer[4][0]))]
    if not permitted:
        raise Problem(
            "address-refused", "该地址位于内部网络，未经管理员允许（HUIDANG_ALLOW_ADDRESSES），不能访问。", host=host
        )
    return permitted


class _Doorkeeper(httpcore.NetworkBackend):
    """Opens connections to judged addresses only."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers."""
        failure: Exception = httpcore.ConnectError(host)
        for address in _resolve(host, port):
            try:
                return self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                failure = problem
        raise failure


class _Pinned(httpx.HTTPTransport):
    """httpx's transport over a pool whose connections the doorkeeper opens."""

    def __init__(self) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_Doorkeeper())


class _Patient(httpx.BaseTransport):
    """Tries again while that is safe and sensible, and lets no response grow or drag on without end."""

    def __init__(self, inner: httpx.BaseTransport, *, limit: int, seconds: float, attempts: int) -> None:
        self._inner = inner
        self._limit = limit
        self._seconds = seconds
        self._attempts = attempts

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and send again after a pause, until there is an answer or no time is left."""
        deadline = time.monotonic() + self._seconds
        attempts = self._attempts if _is_repeatable(request) else 1
        for attempt in range(1, attempts + 1):
            response = self._try(request, last=attempt == attempts)
            pause = _pause(attempt, response)
            if response is not None and not (response.status_code in BUSY and attempt < attempts):
                return self._bounded(response, deadline)
            if time.monotonic() + pause > deadline:
                break
            if response is not None:
                response.close()
            time.sleep(pause)
        if response is None:
            raise _unreachable(request, "no time left")
        return self._bounded(response, deadline)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _try(self, request: httpx.Request, *, last: bool) -> httpx.Response | None:
        try:
            return self._inner.handle_request(request)
        except httpx.TransportError as problem:
            if last:
                raise _unreachable(request, str(problem) or type(problem).__name__) from problem
            return None

    def _bounded(self, response: httpx.Response, deadline: float) -> httpx.Response:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            raise Problem("response-encoded", "对方返回了压缩内容，无法限制其大小，已拒收。")
        assert isinstance(response.stream, httpx.SyncByteStream)
        stream = _Bounded(response.stream, self._limit, deadline)
        return httpx.Response(
            response.status_code, headers=response.headers, stream=stream, extensions=response.extensions
        )


class _Bounded(httpx.SyncByteStream):
    """A stream that breaks off beyond its size or its time."""

    def __init__(self, stream: httpx.SyncByteStream, limit: int, deadline: float) -> None:
        self._stream = stream
        self._limit = limit
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > self._limit:
                raise Problem("response-too-large", "对方返回的内容超过允许的大小。", limit=self._limit)
            if time.monotonic() > self._deadline:
                raise Problem("response-too-slow", "对方返回内容太慢，已中断。")
            yield chunk

    def close(self) -> None:
        """Give the connection back."""
        self._stream.close()


def _is_repeatable(request: httpx.Request) -> bool:
    """Say whether sending twice does no harm and is possible: a body that is a stream is gone after once."""
    harmless = request.method in IDEMPOTENT or "Idempotency-Key" in request.headers
    return harmless and isinstance(request.stream, httpx.ByteStream)


def _pause(attempt: int, response: httpx.Response | None) -> float:
    """Return the seconds to wait: what the other side asks for, else half a second, doubled each time."""
    stated = response.headers.get("Retry-After", "") if response is not None else ""
    if stated.isascii() and stated.isdigit():
        return min(float(stated), LONGEST_PAUSE_SECONDS)
    longest = min(0.5 * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
    return SystemRandom().uniform(longest / 2, longest)


def _unreachable(request: httpx.Request, reason: str) -> Problem:
    return Problem("unreachable", _("无法访问 %s：%s") % (request.url.host, reason), host=request.url.host)
