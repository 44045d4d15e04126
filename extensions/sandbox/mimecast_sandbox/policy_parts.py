# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all policies share: targets, dates with eternal flags, nested groups (API notes, section 4)."""
from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from .call import Call
from .errors import invalid
from .resources import Body, Reference, Resource

_TARGET_FIELD = {"email_domain": "domain", "profile_group": "groupId", "address_attribute_value": "attribute",
                 "individual_email_address": "emailAddress"}
_DEFAULTS: Body = {
    "from": {"type": "everyone"}, "to": {"type": "everyone"}, "fromPart": "envelope_from", "enabled": True,
    "enforced": False, "override": False, "bidirectional": False, "fromEternal": True, "toEternal": True,
    "sourceIPs": [],
}


def policy(kind: str, number: int, own: Iterable[str] = (), defaults: Body | None = None, without: Iterable[str] = (),
           references: tuple[Reference, ...] = (), date: str = "DateTime") -> Resource:
    """A kind of policy: the shared fields but those in `without`, and its `own`; `date` ends the names of its dates."""
    shared = {name: value for name, value in _DEFAULTS.items() if name not in without}
    return Resource(
        kind=kind, number=number, list_key=lambda call: call.settings["policies_list_key"],
        fields=frozenset({"description", "from", "to", f"from{date}", f"to{date}", *shared, *own}),
        defaults={**shared, **(defaults or {})},
        references=(*references, Reference(("from", "groupId"), "groups"), Reference(("to", "groupId"), "groups")),
        id_key=lambda call: call.settings["policy_id_key"],
        normalise=partial(_normalise, date=date), item=show, read=show,
    )


def _normalise(body: Body, change: Body, date: str) -> Body:
    """A date turns its eternal flag off; the flag set true, without a date beside it, drops the date."""
    body = dict(body)
    for side in ("from", "to"):
        day, eternal = f"{side}{date}", f"{side}Eternal"
        if day in change:
            body[eternal] = False
        elif change.get(eternal):
            body.pop(day, None)
        if side in change:
            _check_target(side, change[side])
    return body


def _check_target(side: str, target: Body) -> None:
    wanted = _TARGET_FIELD.get(target["type"])
    if wanted and not target.get(wanted):
        raise invalid(f"{side}.{wanted}", f"{target['type']} needs {wanted}", "err_validation_null")
    for name in target:
        if name not in ("type", wanted):
            raise invalid(f"{side}.{name}", f"{name} does not belong to {target['type']}",
                          "err_validation_value_not_allowed")


def show(call: Call, body: Body) -> Body:
    """The shape of reads: they nest the group, writes take groupId."""
    return {**body, **{side: _target(call, body[side]) for side in ("from", "to") if side in body}}


def _target(call: Call, target: Body) -> Body:
    if "groupId" not in target:
        return target
    group: dict[str, Any] = {"id": target["groupId"]}
    _kind, ref = call.state.ids.decode(target["groupId"]) or (0, 0)
    stored = call.state.store.get(call.tenant, "groups", ref)
    if stored:
        group["description"] = stored["description"]
    return {**{name: value for name, value in target.items() if name != "groupId"}, "group": group}
