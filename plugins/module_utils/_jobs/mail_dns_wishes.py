# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What mail_dns_records is asked for: from options to one wish for each domain, with everything wrong said at once."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import Region, region_of
from ansible_collections.mimecast.connect.plugins.module_utils._dns.recorded import KINDS, Restored, from_record
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import RRset, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_merge import merge
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_txt import read_key

MX_WAYS = ("none", "present", "replace")
SPF_ENDS = ("~all", "-all", "?all")
MAX_TTL = 2**31 - 1  # RFC 2181 8
_SELECTOR = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")

WISH_SPEC: dict[str, Any] = {
    "domains": {
        "type": "list", "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "mx": {"type": "str", "choices": list(MX_WAYS)},
            "spf": {"type": "bool"},
            "verification_token": {"type": "str", "no_log": False},  # the DNS shows it to everybody
            "dkim_selector": {"type": "str"},
            "dkim_record": {"type": "str"},
        },
        "required_together": [["dkim_selector", "dkim_record"]],
    },
    "region": {"type": "str"},
    "mx": {"type": "str", "choices": list(MX_WAYS), "default": "none"},
    "mx_hosts": {"type": "list", "elements": "str"},
    "mx_preference": {"type": "int"},
    "spf": {"type": "bool", "default": False},
    "spf_include": {"type": "str"},
    "spf_all": {"type": "str", "choices": list(SPF_ENDS), "default": SPF_ENDS[0]},
    "spf_replace_all": {"type": "bool", "default": False},
    "spf_drop": {"type": "list", "elements": "str", "default": []},
    "dkim_replace": {"type": "bool", "default": False},
    "ttl": {"type": "int"},
}

RESTORE_SPEC: dict[str, Any] = {
    "type": "list", "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "required": True, "choices": list(KINDS)},
        "ttl": {"type": "int"},
        "records": {"type": "list", "elements": "str", "required": True},
    },
}


def wishes_of(params: dict[str, Any]) -> list[Wish]:
    """One wish for each domain; InputError names all that is wrong."""
    if not params["domains"]:
        raise InputError("Nothing was changed, the input is wrong. domains is empty: give at least one.")
    wrong: list[str] = []
    shared = _Shared(params, wrong)
    found = [shared.wish(item, position, wrong) for position, item in enumerate(params["domains"], 1)]
    names = [wish.domain for wish in found if wish]
    wrong += ["Domain {0!r}: it is given twice".format(name) for name in sorted({name for name in names if names.count(name) > 1})]
    if wrong:
        raise InputError("Nothing was changed, the input is wrong. {0}.".format("; ".join(dict.fromkeys(wrong))))
    return [wish for wish in found if wish]


def restored_of(items: list[dict[str, Any]]) -> list[Restored]:
    """One wish for each domain of a record; InputError names all that is wrong."""
    wrong: list[str] = []
    found: dict[str, list[RRset]] = {}
    for item in items:
        label = "{0} {1}".format(item["name"], item["type"])
        try:
            rrset = _recorded(item)
        except ValueError as error:
            wrong.append("{0}: {1}".format(label, error))
            continue
        if rrset.kind in [one.kind for one in found.setdefault(rrset.name, [])]:
            wrong.append("{0}: it is given twice".format(label))
        found[rrset.name].append(rrset)
    if wrong or not items:
        raise InputError("Nothing was changed, the input is wrong. {0}.".format("; ".join(wrong) or "restore is empty: give at least one set of records"))
    return [Restored(name, tuple(rrsets)) for name, rrsets in found.items()]


def _recorded(item: dict[str, Any]) -> RRset:
    if item["records"] and item["ttl"] is None:
        raise ValueError("its ttl is missing")
    if not 0 <= (item["ttl"] or 0) <= MAX_TTL:
        raise ValueError("ttl is {0}: give a number from 0 to {1}".format(item["ttl"], MAX_TTL))
    return from_record(values.domain(item["name"]), item["type"], item["ttl"] or 0, item["records"])


