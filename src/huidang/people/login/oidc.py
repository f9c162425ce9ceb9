"""OpenID Connect as a relying party: the code flow with state, nonce and PKCE (Core 1.0, RFC 7636), all checks ours.

Everything is fetched through `kernel.outbound`, so that an issuer cannot lead the archive into its own network. The
ID token's signature is checked against the provider's keys although TLS would do, since TLS is not required on
loopback, and since a wrong key shows a wrong set-up early.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from huidang.kernel.outbound import open_client
from huidang.kernel.problems import Problem

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key only; `none` and shared secrets are no proof to us."""

SCOPES = "openid profile email"
LARGEST_BYTES = 1024**2
LEEWAY_SECONDS = 60
LONGEST_LIFE_SECONDS = 600
"""How long somebody may take at the provider."""


@dataclass(frozen=True, slots=True)
class Party:
    """The provider, and who we are there."""

    issuer: str
    client: str
    secret: str


@dataclass(frozen=True, slots=True)
class Places:
    """The provider's addresses, as its discovery document states them."""

    authorization: str
    token: str
    keys: str
    end: str
    posts_secret: bool


def discover(issuer: str) -> Places:
    """Read where a provider does what (Discovery 1.0). Raises `Problem` oidc-issuer or oidc-answer, and as `outbound`.

    The document must name the very issuer that was asked.
    """
    check_address(issuer)
    told = _fetch("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != issuer:
        raise Problem("oidc-issuer", "提供方报出的 issuer 与填写的不一致，要逐字相同。")
    wanted = [str(told.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    end = str(told.get("end_session_endpoint", ""))
    for address in (*wanted, *([end] if end else [])):
        check_address(address)
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    authorization, token, keys = wanted
    return Places(authorization, token, keys, end, "client_secret_basic" not in methods)


def check_address(address: str) -> None:
    """Raise `Problem` oidc-address unless an address is https, or http on this machine."""
    parts = urlsplit(address)
    inside = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not (parts.hostname and (parts.scheme == "https" or inside)) or parts.username or parts.fragment:
        raise Problem("oidc-address", "地址要以 https:// 开头。")


def begin(party: Party, *, back: str) -> tuple[str, dict[str, str]]:
    """Return the address to send the browser to, and what to remember until it comes back to `back`."""
    flow = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow["verifier"].encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": party.client,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": flow["state"],
        "nonce": flow["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return _with_query(discover(party.issuer).authorization, asked), flow


def finish(party: Party, flow: dict[str, str], answer: dict[str, str], *, back: str) -> dict[str, Any]:
    """Return the claims of whoever comes back.

    Raises `Problem` oidc-state (another browser, or too late), oidc-refused (the provider says no), oidc-answer.
    """
    if not constant_time_compare(answer.get("state", ""), flow.get("state") or secrets.token_hex()):
        raise Problem("oidc-state", "这次登录已失效，请重新开始。")
    if not answer.get("code"):
        raise Problem("oidc-refused", "登录提供方没有放行。", error=answer.get("error", "")[:60])
    if answer.get("iss", party.issuer) != party.issuer:
        raise _unreadable("iss")  # RFC 9207: another provider's answer was mixed in
    places = discover(party.issuer)
    told = _exchange(party, places, {"code": answer["code"], "redirect_uri": back, "code_verifier": flow["verifier"]})
    claims = _read_token(party, places, str(told.get("id_token", "")))
    if not constant_time_compare(str(claims.get("nonce", "")), flow["nonce"]):
        raise _unreadable("nonce")
    return claims


def leaving(party: Party, *, back: str) -> str:
    """Return where the browser signs out of the provider too, empty where it offers none (RP-Initiated Logout 1.0)."""
    end = discover(party.issuer).end
    return _with_query(end, {"client_id": party.client, "post_logout_redirect_uri": back}) if end else ""


def _exchange(party: Party, places: Places, code: dict[str, str]) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", **code}
    if places.posts_secret:
        return _fetch("POST", places.token, data=form | {"client_id": party.client, "client_secret": party.secret})
    return _fetch("POST", places.token, data=form, auth=(_quoted(party.client), _quoted(party.secret)))


def _read_token(party: Party, places: Places, token: str) -> dict[str, Any]:
    """Check signature, issuer, audience and times of an ID token (Core 1.0, 3.1.3.7) and return its claims."""
    try:
        key = _key_for(jwt.get_unverified_header(token), _fetch("GET", places.keys))
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=party.client,
            issuer=party.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as problem:
        raise _unreadable("id_token") from problem
    if claims.get("azp", party.client) != party.client:
        raise _unreadable("azp")
    return claims


def _key_for(header: dict[str, Any], told: dict[str, Any]) -> jwt.PyJWK:
    """Return the provider's key that a token names; without a name, the only one of its kind."""
    keys = [key for key in told["keys"] if key.get("use", "sig") == "sig"]
    if "kid" in header:
        keys = [key for key in keys if key.get("kid") == header["kid"]]
    if len(keys) != 1 or header.get("alg") not in ALGORITHMS:
        raise KeyError("kid")
    return jwt.PyJWK.from_dict(keys[0], algorithm=header["alg"])


def _fetch(method: str, address: str, **more: Any) -> dict[str, Any]:
    with open_client(limit=LARGEST_BYTES, seconds=20, attempts=2) as client:
        client.follow_redirects = False
        answer = client.request(method, address, headers={"Accept": "application/json"}, **more)
        try:
            told = answer.json() if answer.is_success else None
        except ValueError:
            told = None
    if not isinstance(told, dict):
        raise _unreadable(str(answer.status_code))
    return told


def _with_query(address: str, asked: dict[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"


def _quoted(text: str) -> str:
    """Return a part of HTTP Basic as OAuth wants it (RFC 6749, 2.3.1)."""
    return urlencode({"": text})[1:]


def _unreadable(what: str) -> Problem:
    return Problem("oidc-answer", _("登录提供方的回答不合要求（%s）。") % what, what=what)
