# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Anti-spoofing, its bypass, blocked senders and greylisting (API notes, section 4)."""
from __future__ import annotations

from dataclasses import replace

from . import policy_parts
from .call import Call
from .policy_parts import policy
from .resources import Body, Handler, crud, register

_GREYLISTING_DATES = {"fromDate": ("fromDate", "toDate"), "fromDateTime": ("fromDateTime", "toDateTime"),
                      "both": ("fromDate", "toDate", "fromDateTime", "toDateTime")}


def _greylisting(call: Call, body: Body) -> Body:
    """Writes say fromDate; no source says what reads say, so the setting decides."""
    shown = policy_parts.show(call, body)
    days = {side: shown.pop(f"{side}Date") for side in ("from", "to") if f"{side}Date" in shown}
    for name in _GREYLISTING_DATES[call.settings["greylisting_dates"]]:
        side = name.partition("Date")[0]
        if side in days:
            shown[name] = days[side]
    return shown


ANTI_SPOOFING = register(policy("anti_spoofing_policies", 10, own=["option", "hostnames"], defaults={"hostnames": []}))
BYPASS = register(policy("anti_spoofing_bypass_policies", 11, own=["option", "spfDomains"],
                         defaults={"fromPart": "both", "spfDomains": []}, without=["sourceIPs"]))
BLOCKED_SENDERS = register(policy("blocked_senders_policies", 12, own=["option"]))
# Clients disagree whether greylisting has recipients: it is shown only when it was written.
GREYLISTING = register(replace(policy("greylisting_policies", 13, own=["option", "to"], without=["to"], date="Date"),
                               item=_greylisting, read=_greylisting))

HANDLERS: dict[str, Handler] = {
    **crud("AntiSpoofingPolicy", ANTI_SPOOFING, "AntiSpoofingPolicies"),
    **crud("AntiSpoofingBypassPolicy", BYPASS, "AntiSpoofingBypassPolicies"),
    **crud("BlockedSendersPolicy", BLOCKED_SENDERS, "BlockedSendersPolicies"),
    **crud("GreylistingPolicy", GREYLISTING, "GreylistingPolicies"),
}
