# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to reach the service."""

    DOCUMENTATION = r"""
options:
  client_id:
    description:
      - Client id of the API 2.0 application, made in the console under Integrations, API and Platform Integrations.
      - If not set, the environment variable E(MIMECAST_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - Client secret of the application.
      - If not set, the environment variables E(MIMECAST_CLIENT_SECRET) and E(MIMECAST_SECRET) are used, in this order.
    type: str
  base_url:
    description:
      - Where the API is, if not at the address of O(region). Plain HTTP is accepted on loopback only.
      - If not set, the environment variables E(MIMECAST_BASE_URL) and E(MIMECAST_ADDRESS) are used, in this order.
    type: str
  region:
    description:
      - Which instance of the API to call if O(base_url) is not set.
      - V(global) finds the region of the account by itself and may be served from another region during a failover.
        V(us) and V(uk) are pinned. Only these three are documented by the vendor.
    type: str
    choices: [global, us, uk]
    default: global
  account_code:
    description:
      - Account code of the tenant to act on, for a partner credential that serves many tenants.
      - Sent as the header C(x-mc-accountcode). That this selects the tenant is inferred from public clients, not
        documented by the vendor. So the service is asked which account it acts on before the first write of a task, and
        the task stops with both account codes if it is another one.
    type: str
  ca_path:
    description:
      - PEM file or folder with the roots to trust instead of those of the system, such as those of a proxy that
        inspects TLS.
    type: path
  validate_certs:
    description:
      - Whether the certificate of the API is verified. V(false) exposes the client secret to anyone on the way.
    type: bool
    default: true
  use_proxy:
    description:
      - Whether the proxy that the environment names (E(HTTPS_PROXY), E(NO_PROXY)) is used.
    type: bool
    default: true
  timeout:
    description:
      - Seconds without an answer after which a request is given up.
    type: int
    default: 30
  token_cache:
    description:
      - Whether the tasks of one run share the access token through a private file in Ansible's own temporary folder of
        that run, which is removed at its end. With V(false) each task asks for a token of its own.
      - A module that does not run in the controller's process always asks for its own token.
    type: bool
    default: true
  rate_limit_max_wait:
    description:
      - Seconds that one task waits at most, in all, when the service's rate limit is used up. After that it fails.
    type: int
    default: 300
notes:
  - Every API result carries C(api), the number of requests, repeated requests, seconds waited and writes.
"""
