# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Facts about a tenant that are only read. Fields not named here stay out: one of them is a pass phrase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api import identity
from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, Operation


@dataclass(frozen=True)
class Facts:
    """One answer, reduced to the named fields. ``names`` maps ours to the service's."""

    label: str
    operation: Operation
    names: dict[str, str]

    def read(self, client: Client) -> dict[str, Any]:
        """The facts; what the service leaves out is None."""
        answer = client.read(self.operation, "read " + self.label)
        if self.operation.envelope == LEGACY:
            answer = next(iter(answer.get("data") or []), None) or {}
        return {ours: answer.get(theirs) for ours, theirs in self.names.items()}


WHOAMI = Facts(
    "which account the credential acts on",
    identity.WHOAMI,
    {"account_codes": "account-codes", "home_account": "home-account", "type": "type"},
)

ACCOUNT = Facts(
    "the account",
    Operation(
        "POST", "/api/account/get-account", READ, LEGACY,
        permission="Account | Dashboard | Read", products=("accountmanagement",),
    ),
    {
        "account_code": "accountCode",
        "account_name": "accountName",
        "region": "region",
        "type": "type",
        "mail_platform": "mailPlatform",
        "gateway": "gateway",
        "archive": "archive",
        "policy_inheritance": "policyInheritance",
        "max_retention": "maxRetention",
        "user_count": "userCount",
        "packages": "packages",
    },
)

GATEWAY = Facts(
    "the gateway details",
    Operation(
        "GET", "/email/cloud-gateway/v1/gateway-details", READ,
        permission="Account | Settings | Read", products=("cloudgateway", "emailsecurityonboarding"),
    ),
    {
        "account_code": "accountCode",
        "region": "region",
        "protection_mode": "protectionMode",
        "status": "status",
        "outbound_enabled": "outboundEnabled",
        "outbound_hostnames": "outboundHostnames",
        "inbound_mx_records": "inboundMxRecords",
        "spf": "spf",
    },
)
