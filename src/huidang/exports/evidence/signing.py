"""Signs a PDF by PAdES: B-LTA with a time stamp by the configured authority, B-B where there is none."""

from dataclasses import dataclass
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.signers import pdf_signer
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from huidang.kernel import clock, stamps
from huidang.kernel.models import Authority
from huidang.kernel.problems import Problem
from huidang.kernel.signer import Signing

_BEFORE_THE_STAMP = pdf_signer.DSSContentSettings(
    include_vri=False,
    next_ts_settings=pdf_signer.TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
)
"""Nothing follows the document time stamp, so that a verifier sees that it covers the whole file."""

LEVELS = ("PAdES B-B", "PAdES B-LTA")


@dataclass(frozen=True, slots=True)
class Level:
    """Which signature a report gets, settled before it is written, since the paper says so."""

    signing: Signing
    authority: Authority | None

    @property
    def name(self) -> str:
        """Return the name of the PAdES level."""
        return LEVELS[self.authority is not None]


def sign(pdf: Path, target: Path, level: Level, *, reason: str) -> None:
    """Write the signed PDF. Raises `Problem` where the authority does not answer."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf.read_bytes()), strict=False)
    stamper = _Stamper(level.authority) if level.authority else None
    meta = signers.PdfSignatureMetadata(
        field_name="Huidang",
        md_algorithm="sha256",
        reason=reason,
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=stamper is not None,
        use_pades_lta=stamper is not None,
        validation_context=_context(level) if stamper else None,
        dss_settings=_BEFORE_THE_STAMP,
    )
    with target.open("wb+") as out:
        signers.sign_pdf(writer, meta, _signer(level.signing), timestamper=stamper, output=out)


class _Stamper(timestamps.TimeStamper):  # type: ignore[misc]  # untyped library
    """Asks the house's authority through the house's only way out."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()
        self._authority = authority

    async def async_request_tsa_response(self, req: Any) -> Any:
        """Return the authority's response. Raises `Problem`."""
        try:
            return tsp.TimeStampResp.load(stamps.exchange(self._authority, req.dump()))
        except ValueError as problem:
            raise Problem("stamp-unreadable", "对方返回的不是时间戳。") from problem


def _signer(signing: Signing) -> Any:
    store = SimpleCertificateStore()
    store.register_multiple([_asn1(each) for each in (signing.certificate, *signing.above)])
    return signers.SimpleSigner(
        signing_cert=_asn1(signing.certificate),
        signing_key=keys.PrivateKeyInfo.load(signing.key),
        cert_registry=store,
    )


def _context(level: Level) -> Any:
    assert level.authority is not None
    roots = [level.signing.root, *x509.load_pem_x509_certificates(level.authority.roots.encode())]
    return ValidationContext(
        trust_roots=[_asn1(each) for each in roots],
        other_certs=[_asn1(each) for each in level.signing.above],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=clock.now().astimezone(UTC),
    )


def _asn1(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
