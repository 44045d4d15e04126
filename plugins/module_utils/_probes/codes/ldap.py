# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of the ldap probe."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    # good
    "ok_plain_ldap": "{target} answers as a directory in clear text, as declared; nothing to do",
    "ok_bound": "{target} lets the user in; nothing to do",
    "ok_directory": "{target} can be read and holds {entries} entries with {addresses} addresses of {domains} domains; nothing to do",
    "domains_unknown": "{target} holds addresses of domains that are not declared ({domains}); register these domains, or leave them if they get no mail",
    # the service's own view
    "service_tests_passed": "The service's own tests of {target} pass; nothing to do",
    "service_tests_failed": "The service's own tests of {target} do not all pass ({tests}); read its answers, and compare them with the check "
    "from this side: what only the service cannot reach is kept from it on the way",
    # the dialogue
    "not_ldap": "{target} does not answer like a directory ({reason}); check that address and port are the directory server's",
    "directory_busy": "{target} turns this client away: {reply}; check the server's load and its log",
    "ldap_injection": "{target} sent data in clear text after its answer to STARTTLS; something on the way may alter the dialogue, "
    "so update the server and check proxies and firewalls that inspect LDAP",
    # the user
    "clear_bind": "{target} was told the password in clear text, as declared; enable TLS on the server and declare it",
    "bind_credentials_wrong": "{target} does not know this user with this password: {reply}; correct username or password",
    "bind_user_unknown": "{target} does not know this user: {reply}; correct username",
    "bind_hours": "{target} does not let this user in at this hour: {reply}; widen the logon hours of the account",
    "bind_workstation": "{target} does not let this user in from here: {reply}; widen the workstations that the account may use",
    "bind_password_expired": "{target} says that the password has expired: {reply}; set a new one, best one that does not expire",
    "bind_account_disabled": "{target} says that the account is disabled: {reply}; enable it",
    "bind_account_expired": "{target} says that the account has expired: {reply}; extend it",
    "bind_password_must_change": "{target} wants the password changed first: {reply}; set a new one that need not be changed",
    "bind_account_locked": "{target} says that the account is locked: {reply}; unlock it, and look for what uses a wrong password",
    "bind_name_invalid": "{target} cannot read the name of the user: {reply}; give username as a full DN, or where the server is "
    "Active Directory as user@domain",
    "bind_not_allowed": "{target} allows no simple bind of this user: {reply}; allow it on the server, or use another account",
    "bind_refused": "{target} refuses the bind: {reply}; see the server's log for the reason",
    "stronger_auth_required": "{target} wants signing or encryption for a bind: {reply}; declare tls strict or relaxed",
    "confidentiality_required": "{target} takes no password in clear text: {reply}; declare tls strict or relaxed",
    # what is below the base
    "base_dn_missing": "{target} shows this user no {base_dn} ({reply}); correct base_dn, or let the user read it. {contexts}",
    "base_dn_invalid": "{target} cannot read {base_dn} as a DN: {reply}; correct base_dn. {contexts}",
    "search_not_allowed": "{target} does not let this user search below {base_dn}: {reply}; give the user the right to read there",
    "search_refused": "{target} ends the search below {base_dn}: {reply}; see the server's log for the reason",
    "search_unfinished": "{target} sent {entries} entries and was not done in time; raise timeout, or check the server's load",
    "paging_not_supported": "{target} gives no results by pages: {reply}; allow simple paged results for the user",
    "size_limit_exceeded": "{target} stops after {entries} entries even by pages: {reply}; raise the server's limit for the user",
    "size_limit_no_paging": "{target} stops after {entries} entries and gives no results by pages: {reply}; allow simple paged "
    "results for the user, or raise the server's limit",
    "no_addresses": "{target} shows no mail or proxyAddresses below {base_dn}; correct base_dn, or let the user read these attributes",
    "domains_uncovered": "{target} shows no address of {domains}; fill mail or proxyAddresses there, or correct internal_domains",
}
