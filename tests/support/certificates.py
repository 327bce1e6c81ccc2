"""Authorities and certificates for servers on loopback, made for a test and worth nothing else."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@dataclass
class Authority:
    """Signs certificates; `file` is its own, for who is to believe it."""

    folder: Path
    name: str = "Toy Authority"

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._made = _signed(self.name, self.name, self._key, self._key, _DAY, authority=True)
        self.file = self.folder / f"{self.name.replace(' ', '-')}.pem"
        self.file.write_bytes(self._made.public_bytes(serialization.Encoding.PEM))

    def server(self, host: str = "127.0.0.1", lasts: timedelta = _DAY) -> ssl.SSLContext:
        """What a server at `host` shows; over already when `lasts` is negative."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certify(context, host, lasts)
        return context

    def certify(self, context: ssl.SSLContext, host: str, lasts: timedelta = _DAY) -> None:
        """Let a server show another certificate from the next line on."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _signed(host, self.name, key, self._key, lasts)
        file = self.folder / f"server-{made.serial_number}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(file)


def _signed(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    lasts: timedelta,
    *,
    authority: bool = False,
) -> x509.Certificate:
    ends = datetime.now(UTC) + lasts
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - 3 * _DAY)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
    )
    if authority:
        uses = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        made = made.add_extension(uses, critical=True)
    else:
        address: x509.GeneralName = (
            x509.IPAddress(ipaddress.ip_address(subject))
            if subject[0].isdigit()
            else x509.DNSName(subject)
        )
        made = made.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return made.sign(by, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
