# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ldapsearch, and the bare client of ldap3, say of the directory that a check asks."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
from typing import Any

import ldap3
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import split_address
from ldap3.core.exceptions import LDAPException
from slapd_server import program

WITH_ADDRESS = "(|(mail=*)(proxyAddresses=*))"
REASONS = (
    "self-signed certificate", "self signed certificate", "certificate has expired", "certificate is not yet valid",
    "unable to get local issuer certificate", "doesn't match", "startTLS failed",
)


def ldapsearch(check: LdapCheck) -> str:
    """Its exit status: the result code of LDAP, or 255 when there was no conversation."""
    host, port = split_address(check.address, check.port)
    scheme = "ldaps" if check.implicit_tls else "ldap"
    command = [program("ldapsearch"), "-x", "-LLL", "-o", "nettimeout=5", "-H", f"{scheme}://{host}:{port}", "-b", check.base_dn]
    command += ["-ZZ"] if check.tls != "none" and not check.implicit_tls else []
    command += ["-D", check.username, "-w", check.password, "-E", "!pr=1000/noprompt", WITH_ADDRESS, "1.1"]
    trust = {"LDAPTLS_CACERT": check.ca_path, "LDAPTLS_REQCERT": "demand" if check.tls == "strict" else "never"}
    done = subprocess.run(command, check=False, capture_output=True, env={**os.environ, **trust}, timeout=60)
    return str(done.returncode)


def bare_ldap3(check: LdapCheck) -> str:
    """The name of the result, or the reason of the failure."""
    host, port = split_address(check.address, check.port)
    validate = ssl.CERT_REQUIRED if check.tls == "strict" else ssl.CERT_NONE
    tls = ldap3.Tls(validate=validate, ca_certs_file=check.ca_path, valid_names=[check.host])
    server = ldap3.Server(host, port=port, use_ssl=check.implicit_tls, tls=tls, get_info=ldap3.NONE, connect_timeout=5)
    connection = ldap3.Connection(server, check.username, check.password, auto_referrals=False, receive_timeout=20)
    try:
        connection.open(read_server_info=False)
        if check.tls != "none" and not check.implicit_tls:
            connection.start_tls(read_server_info=False)
        if connection.bind():
            connection.search(check.base_dn, WITH_ADDRESS, attributes=["mail"], paged_size=1000, paged_criticality=True)
        return str(connection.result["description"])
    except LDAPException as error:
        return _reason(error)
    finally:
        with contextlib.suppress(LDAPException, OSError, AttributeError):
            connection.unbind()


def count(check: LdapCheck, attributes: list[str]) -> tuple[int, dict[str, int]]:
    """By a bare paged read of ldap3: entries, and how many values each attribute has."""
    host, port = split_address(check.address, check.port)
    tls = ldap3.Tls(validate=ssl.CERT_NONE)
    server = ldap3.Server(host, port=port, use_ssl=check.implicit_tls, tls=tls, get_info=ldap3.NONE)
    with ldap3.Connection(server, check.username, check.password, auto_bind=True, auto_referrals=False) as connection:
        return bare_paged_read(connection, check.base_dn, attributes)


def bare_paged_read(connection: Any, base: str, attributes: list[str]) -> tuple[int, dict[str, int]]:
    entries, values = 0, dict.fromkeys(attributes, 0)
    for entry in connection.extend.standard.paged_search(base, WITH_ADDRESS, attributes=attributes, paged_size=1000, generator=True):
        if entry["type"] != "searchResEntry":
            continue
        entries += 1
        for name in attributes:
            values[name] += len(entry["raw_attributes"].get(name, ()))
    return entries, values


def _reason(error: LDAPException) -> str:
    text = str(error)
    return next((reason.replace("self signed", "self-signed") for reason in REASONS if reason in text), f"{type(error).__name__}: {text[:200]}")
