"""The certificate with which documents of the house are signed: its own, made at first use, or a configured PKCS#12.

One's own certificate proves that a document was not changed since; who the house is, only a certificate of a known
authority can say (HUIDANG_SIGNER).
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.db import transaction

from huidang.kernel import clock, secrets
from huidang.kernel.models import SigningCertificate
from huidang.kernel.problems import Problem

_CONTEXT = b"document signing key"
Key = ec.EllipticCurvePrivateKey
_LASTS = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Signing:
    """A private key (DER, PKCS#8), its certificate, and the certificates above it, the root last."""

    key: bytes
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]
    own: bool

    @property
    def root(self) -> x509.Certificate:
        """Return what a verifier has to believe."""
        return self.above[-1] if self.above else self.certificate


def signing() -> Signing:
    """Return the key and certificates to sign with. Raises `Problem` where the configured file cannot be opened."""
    path = settings.HOUSE.signer
    return _configured(path, settings.HOUSE.signer_password) if path else _own()


def _configured(path: Path, password: str) -> Signing:
    try:
        held = pkcs12.load_pkcs12(path.read_bytes(), password.encode() or None)
    except (OSError, ValueError) as problem:
        raise Problem("signer-unreadable", f"签名证书 {path} 无法打开。", path=str(path)) from problem
    if held.key is None or held.cert is None:
        raise Problem("signer-unreadable", f"签名证书 {path} 中没有私钥或证书。", path=str(path))
    key = held.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    above = {each.certificate.subject: each.certificate for each in held.additional_certs}
    chain, current = [], held.cert.certificate
    while current.issuer != current.subject and current.issuer in above:
        current = above.pop(current.issuer)
        chain.append(current)
    return Signing(key, held.cert.certificate, tuple(chain), own=False)


def _own() -> Signing:
    row = SigningCertificate.objects.order_by("-pk").first()
    if row is None or x509.load_pem_x509_certificate(row.pem.encode()).not_valid_after_utc < clock.now():
        row = _make()
    key = secrets.unseal(secrets.site_key(), bytes(row.key), context=_CONTEXT)
    certificate, root = x509.load_pem_x509_certificates(row.pem.encode())
    return Signing(key, certificate, (root,), own=True)


def _make() -> SigningCertificate:
    """Make a root, which signs one certificate and is then forgotten but for its public half."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    root = _issue("存证根证书", root_key, None, None)
    certificate = _issue("存证签名", key, root, root_key)
    pem = b"".join(each.public_bytes(Encoding.PEM) for each in (certificate, root)).decode()
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with transaction.atomic():
        sealed = secrets.seal(secrets.site_key(), der, context=_CONTEXT)
        return SigningCertificate.objects.create(pem=pem, key=sealed, created_at=clock.now())


def _issue(
    title: str,
    key: ec.EllipticCurvePrivateKey,
    above: x509.Certificate | None,
    above_key: ec.EllipticCurvePrivateKey | None,
) -> x509.Certificate:
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, (settings.HOUSE.organisation or "会档 Huidang")[:64]),
        x509.NameAttribute(NameOID.COMMON_NAME, title),
    ])  # fmt: skip
    now = clock.now()
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    signs = {"digital_signature": above is not None, "content_commitment": above is not None}
    issues = {"key_cert_sign": above is None, "crl_sign": above is None}
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder(
            issuer_name=above.subject if above else name, subject_name=name, public_key=key.public_key()
        )
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LASTS + (timedelta(days=3650) if above is None else timedelta()))
        .add_extension(x509.BasicConstraints(ca=above is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage, **signs, **issues), critical=True)
        .add_extension(identifier, critical=False)
    )
    if above is not None:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
        issuer_key = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key)
        builder = builder.add_extension(authority, critical=False)
    return builder.sign(above_key or key, hashes.SHA256())
