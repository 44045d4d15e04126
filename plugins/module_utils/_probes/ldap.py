# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Can this directory be read as declared, and does it hold the addresses of the declared domains? Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence

from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import judge, shown_target
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict

LDAP, LDAPS, GLOBAL_CATALOG_TLS = 389, 636, 3269


@dataclass(frozen=True)
class LdapCheck:
    """One check of one directory server. What is not given is not checked: the user, then the tree below base_dn.

    host: the name that the certificate must carry; also sent as SNI.
    port: 636 when None, or 389 with tls none or with implicit_tls false.
    address: connect to `address` or `address:port` instead of resolving the host.
    tls: strict (TLS 1.2+, trusted chain, name, dates), relaxed (TLS 1.2+, any certificate) or none. With implicit_tls,
        none counts as relaxed.
    implicit_tls: TLS from the first byte instead of STARTTLS; when None, on 636 and 3269 if tls is not none.
    ca_path: file or folder of trusted roots that replaces the system's.
    username, password: for a simple bind; a DN, or for Active Directory also user@domain or DOMAIN\\user.
    base_dn: below it, entries with mail or proxyAddresses are counted.
    internal_domains: domains of which there must be addresses.
    timeout: seconds for the whole check.
    warn_days: a certificate that expires sooner is degraded.
    """

    host: str
    port: Optional[int] = None
    address: Optional[str] = None
    tls: str = "strict"
    implicit_tls: Optional[bool] = None
    ca_path: Optional[str] = None
    username: Optional[str] = None
    password: Optional[str] = None
    base_dn: Optional[str] = None
    internal_domains: Sequence[str] = ()
    timeout: float = 60.0
    warn_days: int = 30

    def __post_init__(self) -> None:
        if self.port is None:
            plain = self.implicit_tls is False or (self.tls == "none" and not self.implicit_tls)
            object.__setattr__(self, "port", LDAP if plain else LDAPS)
        if self.implicit_tls is None:
            object.__setattr__(self, "implicit_tls", self.port in (LDAPS, GLOBAL_CATALOG_TLS) and self.tls != "none")

    @property
    def target(self) -> str:
        """Name and port as they appear in messages."""
        return shown_target(self.host, self.port or 0, self.address)


def check_ldap(check: LdapCheck) -> Verdict:
    """The verdict on one directory server, within check.timeout; never raises. Needs ldap3.

    evidence: target, peer, addresses [{address, result}], tls, certificate, verification as for smtp, bind {code, name, text},
    naming_contexts (where base_dn is not found), search {pages, referrals, complete, code, name, text} and coverage {entries,
    entries_with_address, disabled_accounts, mail_addresses, proxy_addresses, addresses_without_domain,
    addresses_in_further_domains, domains_total, domains [{domain, addresses}], uncovered, unknown}, timings_ms {resolve,
    connect, tls, bind, search, inspect}, findings. Keys are missing where the check did not get so far.
    """
    # ldap3 is imported only where a directory is asked.
    from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_probe import LdapProbe

    return judge(LdapProbe, check)
