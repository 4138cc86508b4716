"""What 云仓ERP calls things: Chinese words for codes, and how it writes numbers and dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime

CHANNELS = {"shop": "独立站", "shopify": "Shopify", "ebay": "eBay", "amazon_mfn": "亚马逊自配送", "amazon_fba": "亚马逊FBA"}
PAYMENTS = {"card": "银行卡", "wallet": "电子钱包", "bank_transfer": "银行转账", "marketplace": "平台代收"}
CATEGORIES = {"electronics": "电子产品", "apparel": "服装", "footwear": "鞋类", "home": "家居", "toys": "玩具", "beauty": "美妆", "custom": "定制"}
NON_RETURNABLE = {"custom_made": "定制商品", "unsealed_hygiene": "卫生用品"}
RETURN_KINDS = {"return": "退货", "keep": "免退回"}
RETURN_STATES = {"open": "处理中", "closed": "已完成", "cancelled": "已取消"}
NOTE_STATES = {"posted": "已过账"}
REPLACEMENT_KINDS = {"exchange": "换货", "spare_part": "补发配件"}
CARRIERS = ("SwiftParcel", "GlobalPost")
REASONS = {
    "CHANGED_MIND": "改变主意", "NO_REASON": "未说明原因", "STATUTORY_WITHDRAWAL": "法定撤回", "ORDERED_BY_MISTAKE": "误下单", "BETTER_PRICE": "他处更便宜",
    "GIFT_UNWANTED": "礼品不需要", "UNAUTHORISED_PURCHASE": "未授权购买", "SIZE_TOO_SMALL": "尺码偏小", "SIZE_TOO_LARGE": "尺码偏大", "FIT_OTHER": "版型不合",
    "STYLE_COLOR": "款式颜色不符预期", "NOT_COMPATIBLE": "不兼容", "NOT_AS_DESCRIBED": "与描述不符", "QUALITY_POOR": "质量不佳", "DEFECTIVE": "功能故障",
    "MISSING_PARTS": "缺少配件", "MISSING_ITEM": "少发商品", "WRONG_ITEM": "发错商品", "EXTRA_ITEM": "多发商品", "DAMAGED_IN_TRANSIT": "运输损坏",
    "DAMAGED_BY_WAREHOUSE": "仓库损坏", "ARRIVED_LATE": "送达延迟", "NOT_RECEIVED": "未收到", "UNDELIVERABLE": "无法投递", "EXPIRED_GOODS": "过期商品",
    "COUNTERFEIT_CLAIM": "疑似假货", "SAFETY_RECALL": "安全召回", "INSTALL_DIFFICULT": "安装困难", "CUSTOMISED_REJECT": "定制拒收", "OTHER": "其他",
}  # fmt: skip

SKINS: dict[str, dict[str, str]] = {
    "": {
        "sign_in": "登录", "search": "查询", "new_return": "新建退货单", "next": "下一步",
        "back": "返回修改", "new_credit_note": "新建贷项通知单", "new_replacement": "新建补发换货",
        "cancel_return": "取消退货单", "keep_return": "保留退货单",
        "post_return": "提交退货单", "post_cancel": "确认取消", "post_credit_note": "确认开具", "post_replacement": "确认补发",
    },
    "new": {
        "sign_in": "进入系统", "search": "筛选", "new_return": "登记退货", "next": "继续",
        "back": "上一步", "new_credit_note": "开红字发票", "new_replacement": "登记补发",
        "cancel_return": "作废", "keep_return": "不作废",
        "post_return": "立即登记", "post_cancel": "立即作废", "post_credit_note": "立即开票", "post_replacement": "立即补发",
    },
}  # fmt: skip
"""Captions of the buttons before and after a redesign of the program."""


class Refused(ValueError):
    """The program does not do it; the text is what the clerk reads."""


def moment(text: str | None) -> str:
    """The tables' ISO 8601 text as `2026-10-05 08:00`, in UTC; empty for none."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return (at.astimezone(UTC) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M")


def rate(micro: int) -> str:
    """Millionths of CNY per unit as `7.800000`."""
    return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"


def percent(basis_points: int) -> str:
    """1900 as `19%`, 550 as `5.5%`."""
    return f"{basis_points / 100:g}%"


def reason(code: str) -> str:
    """A reason's code with its Chinese words."""
    return f"{code} {REASONS[code]}" if code in REASONS else code


def listed(lines: dict[str, int]) -> str:
    """Pieces by SKU as `TEE-RED-M × 2; HPH-01 × 1`."""
    return "; ".join(f"{sku} × {qty:,}" for sku, qty in lines.items())


def parse_quantity(text: str, what: str) -> int:
    """Pieces as typed, 0 for an empty field; raises Refused for anything but a plain whole number."""
    clean = text.strip() or "0"
    if not re.fullmatch(r"[0-9]{1,5}", clean):
        raise Refused(f"{what}「{clean[:20]}」不是整数。")
    return int(clean)


def parse_rma(text: str) -> str:
    """An RMA number as typed; raises Refused when it cannot be one."""
    clean = text.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{3,39}", clean):
        raise Refused("RMA号只能包含字母、数字和连字符（4–40位）。")
    return clean
