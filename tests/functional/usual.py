# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual Connect document: what one customer declares. The budget is asserted of it, and tools/bench.py measures it."""

from __future__ import annotations

from typing import Any

INTERNAL_DOMAINS = ["example.com"]
PASSWORD = "s3cret-of-the-usual-document"

DOCUMENT: dict[str, Any] = {
    "emergency_contact": {"name": "Duty", "email": "duty@example.org", "mobile_phone": "+44 20 7946 0000"},
    "active_directory_connectors": [{
        "name": "Head office", "hostname": "ldap.example.com", "user_dn": "cn=svc", "password": PASSWORD, "root_dn": "dc=example,dc=com",
        "domains": {"set": ["example.com"]},
    }],
    "groups": [
        {"name": name, "members": {"set": ["{0}{1}.example".format(name.lower(), number) for number in range(30)]}}
        for name in ("Strict", "Relaxed")
    ],
    "outbound_addresses": {"addresses": {"set": ["198.51.100.7", "198.51.100.8"]}},
    "delivery_routes": [
        {"name": "Headquarters", "hostname": "mx1.example.com", "alternate_route": "Second site",
         "policies": [{"name": "Inbound", "to": {"type": "domain", "domain": "example.com"}}]},
        {"name": "Second site", "hostname": "mx2.example.com", "port": 2525,
         "policies": [{"name": "Strict partners", "to": {"type": "group", "group": "Strict"}}]},
    ],
    "dkim": [{"name": "Signature", "domain": "example.com", "selector": "s1", "key_length": 1024, "policies": [
        {"name": "Sign ours", "from": {"type": "domain", "domain": "example.com"}}]}],
    "anti_spoofing_bypass_policies": [{
        "name": "Newsletter", "action": "enable_bypass", "from": {"type": "group", "group": "Relaxed"}, "to": {"type": "internal"},
        "spf_domains": {"set": ["news.example.net"]},
    }],
    "journaling_services": [{
        "name": "Journal", "message_format": "exchange_env", "smtp": {"email": "journal@example.com", "tls": True},
    }],
}
