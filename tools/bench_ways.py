# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark's tasks and scripts share: how one logs on and asks without a collection."""

from __future__ import annotations

from typing import Any

Task = dict[str, Any]
SERVICE = "{{ lookup('ansible.builtin.env', 'MIMECAST_BASE_URL') }}"
AUTHORISED = {"headers": {"Authorization": "Bearer {{ token.json.access_token }}"}, "return_content": True}

# The beginning of a plain script: logs on, and leaves a function that asks.
LOG_ON = """
import http.client, json, os, sys, urllib.parse
url = urllib.parse.urlsplit(os.environ["MIMECAST_BASE_URL"])
link = http.client.HTTPConnection(url.hostname, url.port)
form = {"grant_type": "client_credentials", "client_id": os.environ["MIMECAST_CLIENT_ID"], "client_secret": os.environ["MIMECAST_CLIENT_SECRET"]}
link.request("POST", "/oauth/token", urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
headers = {"Authorization": "Bearer " + json.load(link.getresponse())["access_token"]}
def get(path):
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    assert answer.status == 200, (path, answer.status)
    return json.load(answer)
"""


def token_task() -> Task:
    """The log-on as a task, which registers ``token``."""
    return {
        "ansible.builtin.uri": {"url": SERVICE + "/oauth/token", "method": "POST", "body_format": "form-urlencoded", "body": {
            "grant_type": "client_credentials",
            "client_id": "{{ lookup('ansible.builtin.env', 'MIMECAST_CLIENT_ID') }}",
            "client_secret": "{{ lookup('ansible.builtin.env', 'MIMECAST_CLIENT_SECRET') }}"}},
        "register": "token",
    }
