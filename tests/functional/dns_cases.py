# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The zones behind the table of cases in docs/connectivity.md: one zone for each case, named after its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MX1, MX2 = ("eu-smtp-inbound-{0}.mimecast.com".format(number) for number in (1, 2))
EU = "eu._netblocks.mimecast.com"
GOOD_MX = f"@ MX 10 {MX1}.\n@ MX 10 {MX2}.\n"
TOKEN, KEY = "1a2b3c4d5e6f7", "QUJDREVGR0hJSktMTU5PUA=="
REGIONS = ("eu", "us", "za", "de", "au", "ca", "usb")
# The service's names as the tests know them, and those of others.
SERVICE = {
    "mimecast.com": "".join(f"{region}._netblocks TXT \"v=spf1 ip4:198.51.100.{number * 8}/29 ~all\"\n" for number, region in enumerate(REGIONS))
    + '_netblocks TXT "v=spf1 ' + " ".join(f"include:{region}._netblocks.mimecast.com" for region in REGIONS[:6]) + ' ~all"\n'
    + "".join(f"{region}-smtp-{side}bound-{number} A 192.0.2.{number}\n" for region in ("eu", "us") for side in ("in", "out") for number in (1, 2))
    + "validate-domain A 192.0.2.9\n",
    "vendor.test": "mx A 192.0.2.20\nalias CNAME mx\nnoaddress TXT \"no address\"\n@ A 192.0.2.21\n"
    'spf TXT "v=spf1 ip4:203.0.113.0/24 -all"\nnested TXT "v=spf1 include:spf.vendor.test include:' + EU + ' -all"\n'
    'redirected TXT "v=spf1 include:' + EU + ' -all"\nbroken TXT "v=spf1 ipv4:203.0.113.1 -all"\ntwo TXT "v=spf1 -all"\ntwo TXT "v=spf1 ~all"\n'
    'loop1 TXT "v=spf1 include:loop2.vendor.test -all"\nloop2 TXT "v=spf1 include:loop1.vendor.test -all"\n'
    'plusall TXT "v=spf1 +all"\nmanymx TXT "none"\n' + "".join(f"manymx MX 10 mx{number}\nmx{number} A 192.0.2.30\n" for number in range(11))
    + "".join(f's{number} TXT "v=spf1 -all"\n' for number in range(11)),
    "test": "",
}
# The domain of the examples, as it should be.
EXAMPLE = {"example.com": f'{GOOD_MX}@ TXT "v=spf1 include:{EU} ~all"\n@ TXT "{TOKEN}"\n_dmarc TXT "v=DMARC1; p=none"\n'
           f'mimecast20261122._domainkey TXT "v=DKIM1; k=rsa; p={KEY}"\n'}


@dataclass(frozen=True)
class Case:
    """zone: its records; asked: owner and type of the question that dig is asked as well; options of the check."""

    zone: str
    asked: str
    options: dict[str, Any] = field(default_factory=dict)


def _mx(zone: str, **options: Any) -> Case:
    return Case(zone, "@ MX", {"region": "eu", "records": ["mx"], **options})


def _spf(text: str, **options: Any) -> Case:
    """A TXT record; quotes in the text, or its length, make it several strings."""
    strings = text if '"' in text else '" "'.join(text[start:start + 250] for start in range(0, len(text), 250))
    return Case(f'@ TXT "{strings}"\n', "@ TXT", {"region": "eu", "records": ["spf"], **options})


def _token(zone: str, asked: str = "@ TXT") -> Case:
    return Case(zone, asked, {"verification_token": TOKEN})


def _dkim(zone: str, **options: Any) -> Case:
    return Case(zone, "s1._domainkey TXT", {"dkim_selector": "s1", "dkim_record": "v=DKIM1; k=rsa; p=" + KEY, **options})


def _dmarc(zone: str) -> Case:
    return Case(zone, "_dmarc TXT", {"dmarc": True})


