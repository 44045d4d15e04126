# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Domains under which a provider gives mailboxes to the public: nobody's partner, and half a tenant's correspondents.

A short list of the well-known ones, made for mimecast_tls_policy; it is not complete and need not be.
"""

from __future__ import annotations

PUBLIC_MAIL = frozenset(
    """
    gmail.com googlemail.com
    outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it live.com live.co.uk msn.com
    yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.co.jp ymail.com rocketmail.com aol.com
    icloud.com me.com mac.com
    proton.me protonmail.com pm.me tutanota.com tuta.io fastmail.com zoho.com mail.com hey.com
    gmx.de gmx.net gmx.com gmx.at gmx.ch web.de freenet.de t-online.de posteo.de mailbox.org bluewin.ch
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it telefonica.net ziggo.nl skynet.be
    btinternet.com sky.com talktalk.net virginmedia.com comcast.net verizon.net att.net sbcglobal.net cox.net charter.net bellsouth.net
    rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au xtra.co.nz mweb.co.za
    mail.ru yandex.ru yandex.com qq.com 163.com 126.com sina.com naver.com daum.net rediffmail.com
    """.split()
)
