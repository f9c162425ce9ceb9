"""Verifies signed data (CMS, RFC 5652) and time stamps (RFC 3161) with the standard library and `cryptography` alone.

It imports nothing of the house, since an evidence package carries this file for whoever wants to verify without it.
Read are definite lengths; a set may stand in any order, as many authorities write it. Everything that is not what it
should be raises `Unverified`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

OCTETS, OID, SEQUENCE, SET = 0x04, 0x06, 0x30, 0x31
_GENERAL_TIME, _CONTEXT_0 = 0x18, 0xA0
_LONG = 0x80
_SIGNED_DATA, _STAMPED = b"*\x86H\x86\xf7\r\x01\x07\x02", b"*\x86H\x86\xf7\r\x01\t\x10\x01\x04"
_CONTENT_TYPE, _MESSAGE_DIGEST = b"*\x86H\x86\xf7\r\x01\t\x03", b"*\x86H\x86\xf7\r\x01\t\x04"
_SIGNING_CERTIFICATE = b"*\x86H\x86\xf7\r\x01\t\x10\x02/"
_PSS = b"*\x86H\x86\xf7\r\x01\x01\n"
_DIGESTS = {
    b"`\x86H\x01e\x03\x04\x02\x01": "sha256",
    b"`\x86H\x01e\x03\x04\x02\x02": "sha384",
    b"`\x86H\x01e\x03\x04\x02\x03": "sha512",
}
_HASHES: dict[str, type[Any]] = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
_LONGEST_CHAIN = 8


class Unverified(ValueError):
    """What was to be verified is not what it claims to be."""


class Part(NamedTuple):
    """One element of DER: its tag, its whole bytes, and its content."""

    tag: int
    whole: bytes
    content: bytes

    def parts(self) -> "list[Part]":
        """Return the elements inside."""
        return list(_parts(self.content))


class Signed(NamedTuple):
    """What a verified signature covers, and who signed: the certificate, and those that came along."""

    content: bytes
    content_type: bytes
    certificate: x509.Certificate
    others: list[x509.Certificate]


def read(der: bytes) -> Part:
    """Return the one element that the bytes are. Raises `Unverified`."""
    part, end = element(der, 0)
    if end != len(der):
        raise Unverified("bytes follow the end")
    return part


def verify_signed(der: bytes, detached: bytes | None = None) -> Signed:
    """Verify the one signature of a CMS SignedData over its own content, or over `detached`. Raises `Unverified`.

    Whether the signer is to be believed is another question; see `verify_chain`.
    """
    try:
        return _verify_signed(read(der), detached)
    except (IndexError, UnsupportedAlgorithm, TypeError, ValueError) as problem:
        raise Unverified(str(problem) or "the signed data cannot be read") from problem


def verify_stamp(der: bytes, message: bytes, roots: Sequence[x509.Certificate]) -> datetime:
    """Return the time that a TimeStampResp, or a bare token, states over a message. Raises `Unverified`."""
    try:
        signed = verify_signed(_token(der))
        if signed.content_type != _STAMPED:
            raise Unverified("this is no time stamp")
        at = _imprinted(read(signed.content).parts(), message)
    except (IndexError, ValueError) as problem:
        raise Unverified(str(problem) or "the time stamp cannot be read") from problem
    verify_chain(signed.certificate, signed.others, roots, at)
    _require_purpose(signed.certificate)
    return at


def verify_chain(
    leaf: x509.Certificate, others: Iterable[x509.Certificate], roots: Sequence[x509.Certificate], at: datetime
) -> None:
    """Verify that a certificate leads to one of the roots, all being valid at a moment. Raises `Unverified`."""
    held, current = list(others), leaf
    for _step in range(_LONGEST_CHAIN):
        if not current.not_valid_before_utc <= at <= current.not_valid_after_utc:
            raise Unverified("a certificate was not valid at that time")
        if current in roots:
            return
        above = next((each for each in (*roots, *held) if _is_issuer(each, current)), None)
        if above is None:
            break
        current = above
    raise Unverified("the signer does not lead to a known root")


def _verify_signed(whole: Part, detached: bytes | None) -> Signed:
    kind, wrapped = whole.parts()[:2]
    if kind.content != _SIGNED_DATA:
        raise Unverified("this is no signed data")
    _version, _digests, encapsulated, *rest = wrapped.parts()[0].parts()
    content_type, *inner = encapsulated.parts()
    content = inner[0].parts()[0].content if inner else detached
    if content is None or (inner and detached is not None):
        raise Unverified("the content is missing, or there twice")
    certificates = [_certificate(each.whole) for part in rest if part.tag == _CONTEXT_0 for each in part.parts()]
    signers = rest[-1].parts()
    if rest[-1].tag != SET or len(signers) != 1:
        raise Unverified("one signature is wanted")
    certificate = _signer(signers[0].parts()[1], certificates)
    _verify_signer(signers[0].parts(), content_type.content, content, certificate)
    return Signed(content, content_type.content, certificate, certificates)


def _verify_signer(signer: Sequence[Part], content_type: bytes, content: bytes, certificate: x509.Certificate) -> None:
    _version, _who, digest, attributes, algorithm, signature = signer[:6]
    if attributes.tag != _CONTEXT_0 or signature.tag != OCTETS:
        raise Unverified("signed attributes are wanted")
    name = _digest_name(digest)
    stated = {each.parts()[0].content: each.parts()[1].parts()[0] for each in attributes.parts()}
    if _CONTENT_TYPE not in stated or stated[_CONTENT_TYPE].content != content_type:
        raise Unverified("the signature is over another kind of content")
    if _MESSAGE_DIGEST not in stated or stated[_MESSAGE_DIGEST].content != hashlib.new(name, content).digest():
        raise Unverified("the content is not the one that was signed")
    named = stated.get(_SIGNING_CERTIFICATE)
    if named is not None and certificate.fingerprint(hashes.SHA256()) not in named.whole:
        raise Unverified("the signature names another certificate")
    covered = bytes([SET]) + attributes.whole[1:]
    _verify_signature(certificate, algorithm.parts()[0].content, _HASHES[name](), signature.content, covered)


def _verify_signature(
    certificate: x509.Certificate, algorithm: bytes, hash_: Any, signature: bytes, covered: bytes
) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm == _PSS:
            key.verify(signature, covered, padding.PSS(padding.MGF1(hash_), padding.PSS.AUTO), hash_)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, covered, padding.PKCS1v15(), hash_)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, covered, ec.ECDSA(hash_))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, covered)
        else:
            raise Unverified("the kind of key is unknown")
    except InvalidSignature as problem:
        raise Unverified("the signature does not fit") from problem


def _token(der: bytes) -> bytes:
    """Return the token of a response that was granted, or the token that the bytes are."""
    parts = read(der).parts()
    if parts[0].tag == OID:
        return der
    if int.from_bytes(parts[0].parts()[0].content, "big") != 0:
        raise Unverified("the authority did not grant the stamp")
    return parts[1].whole


def _imprinted(stated: Sequence[Part], message: bytes) -> datetime:
    """Return the time of a TSTInfo whose imprint is that of the message."""
    algorithm, imprint = stated[2].parts()
    if imprint.content != hashlib.new(_digest_name(algorithm), message).digest():
        raise Unverified("the time stamp is over something else")
    text = stated[4].content.decode("ascii")
    if stated[4].tag != _GENERAL_TIME or not text.endswith("Z"):
        raise Unverified("the time cannot be read")
    return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _digest_name(algorithm: Part) -> str:
    name = _DIGESTS.get(algorithm.parts()[0].content)
    if name is None:
        raise Unverified("the hash is not of the SHA-2 family")
    return name


def _certificate(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion) as problem:
        raise Unverified("a certificate cannot be read") from problem


def _signer(who: Part, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the certificate that issuer and serial number, or the key's identifier, name."""
    for each in certificates:
        if who.tag == SEQUENCE:
            issuer, serial = who.parts()
            if each.issuer.public_bytes() == issuer.whole and each.serial_number == int.from_bytes(
                serial.content, "big", signed=True
            ):
                return each
        elif _key_identifier(each) == who.content:
            return each
    raise Unverified("the signer's certificate is missing")


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def _is_issuer(above: x509.Certificate, below: x509.Certificate) -> bool:
    """Say whether one certificate, of a signing authority, issued the other."""
    try:
        if not above.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        below.verify_directly_issued_by(above)
    except (x509.ExtensionNotFound, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return above != below


def _require_purpose(certificate: x509.Certificate) -> None:
    """Refuse a stamp by a certificate that is made for something else (RFC 3161, 2.3)."""
    try:
        purpose = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as problem:
        raise Unverified("the certificate is not made for time stamps") from problem
    if list(purpose.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise Unverified("the certificate is not made for time stamps")


def _parts(content: bytes) -> Iterator[Part]:
    at = 0
    while at < len(content):
        part, at = element(content, at)
        yield part


def element(der: bytes, at: int) -> tuple[Part, int]:
    """Return the element that begins at a place, and where it ends."""
    if at + 2 > len(der):
        raise Unverified("the data is cut off")
    size, begin = der[at + 1], at + 2
    if size >= _LONG:
        begin += size & ~_LONG
        if not 0 < size & ~_LONG <= 4 or begin > len(der):  # noqa: PLR2004 (4 bytes of length are 4 GB)
            raise Unverified("a length cannot be read")
        size = int.from_bytes(der[at + 2 : begin], "big")
    end = begin + size
    if end > len(der):
        raise Unverified("the data is cut off")
    return Part(der[at], der[at:end], der[begin:end]), end