S1 = "s1._domainkey TXT "
CASES = {
    "both hosts, equal preference": _mx(GOOD_MX),
    "both hosts, by account code": _mx(GOOD_MX, region="CUK12A345"),
    "one host only": _mx(f"@ MX 10 {MX1}.\n"),
    "unequal preference": _mx(f"@ MX 10 {MX1}.\n@ MX 20 {MX2}.\n"),
    "another MX beside": _mx(GOOD_MX + "@ MX 50 mx.vendor.test.\n"),
    "the old MX beside": _mx(GOOD_MX + "@ MX 50 mx.vendor.test.\n", old_mx=["MX.Vendor.test."]),
    "only the old MX is asked about, and it is gone": _mx(GOOD_MX, region=None, old_mx=["mx.vendor.test"]),
    "none of the service": _mx("@ MX 10 mx.vendor.test.\n"),
    "smart hosts instead": _mx("@ MX 10 eu-smtp-outbound-1.mimecast.com.\n@ MX 10 eu-smtp-outbound-2.mimecast.com.\n"),
    "hosts of another region": _mx("@ MX 10 us-smtp-inbound-1.mimecast.com.\n@ MX 10 us-smtp-inbound-2.mimecast.com.\n"),
    "no MX": _mx("@ A 192.0.2.1\n"),
    "null MX": _mx("@ MX 0 .\n"),
    "MX is an alias": _mx("@ MX 10 alias.vendor.test.\n", region=None, mx_hosts=["alias.vendor.test"]),
    "MX is an address": _mx("@ MX 10 192.0.2.1.\n", region=None),
    "MX without address": _mx("@ MX 10 noaddress.vendor.test.\n", region=None),
    "MX that does not exist": _mx("@ MX 10 gone.vendor.test.\n", region=None),
    "region whose hosts are unknown": _mx("@ MX 10 mx.vendor.test.\n", region="CCA1A1"),
    "the region's include": _spf(f"v=spf1 include:{EU} ~all"),
    "in capitals": _spf(f"V=SPF1 INCLUDE:{EU.upper()}. ~ALL"),
    "in two strings": _spf('v=spf1 include:eu._netblocks.mime" "cast.com ~all'),
    "within another's include": _spf("v=spf1 include:nested.vendor.test ~all"),
    "by redirect": _spf("v=spf1 redirect=redirected.vendor.test"),
    "no SPF record": _spf("something else"),
    "two SPF records": Case(f'@ TXT "v=spf1 include:{EU} ~all"\n@ TXT "v=spf1 mx -all"\n', "@ TXT", {"region": "eu", "records": ["spf"]}),
    "include missing": _spf("v=spf1 include:spf.vendor.test ~all"),
    "include without pass": _spf(f"v=spf1 ?include:{EU} ~all"),
    "include behind all": _spf(f"v=spf1 ~all include:{EU}"),
    "include of another region": _spf("v=spf1 include:us._netblocks.mimecast.com ~all"),
    "global include, region within": _spf("v=spf1 include:_netblocks.mimecast.com ~all"),
    "global include, region not within": _spf("v=spf1 include:_netblocks.mimecast.com ~all", region="usb"),
    "region whose include is unknown": _spf("v=spf1 -all", region="je"),
    "ten look-ups": _spf(f"v=spf1 include:{EU} " + " ".join(f"include:s{number}.vendor.test" for number in range(9)) + " ~all"),
    "eleven look-ups": _spf(f"v=spf1 include:{EU} " + " ".join(f"include:s{number}.vendor.test" for number in range(10)) + " ~all"),
    "three void look-ups": _spf(f"v=spf1 include:{EU} a:x1.vendor.test a:x2.vendor.test mx:x3.vendor.test ~all"),
    "mx with eleven hosts": _spf(f"v=spf1 include:{EU} mx:manymx.vendor.test ~all"),
    "includes in a circle": _spf(f"v=spf1 include:{EU} include:loop1.vendor.test ~all"),
    "include of a name without SPF": _spf(f"v=spf1 include:{EU} include:mx.vendor.test ~all"),
    "include of two records": _spf(f"v=spf1 include:{EU} include:two.vendor.test ~all"),
    "include of a bad record": _spf(f"v=spf1 include:{EU} include:broken.vendor.test ~all"),
    "include that nobody answers for": _spf(f"v=spf1 include:{EU} include:spf.nowhere.invalid ~all"),
    "bad term": _spf(f"v=spf1 include:{EU} inlcude:spf.vendor.test ~all"),
    "lost space": _spf(f'v=spf1 include:{EU}" "include:spf.vendor.test ~all'),
    "+all": _spf(f"v=spf1 include:{EU} +all"),
    "+all by redirect": _spf(f"v=spf1 include:{EU} redirect=plusall.vendor.test"),
    "no all": _spf(f"v=spf1 include:{EU}"),
    "terms behind all": _spf(f"v=spf1 include:{EU} ~all mx"),
    "ptr": _spf(f"v=spf1 include:{EU} ptr ~all"),
    "token": _token(f'@ TXT "other"\n@ TXT "{TOKEN}"\n'),
    "token as an alias": _token(f"{TOKEN} CNAME validate-domain.mimecast.com.\n", f"{TOKEN} CNAME"),
    "token missing": _token('@ TXT "other"\n'),
    "token with a prefix": _token(f'@ TXT "code={TOKEN}"\n'),
    "key": _dkim(f'{S1}"v=DKIM1; k=rsa; p={KEY}"\n'),
    "key in two strings, spaces": _dkim(f'{S1}"v=DKIM1;k=rsa;" " p={KEY[:9]} {KEY[9:]};"\n'),
    "key behind an alias": _dkim(f's1._domainkey CNAME key\nkey TXT "v=DKIM1; p={KEY}"\n'),
    "no key": _dkim('@ TXT "other"\n'),
    "another key": _dkim(f'{S1}"v=DKIM1; k=rsa; p=QkJDREVGR0hJSktMTU5PUA=="\n'),
    "key cut short": _dkim(f'{S1}"v=DKIM1; k=rsa; p={KEY[:12]}"\n'),
    "two keys": _dkim(f'{S1}"v=DKIM1; p={KEY}"\n{S1}"v=DKIM1; p=QUJD"\n'),
    "revoked key": _dkim(f'{S1}"v=DKIM1; k=rsa; p="\n'),
    "key with t=y": _dkim(f'{S1}"v=DKIM1; k=rsa; t=s:y; p={KEY}"\n'),
    "key of another type": _dkim(f'{S1}"v=DKIM1; k=ed25519; p={KEY}"\n'),
    "key that is no base64": _dkim(f'{S1}"v=DKIM1; k=rsa; p={KEY[:7]}*{KEY[7:]}"\n'),
    "key with a backslash": _dkim(f'{S1}"v=DKIM1\\\\; k=rsa\\\\; p={KEY}"\n'),
    "DMARC": _dmarc('_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@vendor.test"\n'),
    "no DMARC": _dmarc('@ TXT "other"\n'),
    "two DMARC records": _dmarc('_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"\n'),
    "DMARC without policy": _dmarc('_dmarc TXT "v=DMARC1; rua=mailto:d@vendor.test"\n'),
    "DMARC with an unknown policy": _dmarc('_dmarc TXT "v=DMARC1; p=quarantaine"\n'),
    "aliases in a circle": Case("_dmarc CNAME b\nb CNAME _dmarc\n", "_dmarc TXT", {"dmarc": True}),
}
DOMAINS = {name: "case{0}.test".format(number) for number, name in enumerate(CASES)}
ZONES = {**SERVICE, **{DOMAINS[name]: case.zone for name, case in CASES.items()}}
