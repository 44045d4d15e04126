# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What the answers about a domain mean for a person: which record to publish, what to do about MX records, until when."""

from __future__ import annotations

import datetime
from typing import Any

# The service's word -> verdict, what to do. The words are documented, their exact meaning is taken from them.
_MX = {
    "mx_ok": ("ok", "The MX records lead to the service; nothing is to be done"),
    "mx_error": ("unknown", "The service could not look up the MX records; see whether the name servers of the domain answer, and check again"),
    "mx_missing": ("failed", "There is no MX record, so mail cannot come in; publish the two inbound hosts of the account's region with equal priority"),
    "mx_single_host": ("degraded", "Only one host of the service is published; add the second inbound host of the account's region with the same priority"),
    "mx_priority_mismatch": ("degraded", "The hosts have different priorities; give all of them the same one, so that the service can balance the load"),
    "mx_invalid_priority": ("failed", "A priority is out of range; give all MX records the same number, such as 10"),
    "mx_non_mimecast": ("failed", "At least one MX record leads past the service; remove those that are not its inbound hosts, once mail may flow through it"),
}
_FORMS = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S")


def publish(record: dict[str, Any]) -> str:
    """What to publish, as a sentence without its full stop."""
    if not record:
        return "The service tells no code for it yet; set renew_token to get one"
    return "Publish a TXT record {0!r} with the value {1!r}".format(record["name"], record["value"])


def moment(text: Any) -> datetime.datetime | None:
    """A time of the service, or None in a form that is not known. Without a zone it is taken for UTC."""
    for form in _FORMS:
        try:
            found = datetime.datetime.strptime(str(text), form)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)
    return None


def mx_check(answer: dict[str, Any], name: str, otherwise: str = "") -> dict[str, Any]:
    """The verdict on the MX records of one domain. Where the answer holds it is not sure: rows under two names, or one object."""
    rows = answer.get("results") or answer.get("domains") or [answer]
    rows = [row for row in rows if isinstance(row, dict) and row.get("status") and str(row.get("domain") or name).lower() == name]
    if not rows:
        return {"status": "", "verdict": "unknown", "message": otherwise or "The answer of the service says nothing about this domain", "records": []}
    status = str(rows[0]["status"])
    verdict, message = _MX.get(status, ("unknown", "The service answers {0!r}, a word that is not published".format(status)))
    return {"status": status, "verdict": verdict, "message": message, "records": rows[0].get("mxRecords") or []}
