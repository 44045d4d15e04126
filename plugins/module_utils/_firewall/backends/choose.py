# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Which backend a machine has: the one that holds our rules already, the one its administrator uses, or what is installed."""

from __future__ import annotations

from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.firewalld import Firewalld
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.iptables import Iptables
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.nftables import Nftables
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import Backend
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.ufw import Ufw
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Live

AUTO = "auto"
# Front ends that use others come first: who is in charge is asked in this order.
NFTABLES = Nftables()
BACKENDS: tuple[Backend, ...] = (Firewalld(), Ufw(), Iptables(), NFTABLES)
NAMES = tuple(sorted(one.name for one in BACKENDS))


def choose(name: str, removing: bool = False) -> tuple[Backend, Live]:
    """The backend of this name, or with ``auto`` the fitting one, and what it holds.

    Two backends must not hold rules of ours at the same time, but one that is ``removing`` may be named to end that.
    """
    if name in (AUTO, Nftables.name) and not NFTABLES.missing():
        live = NFTABLES.read()
        if live.names:
            return NFTABLES, live  # nobody else can have begun beside it, and asking firewalld takes longer than all the rest
    lives = {one.name: one.read() for one in BACKENDS if not one.missing()}
    holders = [one for one in BACKENDS if one.name in lives and lives[one.name].names]
    chosen = _named(name) if name != AUTO else _fitting(holders, set(lives))
    others = [one.name for one in holders if one is not chosen]
    if others and not (removing and name != AUTO):
        raise FirewallError("Cannot use backend {0}: {1} holds services of this module already. Remove them first, with backend: {1} and state: absent".format(
            chosen.name, " and ".join(others)))
    return chosen, lives[chosen.name]


def _named(name: str) -> Backend:
    found: Optional[Backend] = next((one for one in BACKENDS if one.name == name), None)
    if found is None:
        raise FirewallError("There is no backend {0!r}; there are {1}".format(name, ", ".join(NAMES)))
    if found.missing():
        raise FirewallError("Cannot use backend {0}: {1}".format(name, found.missing()))
    return found


def _fitting(holders: list[Backend], usable: set[str]) -> Backend:
    if holders:
        return holders[0]
    installed = [one for one in BACKENDS if one.name in usable]
    if not installed:
        raise FirewallError("Found no firewall on this machine: {0}".format("; ".join("{0}: {1}".format(one.name, one.missing()) for one in BACKENDS)))
    return next((one for one in installed if one.in_charge()), next((one for one in installed if one.name == Nftables.name), installed[0]))
