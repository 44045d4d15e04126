# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mail_dns_records called as the runner calls it, against BIND and a resolver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute, masked, secrets_in
from ansible_collections.mimecast.connect.plugins.modules.mail_dns_records import JOB
from bind_server import Dns, Key, bind, resolver
from dns_cases import MX1, MX2, SERVICE

ACME = [{"name": "acme.test"}]
OLD = '@ MX 5 mx.vendor.test.\n@ TXT "v=spf1 mx -all"\n@ TXT "an" "other" "text"\n'
KEY_2048 = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 12 + "IDAQABAA"
OURS = [f"acme.test. 300 IN MX 10 {host}." for host in (MX1, MX2)]


@contextmanager
def serving(zones: dict[str, str], **options: Any) -> Iterator[tuple[Dns, Dns]]:
    """BIND with these zones and those of the service, and a resolver."""
    with bind({**SERVICE, **zones}, **{"updatable": True, **options}) as server, resolver(server) as cache:
        yield server, cache


def to(server: Dns, cache: Dns, key: Key | None = None) -> dict[str, Any]:
    """The options that update this server."""
    used = key or server.key
    return {"backend": "nsupdate", "server": "127.0.0.1", "port": server.port, "key_name": used.name, "key_secret": used.secret,
            "key_algorithm": used.algorithm, "resolver": cache.address, "timeout": 3}


def call(check: bool = False, **options: Any) -> dict[str, Any]:
    """The result, its arguments validated as AnsibleModule does, and what would be seen of it without a secret."""
    checked = ArgumentSpecValidator(JOB.argument_spec, **JOB.rules).validate(json.loads(json.dumps(options)))
    if checked.error_messages:
        return {"failed": True, "msg": checked.errors.msg}
    result = execute(JOB, checked.validated_parameters, check)[0]
    if options.get("key_secret"):
        assert options["key_secret"] not in json.dumps(result)
    return masked(result, secrets_in(JOB.argument_spec, options))


def refused(words: str, *servers: Dns, **options: Any) -> dict[str, Any]:
    """The failed result, the same in check mode, with no serial moved."""
    serials = [[one.serial(zone) for zone in one.zones] for one in servers]
    results = [call(check, **options) for check in (True, False)]
    for result in results:
        assert result.get("failed") and words in result["msg"] and "Traceback" not in result["msg"], result
        assert not result.get("changed")
    assert [[one.serial(zone) for zone in one.zones] for one in servers] == serials
    return results[1]
