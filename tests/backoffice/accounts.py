"""The practice log-ins: the bots' own accounts in each practice program, no secrets of any real one."""

from __future__ import annotations

from .web import Account

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

ACCOUNTS: dict[str, Account] = {
    "erp": Account("bot.erp", "practice-bot.erp-42"),
    "wms": Account("bot.wms", "practice-bot.wms-42"),
    "swift": Account("bot.swift", "practice-bot.swift-42"),
    "global": Account("bot.global", "practice-bot.global-42"),
    "pay": Account("bot.pay", "practice-bot.pay-42", totp=TOTP_SECRET),
    "bank": Account("bot.bank", "practice-bot.bank-42"),
    "mail": Account("returns@seller.example", "practice-mail-42"),
}