class _Shared:
    """What the domains have in common."""

    def __init__(self, params: dict[str, Any], wrong: list[str]) -> None:
        self._params = params
        region = _region(params["region"], wrong)
        mx = [item["mx"] or params["mx"] for item in params["domains"]]
        spf = [params["spf"] if item["spf"] is None else item["spf"] for item in params["domains"]]
        self._hosts = _hosts(params["mx_hosts"], region, wrong) if set(mx) != {"none"} else ()
        self._include = _include(params, region, wrong) if any(spf) else ""
        for option, limit in (("mx_preference", 65535), ("ttl", MAX_TTL)):
            number = params[option]
            if number is not None and not 0 <= number <= limit:
                wrong.append("{0} is {1}: give a number from 0 to {2}".format(option, number, limit))

    def wish(self, item: dict[str, Any], position: int, wrong: list[str]) -> Wish | None:
        params = self._params
        label = "Domain {0!r}".format(item["name"])
        try:
            name = values.domain(item["name"])
        except ValueError as error:
            wrong.append("Domain number {0} ({1!r}): {2}".format(position, item["name"], error))
            return None
        mx = item["mx"] or params["mx"]
        spf = params["spf"] if item["spf"] is None else item["spf"]
        token = (item["verification_token"] or "").strip()
        selector, key = _dkim(label, item, wrong)
        if mx == "none" and not (spf or token or selector) and not wrong:
            wrong.append("{0}: nothing is asked for; set mx, spf, verification_token, or dkim_selector and dkim_record".format(label))
        return Wish(
            domain=name,
            mx_hosts=self._hosts if mx != "none" else (),
            mx_replace=mx == "replace",
            preference=params["mx_preference"],
            spf_include=self._include if spf else "",
            spf_all=params["spf_all"],
            spf_replace_all=params["spf_replace_all"],
            spf_drop=tuple(params["spf_drop"]),
            token=token,
            dkim_name="{0}._domainkey.{1}".format(selector, name) if selector else "",
            dkim_text=key,
            dkim_replace=params["dkim_replace"],
            ttl=params["ttl"],
        )


def _region(text: str | None, wrong: list[str]) -> Region | None:
    try:
        return region_of(text) if text else None
    except ValueError as error:
        wrong.append("region: {0}".format(error))
        return None


def _hosts(given: list[str] | None, region: Region | None, wrong: list[str]) -> tuple[str, ...]:
    if not given:
        if region and not region.mx_hosts:
            wrong.append("The inbound hosts of region {0} are not published: give mx_hosts as the account shows them".format(region.code))
        elif not region and not wrong:
            wrong.append("mx needs region or mx_hosts")
        return region.mx_hosts if region else ()
    found = []
    for host in given:
        try:
            found.append(values.domain(host))
        except ValueError as error:
            wrong.append("mx_hosts has {0!r}: {1}".format(host, error))
    return tuple(dict.fromkeys(found))


def _include(params: dict[str, Any], region: Region | None, wrong: list[str]) -> str:
    include: str | None = params["spf_include"] or (region.spf_include if region else None)
    if not include:
        if region:
            wrong.append("The SPF include of region {0} is not published: give spf_include as the account shows it".format(region.code))
        elif not wrong:
            wrong.append("spf needs region or spf_include")
        return ""
    try:
        merge(None, include, all=params["spf_all"], drop=params["spf_drop"])
    except ValueError as error:
        wrong.append("spf_include or spf_drop: {0}".format(error))
    return include.strip().rstrip(".").lower()


def _dkim(label: str, item: dict[str, Any], wrong: list[str]) -> tuple[str, str]:
    """The selector and the whole text of the key record."""
    selector, record = (item["dkim_selector"] or "").strip().lower(), (item["dkim_record"] or "").strip()
    if not selector and not record:
        return "", ""
    if not _SELECTOR.fullmatch(selector):
        wrong.append("{0}: dkim_selector is {1!r}: give the part before ._domainkey, such as mimecast20261122".format(label, item["dkim_selector"]))
    if record.startswith('"'):
        record = "".join(re.findall(r'"([^"]*)"', record))
    try:
        tags = read_key(record)
    except ValueError as error:
        wrong.append("{0}: dkim_record: {1}".format(label, error))
        return selector, record
    if not tags["p"]:
        wrong.append("{0}: dkim_record has no key".format(label))
    return selector, record if len(tags) > 1 else "v=DKIM1; k=rsa; p=" + tags["p"]
