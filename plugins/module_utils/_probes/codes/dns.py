# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of the dns probe."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    # the DNS itself
    "ok_dns": "The DNS of {target} has what it should ({parts}); nothing to do",
    "domain_not_found": "The DNS knows no domain {target}; correct the name, or renew its registration and delegation",
    "dns_cached": "{target}: {name} {kind} is right at the authoritative servers, but the resolver {resolver} keeps an older answer; wait "
    "{seconds} seconds and check again",
    "dns_loop": "{target}: {name} is an alias that leads back to itself ({reason}); mend the CNAME records",
    "dns_unresolved": "{target}: the resolver {resolver} gives no answer for {name} {kind} ({reason}); check it and try again",
    "dns_servfail": "{target}: the resolver {resolver} fails for {name} {kind} although the authoritative servers answer; check the DNSSEC "
    "signatures and the delegation of the zone, and the resolver's log",
    "resolver_silent": "Cannot check {target}: the resolver {resolver} does not answer; check its address, that it runs, and that the "
    "firewall lets this machine reach it",
    "resolver_refused": "Cannot check {target}: the resolver {resolver} refuses to answer this machine; allow it there, or name another one",
    "resolver_broken": "Cannot check {target}: what the resolver {resolver} says is no answer of a DNS server; check its address",
    "resolver_missing": "Cannot check {target}: this machine has no resolver; name one in resolver",
    "nameservers_silent": "No authoritative server of {target} can be asked from here ({reason}), so this is the resolver's view alone; open port 53 "
    "to them, or set authoritative to false",
    "nameserver_silent": "{servers} should answer for {target} but does not; mend it, or take it out of the NS records",
    "nameserver_lame": "{servers} is among the NS records of {target} but does not hold the zone; add the zone there, or take it out of the NS records",
    "nameservers_disagree": "The authoritative servers of {target} disagree on {name} {kind}: {servers} is not up to date; check its zone transfer "
    "and the serial",
    # MX
    "ok_mx": "Mail for {target} goes to {hosts}; nothing to do",
    "mx_missing": "{target} has no MX record; publish {wanted}",
    "mx_null": "{target} has a null MX record, which says that it takes no mail; publish {wanted} instead",
    "mx_old": "{target} still has the old MX {hosts}; remove it",
    "mx_not_service": "No MX of {target} is one of the service's hosts ({wanted}); publish them with equal preference",
    "mx_incomplete": "{target} lacks the MX {missing}, so there is no fail-over; publish it with the same preference as the other",
    "mx_foreign": "{target} also has the MX {hosts}, where mail passes the service by; remove it",
    "mx_smart_host": "{target} has the MX {hosts}, which is a smart host for outbound mail and refuses inbound mail; publish {wanted} instead",
    "mx_other_region": "{target} has the MX {hosts}, which is that of region {region}; publish {wanted} instead",
    "mx_preference_unequal": "The MX of {target} have different preferences ({hosts}), so one of them gets all the mail; give them the same",
    "mx_is_address": "{target} has the MX {hosts}, but an MX is a host name and never an address; publish a name",
    "mx_no_address": "{target} has the MX {hosts}, which has no address; create its A or AAAA record, or correct the MX",
    "mx_alias": "{target} has the MX {hosts}, which is an alias, and some senders refuse that (RFC 2181 10.3); point the MX at the name behind it",
    "mx_hosts_unknown": "The MX hosts of region {region} are not published, so it is unknown whether those of {target} are right ({hosts}); give "
    "mx_hosts as the account shows them",
    # SPF
    "ok_spf": "The SPF record of {target} has {include}and takes {lookups} of 10 look-ups; nothing to do",
    "spf_missing": "{target} has no SPF record; publish {wanted}",
    "spf_multiple": "{target} has {count} SPF records, and receivers take none of several; join them into one",
    "spf_invalid": "The SPF record of {target} is refused by receivers for what {where} has ({reason}); correct it",
    "spf_include_missing": "The SPF record of {target} lacks include:{include}, so mail from the service fails; add it in front",
    "spf_other_region": "The SPF record of {target} has the include of region {region} but lacks include:{include}, so mail from the service fails; add it",
    "spf_global_misses": "The SPF record of {target} has the global include {found}, which does not cover this region (recorded as {regions}); "
    "add include:{include}",
    "spf_global_include": "The SPF record of {target} has the global include {found}, which costs 7 look-ups and misses some regions (recorded as "
    "{regions}); replace it with include:{include}",
    "spf_include_unknown": "The SPF include of region {region} is not published, so it is unknown whether that of {target} is right; give spf_include as "
    "the account shows it",
    "spf_include_broken": "The SPF record of {target} leads to {where}, where receivers fail ({reason}); correct or remove what leads there",
    "spf_unresolved": "The SPF record of {target} could not be followed to its end ({reason}); check the resolver and try again",
    "spf_lookups": "The SPF record of {target} is refused by receivers ({reason}); remove includes that nobody needs any more",
    "spf_voids": "The SPF record of {target} is refused by receivers ({reason}); remove what points at names that are gone",
    "spf_mx_hosts": "The SPF record of {target} is refused by receivers for what {where} has ({reason}); name the senders themselves instead of mx",
    "spf_loop": "The SPF record of {target} includes itself ({reason}); remove the include that closes the circle",
    "spf_no_all": "The SPF record of {target} has neither all nor redirect=, so mail of strangers is neutral; end it with ~all",
    "spf_allows_all": "The SPF record of {target} ends with +all, which lets everybody send in this name; end it with ~all",
    "spf_after_all": "The SPF record of {target} has terms behind all, which nobody looks at ({reason}); move them before it",
    "spf_ptr": "The SPF record of {target} uses ptr, which is slow and unreliable (RFC 7208 5.5); name the senders instead",
    # TXT
    "ok_verification": "{target} has the verification token ({where}); nothing to do",
    "verification_missing": "{target} does not have the verification token {token}; publish it as a TXT record of {target}",
    "verification_differs": "{target} has the verification token within a longer TXT record ({found}); publish it alone in a TXT record of its own",
    "ok_dkim": "{target}: {name} has the {what}; nothing to do",
    "dkim_missing": "{target}: {name} has no DKIM record; publish the one that the service shows as a TXT record there",
    "dkim_multiple": "{target}: {name} has {count} DKIM records, and receivers take any of them; keep the service's",
    "dkim_invalid": "{target}: {name} has no valid DKIM record ({reason}); publish the one that the service shows",
    "dkim_revoked": "{target}: {name} has an empty key, which revokes it, so every signature fails; publish the one that the service shows",
    "dkim_key_differs": "{target}: {name} has another key than the service signs with ({reason}); publish the one that the service shows",
    "dkim_testing": "{target}: {name} has t=y, so receivers may treat signed mail as unsigned; remove t=y once signing works",
    "ok_dmarc": "{target}: {name} has a DMARC record with p={policy}; nothing to do",
    "dmarc_missing": "{target} has no DMARC record; publish one at {name}, to begin with v=DMARC1; p=none and a rua address for reports",
    "dmarc_multiple": "{target}: {name} has {count} DMARC records, and receivers take none of several; keep one",
    "dmarc_invalid": "{target}: {name} has no valid DMARC record ({reason}); correct it",
}
