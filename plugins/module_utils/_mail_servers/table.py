# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""All products, and the one way to a rendering: declared, checked, written, and read back before it is handed out."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import domino, exchange, exchange_console, exchange_online, google_workspace
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import (
    Journaling, MailServerError, Outbound, Part, Product, Wish, checked_address, checked_domain, checked_hosts, checked_name, checked_port)

EXCHANGE = "exchange"
PRODUCTS: dict[str, Product] = {
    EXCHANGE: exchange.PRODUCT,
    "exchange_online": exchange_online.PRODUCT,
    "google_workspace": google_workspace.PRODUCT,
    "domino": domino.PRODUCT,
}
ONE_HOST = "Only one host is given for {0}: the service has two, so that mail goes on when one is down"


def product_of(wish: Wish) -> Product:
    """The product in its version."""
    return exchange_console.PRODUCT if wish.product == EXCHANGE and exchange.is_console(wish) else PRODUCTS[wish.product]


def wish_of(params: dict[str, Any]) -> Wish:
    """What the options declare, each value checked; MailServerError says what would be right."""
    out, journaling = params["outbound"], params["journaling"]
    if not out and not journaling:
        raise MailServerError("there is nothing to render; give outbound, journaling, or both")
    wish = Wish(
        params["product"], checked_name(params["name"]), params["version"] or "", _outbound(out) if out else None,
        _journaling(journaling) if journaling else None)
    product_of(wish).check(wish)
    return wish


def _outbound(given: dict[str, Any]) -> Outbound:
    return Outbound(
        checked_hosts(given["smart_hosts"], "outbound.smart_hosts"), checked_port(given["port"], "outbound.port"), given["tls"], given["authentication"])


def _journaling(given: dict[str, Any]) -> Journaling:
    address = checked_address(given["address"], "journaling.address")
    domain = checked_domain(given["domain"] or address.rpartition("@")[2], "journaling.domain")
    if address.rpartition("@")[2] != domain:
        raise MailServerError("journaling.address {0} is not in journaling.domain {1}, so copies would take another way".format(address, domain))
    undeliverable = checked_address(given["undeliverable"], "journaling.undeliverable") if given["undeliverable"] else ""
    if undeliverable.endswith("@" + domain):
        raise MailServerError("journaling.undeliverable {0} is in the journaling domain itself, where it is undeliverable as well".format(undeliverable))
    return Journaling(
        address, domain, checked_hosts(given["hosts"], "journaling.hosts"), checked_port(given["port"], "journaling.port"), given["tls"], given["scope"],
        undeliverable)


def rendered(wish: Wish) -> str:
    """The text, proved by reading it back: what does not say the same is never handed out."""
    product = product_of(wish)
    parts = product.parts(wish)
    text = product.render(wish, parts)
    if product.parse(text) != parts:
        raise MailServerError("its rendering does not read back as what is declared; please report this with your input")
    return text


def warnings_of(wish: Wish) -> list[str]:
    """What may go wrong with it."""
    given = (("outbound", wish.outbound and wish.outbound.smart_hosts), ("journaling", wish.journaling and wish.journaling.hosts))
    return [ONE_HOST.format(word) for word, hosts in given if hosts and len(hosts) == 1] + list(product_of(wish).warnings(wish))


def read(wish: Wish, text: str) -> tuple[Part, ...]:
    """What a text of this product says; MailServerError if it is none."""
    mark = "mimecast.connect mail_server_rendering: {0}".format(wish.product)
    try:
        found = product_of(wish).parse(text) if text.partition("\n")[0].lstrip("# ") == mark else ()
    except Exception:  # the text is anybody's: what is wrong with it does not matter
        found = ()
    if not found:
        raise MailServerError("what is there is no rendering for {0}".format(wish.product))
    return found
