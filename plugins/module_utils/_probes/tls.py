# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""TLS as a probe needs it: what a strict peer would say, and what the server really presents."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Dict, List, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._probes.certificate import Certificate, read_certificate
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable

# X509_V_ERR_* of OpenSSL's x509_vfy.h. Number 19, a self-signed root in the chain, is a private CA that is not trusted.
VERIFY_CODES = {
    2: "certificate_untrusted",
    9: "certificate_not_yet_valid",
    10: "certificate_expired",
    18: "certificate_self_signed",
    19: "certificate_untrusted",
    20: "certificate_untrusted",
    21: "certificate_untrusted",
    27: "certificate_untrusted",
    62: "certificate_name_mismatch",
    64: "certificate_name_mismatch",
}
TOO_OLD = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW")
NO_CIPHER = ("HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "INSUFFICIENT_SECURITY")
MODERN = ("TLSv1.2", "TLSv1.3")


@dataclass(frozen=True)
class Session:
    """An encrypted connection and what is known about it; certificate is None when its bytes could not be read."""

    sock: ssl.SSLSocket
    certificate: Optional[Certificate]

    @property
    def protocol(self) -> str:
        return self.sock.version() or ""

    def describe(self) -> Dict[str, Any]:
        """aes256_capable is true when AES-256 was agreed, else null: the server's whole list of ciphers is not visible."""
        name, _protocol, bits = self.sock.cipher() or ("", "", 0)
        agreed = "AES256" in name.replace("_", "").replace("-", "")
        return {"protocol": self.protocol, "cipher": name, "bits": bits, "aes256_capable": True if agreed else None}


def strict_context(ca_path: Optional[str]) -> ssl.SSLContext:
    """TLS 1.2 or newer, high ciphers, verified chain and name. Roots: those in ca_path alone, else the system's."""
    try:
        stamp = os.stat(ca_path).st_mtime_ns if ca_path else 0
        return _strict_context(ca_path, stamp)
    except (OSError, ValueError) as exc:  # ssl.SSLError is an OSError
        raise ProbeFailure("no_trusted_roots", reason=printable(f"{ca_path or 'the system store'}: {exc}", 300)) from exc


@lru_cache(maxsize=8)
def _strict_context(ca_path: Optional[str], _stamp: int) -> ssl.SSLContext:
    """Made once per set of roots (loading them costs about 30 ms) and not by create_default_context, whose verify flags
    differ between Python versions: the same server must get the same verdict everywhere."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("HIGH:!aNULL:!eNULL:!3DES:@SECLEVEL=2")
    if ca_path:
        is_folder = os.path.isdir(ca_path)
        context.load_verify_locations(cafile=None if is_folder else ca_path, capath=ca_path if is_folder else None)
    else:
        context.load_default_certs()
        if not context.cert_store_stats()["x509_ca"] and not ssl.get_default_verify_paths().capath:
            raise ValueError("it is empty")
    return context


@lru_cache(maxsize=1)
def lenient_context() -> ssl.SSLContext:
    """Any certificate, any version that this OpenSSL can speak: to see what a server presents, never to trust it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    return context


@lru_cache(maxsize=1)
def aes256_context() -> ssl.SSLContext:
    """Nothing but AES-256, in TLS 1.2, which is the only version whose ciphers can be chosen: to see whether a server has it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256:!aNULL:!eNULL")
    return context


def handshake(sock: socket.socket, context: ssl.SSLContext, host: str, deadline: Deadline) -> Session:
    """The session, or a ProbeFailure with the reason; the socket belongs to the session, and is closed on failure."""
    try:
        sock.settimeout(deadline.left())
        encrypted = context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as exc:
        sock.close()
        code = VERIFY_CODES.get(exc.verify_code, "certificate_invalid")
        raise ProbeFailure(code, reason=printable(exc.verify_message, 300), verify_code=exc.verify_code) from exc
    except socket.timeout as exc:
        sock.close()
        raise ProbeFailure("tls_handshake_failed", reason="no answer in time", timed_out=True) from exc
    except OSError as exc:
        sock.close()
        reason = reason_of(exc)
        too_old = any(word in reason for word in TOO_OLD)
        raise ProbeFailure("tls_version_too_old" if too_old else "tls_handshake_failed", reason=reason) from exc
    return Session(encrypted, _certificate_of(encrypted))


def reason_of(exc: OSError) -> str:
    """OpenSSL's word for it where there is one, such as WRONG_VERSION_NUMBER."""
    reason = getattr(exc, "reason", None)
    if reason == "WRONG_VERSION_NUMBER":
        reason = "WRONG_VERSION_NUMBER, the answer is not TLS"
    return printable(reason or exc.strerror or str(exc) or "the connection was closed", 300)


def broken(exc: OSError, phase: str) -> ProbeFailure:
    """What ended a dialogue on a connection that stood; phase names what was waited for."""
    if isinstance(exc, socket.timeout):
        return ProbeFailure("greeting_timed_out" if phase == "greeting" else "reply_timed_out", phase=phase)
    if isinstance(exc, ssl.SSLError):
        return ProbeFailure("tls_handshake_failed", reason=reason_of(exc))
    return ProbeFailure("connection_closed", phase=phase)


def problems_of(certificate: Optional[Certificate], host: str, now: datetime) -> List[str]:
    """All that can be seen to be wrong with a certificate, as codes. OpenSSL stops at the first."""
    if certificate is None:
        return ["certificate_invalid"]
    checks = {
        "certificate_self_signed": certificate.self_signed,
        "certificate_expired": now > certificate.not_after,
        "certificate_not_yet_valid": now < certificate.not_before,
        "certificate_name_mismatch": not certificate.matches(host),
    }
    return [code for code, found in checks.items() if found]


def _certificate_of(sock: ssl.SSLSocket) -> Optional[Certificate]:
    try:
        return read_certificate(sock.getpeercert(binary_form=True) or b"")
    except ValueError:
        return None
