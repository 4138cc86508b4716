"""What PayDesk calls its buttons, before and after a redesign, and how it writes times and rates."""

from __future__ import annotations

from datetime import UTC, datetime

SKINS: dict[str, dict[str, str]] = {
    "": {
        "sign_in": "Sign in", "verify": "Verify", "refund": "Refund", "continue": "Continue", "back": "Back", "cancel": "Cancel",
        "filter": "Apply filter", "download": "Download CSV", "show": "Show",
    },
    "new": {
        "sign_in": "Log in now", "verify": "Confirm code", "refund": "Pay back", "continue": "Next step", "back": "Change", "cancel": "Discard",
        "filter": "Search refunds", "download": "Export file", "show": "Update",
    },
}  # fmt: skip
METHODS = {"card": "Card", "wallet": "Wallet", "marketplace": "Marketplace", "bank_transfer": "Bank transfer"}


def moment(text: str | None) -> str:
    """The tables' ISO 8601 text as `2026-10-05 08:00:00`, in UTC; empty for none."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return (at.astimezone(UTC) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M:%S")


def rate(micro: int | None) -> str:
    """7812345 millionths as `7.812345`; empty for none."""
    return "" if micro is None else f"{micro // 1_000_000}.{micro % 1_000_000:06d}"
