# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The options that every API module shares, and what they mean."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible.module_utils.common.parameters import env_fallback
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError

# Only these three are documented by the vendor (API gateway article, 2025-06-03); others need base_url.
REGIONS = {
    "global": "https://api.services.mimecast.com",
    "us": "https://us-api.services.mimecast.com",
    "uk": "https://uk-api.services.mimecast.com",
}

API_SPEC = {
    "client_id": {"type": "str", "fallback": (env_fallback, ["MIMECAST_CLIENT_ID"])},
    "client_secret": {
        "type": "str",
        "no_log": True,
        "fallback": (env_fallback, ["MIMECAST_CLIENT_SECRET", "MIMECAST_SECRET"]),
    },
    "base_url": {"type": "str", "fallback": (env_fallback, ["MIMECAST_BASE_URL", "MIMECAST_ADDRESS"])},
    "region": {"type": "str", "choices": list(REGIONS), "default": "global"},
    "account_code": {"type": "str"},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "use_proxy": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 30},
    "token_cache": {"type": "bool", "default": True},
    "rate_limit_max_wait": {"type": "int", "default": 300},
}


@dataclass(frozen=True)
class Settings:
    """Where and how to call. ``timeout`` and ``rate_limit_max_wait`` are seconds."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    account_code: str | None = None
    ca_path: str | None = None
    validate_certs: bool = True
    use_proxy: bool = True
    timeout: int = 30
    token_cache: bool = True
    rate_limit_max_wait: int = 300

    @classmethod
    def from_params(cls, params: dict) -> Settings:
        """Build from validated module parameters; InputError when they cannot work."""
        missing = [name for name in ("client_id", "client_secret") if not params.get(name)]
        if missing:
            raise InputError(
                "Cannot log on to the service: {0} not set. Set the option, or the environment variable {1}.".format(
                    " and ".join(missing), " and ".join("MIMECAST_" + name.upper() for name in missing)
                )
            )
        for name in ("timeout", "rate_limit_max_wait"):
            if params[name] < (1 if name == "timeout" else 0):
                raise InputError("{0} is {1}: give a number of seconds, not less than {2}".format(
                    name, params[name], 1 if name == "timeout" else 0))
        code = params.get("account_code") or "x"
        if not code.isascii() or not code.isalnum():
            raise InputError("account_code {0!r} must consist of letters and digits, such as CUSA1A1".format(params["account_code"]))
        values = {name: params[name] for name in cls.__dataclass_fields__ if name in params}
        values["base_url"] = _checked_url(params.get("base_url") or REGIONS[params["region"]])
        return cls(**values)


def _checked_url(url: str) -> str:
    if "@" in url:
        raise InputError("base_url holds a user name or password; give them as client_id and client_secret")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError("base_url {0!r} is not a URL: {1}".format(url, error)) from None
    if not host or port == 0 or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
        raise InputError("base_url {0!r} must look like https://api.services.mimecast.com".format(url))
    if parts.scheme == "http" and not _is_loopback(host):
        raise InputError(
            "base_url {0!r} would send the client secret unencrypted: use https (http is for a sandbox on loopback only)".format(url)
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
