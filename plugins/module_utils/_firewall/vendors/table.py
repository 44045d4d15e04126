# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""All products: the word by which the module knows each, and what it is."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.guards import WIDEST
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import BITS, networks, size
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors import (
    asa, aws, azure, checkpoint, exchange, fortios, lists, opnsense, panos, sophos, windows)
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Held, Place, Rendering, Vendor, Wish

VENDORS: dict[str, Vendor] = {
    "fortios": fortios.VENDOR,
    "panos": panos.VENDOR,
    "panos_edl": lists.VENDORS["panos_edl"],
    "asa": asa.VENDOR,
    "checkpoint": checkpoint.VENDOR,
    "pfsense": lists.VENDORS["pfsense"],
    "opnsense": opnsense.VENDOR,
    "sophos": sophos.VENDOR,
    "aws": aws.VENDOR,
    "azure": azure.VENDOR,
    "windows": windows.VENDOR,
    "exchange_online": exchange.VENDOR,
    "exchange_online_skip_list": exchange.SKIPPING,
    "google_workspace": lists.VENDORS["google_workspace"],
    "plain": lists.VENDORS["plain"],
}


def rendered(word: str, wish: Wish) -> Rendering:
    """The rendering, proved by reading it back: what is not the same rules is never handed out."""
    vendor = VENDORS[word]
    _check_place(word, vendor, wish.place)
    if wish.purge and not vendor.purges:
        raise FirewallError("purge has no meaning for {0}".format(word))
    vendor.check_modes(wish)
    _check_sources(vendor, wish)
    found = vendor.render(wish)
    if vendor.parse(found.content) != vendor.expected(wish):
        raise FirewallError("its rendering does not read back as the same rules; please report this with your input")
    return found


def _check_place(word: str, vendor: Vendor, place: Place) -> None:
    given = {name: value for name, value in vars(place).items() if value}
    foreign = sorted(set(given) - set(vendor.needs) - set(vendor.may))
    if foreign:
        takes = ", ".join((*vendor.needs, *vendor.may)) or "nothing"
        raise FirewallError("place.{0} has no meaning for {1}, whose place takes {2}".format(foreign[0], word, takes))
    missing = [name for name in vendor.needs if name not in given]
    if missing and (given or vendor.always):
        raise FirewallError("place.{0} is missing; the rules of {1} need {2}".format(missing[0], word, ", ".join(vendor.needs)))


def _check_sources(vendor: Vendor, wish: Wish) -> None:
    for service in wish.allowlist.services:
        if not any(service.sources(family) for family in vendor.families):
            kinds = " or ".join("IPv{0}".format(family) for family in vendor.families)
            raise FirewallError("service {0!r} has no source of {1}, so nobody would get in".format(service.name, kinds))
        for family, length in WIDEST.items():
            for one in service.sources(family):
                if size((one,)) > 1 << (BITS[family] - length):
                    raise FirewallError("service {0!r}: {1} is wider than a /{2}, which no mail service needs".format(
                        service.name, ", ".join(networks((one,), family)), length))


def read(word: str, text: str) -> dict[str, Held]:
    """What a text of this product says; FirewallError if it is none."""
    try:
        found = VENDORS[word].parse(text)
    except Exception:  # the text is anybody's: what is wrong with it does not matter
        found = {}
    if not found:
        raise FirewallError("what is there is no rendering for {0}".format(word))
    return found
