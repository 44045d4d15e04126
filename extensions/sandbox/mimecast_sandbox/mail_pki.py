# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of the mail test servers: one good kind and every bad kind, made new for each run."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

WRONG_NAME = "mail.elsewhere.example"
DAY = timedelta(days=1)


class Pki:
    """Certificates for `names`, written as key-and-chain pem files below `folder` when they are asked for."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder = folder
        self._names = [*names, "localhost", "127.0.0.1"]
        self._now = datetime.now(timezone.utc)
        self._ca = trustme.CA()
        self.ca_path = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca_path))

    def pem(self, kind: str) -> Path:
        """The pem file (key first, then chain) of one kind of certificate; KeyError for a kind that does not exist."""
        path = self._folder / f"{kind}.pem"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(self._make(kind))
        return path

    def context(self, kind: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem(kind))
        return context

    def _make(self, kind: str) -> bytes:
        if kind == "self_signed":
            return _self_signed(self._names, self._now)
        now, names = self._now, self._names
        recipes = {
            "good": lambda: self._ca.issue_cert(*names),
            "expires_soon": lambda: self._ca.issue_cert(*names, not_before=now - DAY, not_after=now + 10 * DAY),
            "expired": lambda: self._ca.issue_cert(*names, not_before=now - 30 * DAY, not_after=now - DAY),
            "not_yet_valid": lambda: self._ca.issue_cert(*names, not_before=now + DAY, not_after=now + 90 * DAY),
            "wrong_name": lambda: self._ca.issue_cert(WRONG_NAME),
            "other_ca": lambda: trustme.CA(organization_name="Unknown CA").issue_cert(*names),
            # TLS 1.0 has no signature for the default elliptic-curve keys that current OpenSSL accepts.
            "rsa": lambda: self._ca.issue_cert(*names, key_type=trustme.KeyType.RSA),
        }
        leaf = recipes[kind]()
        return b"".join(blob.bytes() for blob in (leaf.private_key_pem, *leaf.cert_chain_pems))


def _self_signed(names: Sequence[str], now: datetime) -> bytes:
    """Key and certificate, signed by itself and valid for 90 days (trustme knows no such thing)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 90 * DAY)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, pkcs8, plain) + certificate.public_bytes(pem)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
