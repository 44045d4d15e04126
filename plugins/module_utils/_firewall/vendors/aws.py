# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""AWS: the permissions of a security group, for its CLI and for amazon.aws.ec2_security_group.

A security group only allows, and holds 60 rules for each family unless the quota was raised; each network and port is one (VPC quotas).
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import BITS
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Held, Names, Rendering, Vendor, Wish, cidrs, held

NAMES = Names(r"(?!sg-)[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]+", 255, "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and not sg- first")
QUOTA = 60
FAMILIES = {4: ("IpRanges", "CidrIp", "cidr_ip"), 6: ("Ipv6Ranges", "CidrIpv6", "cidr_ipv6")}


def _name(wish: Wish, service: Service) -> str:
    return NAMES.checked("{0}-{1}".format(wish.name, service.name))


def permissions(wish: Wish) -> list[dict[str, Any]]:
    """As ``aws ec2 authorize-security-group-ingress --ip-permissions`` takes them."""
    return [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **{
            ranges: [{cidr: network, "Description": _name(wish, service)} for network in cidrs(service, family)]
            for family, (ranges, cidr, _option) in FAMILIES.items() if service.sources(family)}}
        for service in wish.allowlist.services for port in service.ports
    ]


def _rules(wish: Wish) -> list[dict[str, Any]]:
    return [
        {"proto": "tcp", "ports": [str(port) for port in service.ports], option: cidrs(service, family), "rule_desc": _name(wish, service)}
        for service in wish.allowlist.services for family, (_ranges, _cidr, option) in FAMILIES.items() if service.sources(family)
    ]


def render(wish: Wish) -> Rendering:
    """The permissions as JSON, and the module's arguments but for the VPC and the log-in."""
    group = {
        "name": NAMES.checked(wish.name), "description": NAMES.checked("{0}: who may connect".format(wish.name), "description"),
        "rules": _rules(wish), "purge_rules": wish.purge, "purge_rules_egress": False,
    }
    counts = {family: sum(len(cidrs(service, family)) * len(service.ports) for service in wish.allowlist.services) for family in BITS}
    warnings = [
        "The group has {0} rules for IPv{1}: AWS allows {2} unless the quota of rules in a security group was raised".format(count, family, QUOTA)
        for family, count in counts.items() if count > QUOTA
    ]
    return Rendering(json.dumps(permissions(wish), indent=1) + "\n", {"ec2_security_group": group}, tuple(warnings))


def parse(text: str) -> dict[str, Held]:
    """The services of permissions, told apart by the descriptions of their ranges."""
    found: dict[str, tuple[list[str], list[int]]] = {}
    for permission in json.loads(text):
        for ranges, cidr, _option in FAMILIES.values():
            for one in permission.get(ranges, []):
                sources, ports = found.setdefault(one["Description"], ([], []))
                sources.append(one[cidr])
                ports.append(permission["FromPort"])
    return {name: held(set(sources), ports) for name, (sources, ports) in found.items()}


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the account."""
    return (
        "Create a security group {0!r} for this alone in the VPC of the mail server.".format(wish.name),
        "Run aws ec2 authorize-security-group-ingress with its --group-id and, as --ip-permissions, {0}.".format(where),
        "Attach the group to the mail server. To lock down, take the rules that allow these ports from elsewhere out of its other groups: groups add up.",
        "Take networks that are no longer in the list out of the group: this only adds.",
    )


VENDOR = Vendor("AWS security group", render, parse, steps, always=True, adds_only=True, purges=True, modules=("amazon.aws",))
