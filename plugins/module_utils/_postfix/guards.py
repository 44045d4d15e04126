# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What else in a Postfix would keep mail from going the declared way. All of it is refused, some of it is told. Pure functions."""

from __future__ import annotations

from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import (
    ALWAYS_BCC, CA_FILE, FALLBACK, RELAYHOST, SASL, SASL_MAPS, SASL_OPTIONS, TLS_POLICY, TRANSPORT, Found, Override, Wish)

Parameters = dict[str, Optional[str]]
SENDER_RELAYS, SENDER_TRANSPORTS = "sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps"
DEFAULT_TRANSPORT, OVERRIDES = "default_transport", "receive_override_options"
# Parameters that only this program reads: set for another service, they do nothing.
READERS = {
    **dict.fromkeys((RELAYHOST, TRANSPORT, DEFAULT_TRANSPORT, SENDER_RELAYS, SENDER_TRANSPORTS), "trivial-rewrite"),
    **dict.fromkeys((FALLBACK, TLS_POLICY, CA_FILE, SASL, SASL_MAPS, SASL_OPTIONS), "smtp"),
    ALWAYS_BCC: "cleanup",
}
RELAY = (RELAYHOST, TRANSPORT, DEFAULT_TRANSPORT, SENDER_RELAYS, SENDER_TRANSPORTS, FALLBACK, TLS_POLICY, CA_FILE, SASL, SASL_MAPS, SASL_OPTIONS)
JOURNAL = (ALWAYS_BCC, TRANSPORT, TLS_POLICY, CA_FILE, FALLBACK)


def judged(wish: Wish, found: Found, parameters: Parameters) -> tuple[list[str], list[str]]:
    """What must not be and what should be known, with ``parameters`` as they will be."""
    refused, warnings = _overrides(wish, found, parameters)
    if wish.smart_hosts:
        refused += _ways_round(found)
        warnings += _senders(found)
    if wish.journal:
        more, told = _uncopied(wish, found, parameters)
        refused, warnings = refused + more, warnings + told
    return refused, warnings


def _ways_round(found: Found) -> list[str]:
    service, _colon, host = found.values.get(DEFAULT_TRANSPORT, "").partition(":")
    refused = []
    if host:
        refused.append("default_transport is {0}:{1}, which wins over relayhost: it must be a service without a host, such as smtp".format(service, host))
    elif found.programs.get(service) != "smtp":
        refused.append("default_transport is {0}, which is no service in master.cf that sends by SMTP: it must be one, such as smtp".format(service))
    refused += [
        "{0} sends mail for any address to {1}, which wins over relayhost: take the entry for * out".format(where, answer)
        for where, answer in found.wildcards.items() if answer != ":"]
    return refused


def _senders(found: Found) -> list[str]:
    told = ["{0} is {1}: mail of senders that it names does not go through the smart hosts".format(name, found.values[name])
            for name in (SENDER_RELAYS, SENDER_TRANSPORTS) if found.values.get(name)]
    return told + ["{0} of transport_maps gave no answer, so whether it sends mail past the smart hosts is not known".format(one) for one in found.unasked]


def _uncopied(wish: Wish, found: Found, parameters: Parameters) -> tuple[list[str], list[str]]:
    refused, warnings = [], []
    if found.programs.get("smtp") != "smtp":
        refused.append("master.cf has no service smtp that sends by SMTP, which copies need")
    places = [one.service for one in found.overrides if one.name == OVERRIDES and "no_address_mappings" in one.value]
    places += ["main.cf"] if "no_address_mappings" in found.values.get(OVERRIDES, "") else []
    warnings += ["receive_override_options of {0} has no_address_mappings: mail that comes in there is not copied".format(place) for place in places]
    fallback = parameters[FALLBACK] if parameters[FALLBACK] is not None else found.values.get(FALLBACK, "")
    if fallback:
        warnings.append("smtp_fallback_relay is {0}: copies go there while the journal host does not answer".format(fallback))
    if not found.takes_lists and wish.journal and wish.journal.hosts[1:]:
        warnings.append("Postfix {0} takes one journal host, {1}; from 3.5 on it takes all".format(found.release, wish.journal.hosts[0]))
    return refused, warnings


def _overrides(wish: Wish, found: Found, parameters: Parameters) -> tuple[list[str], list[str]]:
    """What master.cf sets for the services by which mail goes, and what it sets in vain."""
    refused, warnings = [], []
    names = {name for part, names in ((wish.smart_hosts, RELAY), (wish.journal, JOURNAL)) if part for name in names}
    for one in found.overrides:
        if one.name not in names or one.value == (parameters.get(one.name) or ""):
            continue
        said = "master.cf sets {0}={1} for {2} by -o".format(one.name, _shown(one), one.service)
        if one.program != READERS[one.name]:
            warnings.append("{0}, where it has no effect".format(said))
        elif _used(one, wish, found):
            refused.append("{0}, which wins over main.cf: take it out".format(said))
    return refused, warnings


def _shown(one: Override) -> str:
    return "..." if one.name == SASL_MAPS else one.value  # which may hold passwords


def _used(one: Override, wish: Wish, found: Found) -> bool:
    """Whether mail goes by this service. Others of the same program may do as they like."""
    if one.program != "smtp":
        return True
    default = found.values.get(DEFAULT_TRANSPORT, "").partition(":")[0]
    used = {"{0}/unix".format(default) if wish.smart_hosts else "", "smtp/unix" if wish.journal else ""}
    return one.service in used
