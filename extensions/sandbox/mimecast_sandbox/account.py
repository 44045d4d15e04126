# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about the tenant. A tenant's own `account`, `support` and `gateway` maps override the invented constants."""
from __future__ import annotations

from .call import Call
from .errors import Answer, legacy_page
from .resources import Handler


def whoami(call: Call) -> Answer:
    return Answer(200, {"version": "1", "type": "full", "account-codes": {"cg": call.tenant},
                        "home-account": {"cg": call.home}})


def get_account(call: Call) -> Answer:
    tenant = call.account
    facts = {"accountCode": call.tenant, "accountName": tenant["name"], "region": tenant["region"], "type": "full",
             "gateway": True, "archive": False, "packages": ["Email Security (sandbox)"]}
    return _legacy(call, {**facts, **tenant["account"]})


def get_support_info(call: Call) -> Answer:
    tenant = call.account
    facts = {"hostingJurisdiction": tenant["region"], "supportJurisdiction": tenant["region"],
             "mainProduct": "Email Security (sandbox)", "supportPackage": "Sandbox"}
    return _legacy(call, {**facts, **tenant["support"]})


def gateway_details(call: Call) -> Answer:
    tenant = call.account
    region = tenant["region"].lower()
    facts = {
        "accountCode": call.tenant, "region": tenant["region"], "protectionMode": "standard", "status": "active",
        "outboundEnabled": True,
        "outboundHostnames": [f"{region}-smtp-outbound-{number}.mimecast.com" for number in (1, 2)],
        "inboundMxRecords": {"hostname": f"{region}-smtp-inbound-1.mimecast.com", "priority": 10},
        "spf": f"v=spf1 include:{region}._netblocks.mimecast.com ~all",
    }
    return Answer(200, {**facts, **tenant["gateway"]})


def _legacy(call: Call, row: dict[str, object]) -> Answer:
    return legacy_page([row], call.body, offset=0, token=str)


HANDLERS: dict[str, Handler] = {
    "whoAmI": whoami,
    "legacyGetAccount": get_account,
    "legacyGetSupportInfo": get_support_info,
    "getGatewayDetails": gateway_details,
}
