# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Products that take a list of networks, one a line, and keep its name and its rules elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import from_networks, subtract
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import networks as shown
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import (
    Held, Names, Rendering, Vendor, Wish, both, held, lines_of, one_list)

PLAIN, EDL, PFSENSE, GOOGLE = "Plain list", "PAN-OS external dynamic list", "pfSense alias", "Google Workspace inbound gateway"
# Netgate: letters, digits, underscores; at most 5,000 entries in an alias entered by hand. The length is that of its input check.
ALIAS = Names(r"[A-Za-z_][A-Za-z0-9_]*", 31, "letters, digits and underscores, no digit first")
MOST_IN_ALIAS = 5000
LISTED = Names(r"[A-Za-z0-9_][A-Za-z0-9_ .-]*", 32, "letters, digits, spaces and _ . -")
ANY = Names(r".+", 1000, "any text")
# RFC 1918, RFC 4193
PRIVATE = from_networks(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"])
TOO_LONG = "The list has {0} entries: pfSense takes {1} in an alias; serve the list by HTTPS and use an alias of type URL Table"


def _lists(title: str, names: Names, mail_only: bool = False) -> Callable[[Wish], Rendering]:
    def render(wish: Wish) -> Rendering:
        names.checked(wish.name)
        networks = both(one_list(wish, title, mail_only))
        if title == GOOGLE:
            _no_private(networks)
        warnings = [TOO_LONG.format(len(networks), MOST_IN_ALIAS)] if title == PFSENSE and len(networks) > MOST_IN_ALIAS else []
        return Rendering(lines_of(networks), warnings=tuple(warnings))

    return render


def _no_private(networks: list[str]) -> None:
    inside = {family: from_networks(networks)[family] for family in PRIVATE}
    found = {family: subtract(ranges, subtract(ranges, PRIVATE[family])) for family, ranges in inside.items()}
    for family, ranges in found.items():
        if ranges:
            raise FirewallError("{0} is private: {1} takes no private addresses".format(", ".join(shown(ranges, family)), GOOGLE))


def parse(text: str) -> dict[str, Held]:
    """The networks; what follows one on its line is a comment to those who take comments."""
    return {"": held(line.split()[0] for line in text.splitlines() if line.strip())}


def _edl_steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        "Serve {0} by HTTPS where the firewall's management interface reaches it.".format(where),
        "Objects, External Dynamic Lists: add {0!r}, type IP List, with this address.".format(wish.name),
        "Use the list as source of the rule that lets mail in. Its entries count only in a policy; how many there may be depends on the model.",
        "To lock down, put a rule below it that denies the ports of mail to the server from any, then commit.",
    )


def _pfsense_steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        "Firewall, Aliases, IP, Import: name {0!r}, and paste {1}. If the alias exists, edit it so that it holds just these networks.".format(wish.name, where),
        "Use it as source of the WAN rule, or of the port forward, that lets mail in, and apply. What no rule passes is blocked there.",
    )


def _google_steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        "Admin console: Apps, Google Workspace, Gmail, Spam, Phishing and Malware, with the top organization selected.",
        "Inbound gateway: enter each network of {0} under Gateway IPs.".format(where),
        "To lock down, tick Reject all mail not from gateway IPs; tick Require TLS for connections from the email gateways listed above.",
        "Gmail makes no SPF and DMARC checks for these addresses: Mimecast has to.",
    )


def _plain_steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        "Make {0} a list of addresses in your firewall, called {1!r}.".format(where, wish.name),
        "Use it as source of the rule that lets mail in. To lock down, put a rule below it that denies these ports to all others.",
    )


VENDORS = {
    "plain": Vendor(PLAIN, _lists(PLAIN, ANY), parse, _plain_steps, keeps_ports=False, one_list=True),
    "panos_edl": Vendor(EDL, _lists(EDL, LISTED), parse, _edl_steps, keeps_ports=False, one_list=True),
    "pfsense": Vendor(PFSENSE, _lists(PFSENSE, ALIAS), parse, _pfsense_steps, keeps_ports=False, one_list=True),
    "google_workspace": Vendor(
        GOOGLE, _lists(GOOGLE, ANY, mail_only=True), parse, _google_steps, keeps_ports=False, one_list=True, mail_only=True, always=True),
}
