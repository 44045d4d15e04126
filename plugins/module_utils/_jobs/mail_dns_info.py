# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mail_dns_records_info: the RRsets that mail_dns_records may touch, exactly as they are."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._dns.present import DnsTrouble
from ansible_collections.mimecast.connect.plugins.module_utils._dns.recorded import as_record
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Key
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_dns import READERS, SERVER_RULES, SERVER_SPEC, Reader, need_sense
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

_DKIM_NAME = re.compile(r"[a-z0-9_.-]+\._domainkey(\.[a-z0-9_-]+)+")


def tell(context: Context) -> dict[str, Any]:
    """The sets of all domains; a domain that cannot be read is an error, since half a record is none."""
    params = context.params
    need_sense(params)
    keys = _keys(params)
    reader = Reader(params)
    with ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(lambda item: _read(reader, *item), keys.items()))
    problems = ["{0}: {1}".format(domain, told) for domain, told in zip(keys, found) if isinstance(told, str)]
    if problems:
        raise ConnectError("Cannot read the DNS. {0}.".format(". ".join(problems)))
    return {"changed": False, "rrsets": [one for told in found for one in told]}


def _read(reader: Reader, domain: str, keys: list[Key]) -> list[dict[str, Any]] | str:
    source, _resolver = reader.opened(domain)
    try:
        return [as_record(key, source.zone_of(key[0]), source.read(*key)) for key in keys]
    except DnsTrouble as trouble:
        return str(trouble)


def _keys(params: dict[str, Any]) -> dict[str, list[Key]]:
    """What is read, by the name whose zone is looked for."""
    wrong: list[str] = []
    keys: dict[str, list[Key]] = {}
    for given in params["domains"]:
        try:
            name = values.domain(given)
        except ValueError as error:
            wrong.append("Domain {0!r}: {1}".format(given, error))
            continue
        keys[name] = [(name, "MX"), (name, "TXT")]
    for given in params["dkim_names"]:
        name = given.strip().lower().rstrip(".")
        if not _DKIM_NAME.fullmatch(name):
            wrong.append("{0!r} is no name of a DKIM key; expected such as s1._domainkey.example.com".format(given))
        keys[name] = [(name, "TXT")]
    if wrong:
        raise InputError("{0}.".format("; ".join(wrong)))
    return keys


JOB = Job(
    {
        "domains": {"type": "list", "elements": "str", "required": True},
        "dkim_names": {"type": "list", "elements": "str", "default": []},
        **SERVER_SPEC,
    },
    tell,
    SERVER_RULES,
)
