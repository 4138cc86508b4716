"""Codes of the suite in words for people, in English and Chinese: reasons, parties, states, stages, causes, what to do about them, papers."""

from __future__ import annotations

_ZH: dict[str, dict[str, str]] = {
    "reason": {
        "CHANGED_MIND": "改变主意", "NO_REASON": "未说明原因", "STATUTORY_WITHDRAWAL": "法定撤回", "ORDERED_BY_MISTAKE": "误下单", "BETTER_PRICE": "他处更便宜", "GIFT_UNWANTED": "礼物不需要",
        "UNAUTHORISED_PURCHASE": "非本人购买", "SIZE_TOO_SMALL": "尺码偏小", "SIZE_TOO_LARGE": "尺码偏大", "FIT_OTHER": "不合身", "STYLE_COLOR": "款式颜色", "NOT_COMPATIBLE": "不兼容",
        "NOT_AS_DESCRIBED": "与描述不符", "QUALITY_POOR": "质量差", "DEFECTIVE": "有缺陷", "MISSING_PARTS": "缺少配件", "MISSING_ITEM": "少发商品", "WRONG_ITEM": "发错货", "EXTRA_ITEM": "多发商品",
        "DAMAGED_IN_TRANSIT": "运输损坏", "DAMAGED_BY_WAREHOUSE": "仓库损坏", "ARRIVED_LATE": "到货太晚", "NOT_RECEIVED": "未收到", "UNDELIVERABLE": "无法投递", "EXPIRED_GOODS": "过期",
        "COUNTERFEIT_CLAIM": "疑似假货", "SAFETY_RECALL": "安全召回", "INSTALL_DIFFICULT": "安装困难", "CUSTOMISED_REJECT": "定制不满意", "OTHER": "其他",
    },
    "party": {"supplier": "供应商", "carrier": "承运商", "warehouse": "仓库", "seller": "卖家", "customer": "客户", "customs": "海关", "platform": "平台", "undetermined": "未定"},
    "state": {
        "CLOSED": "已结案", "CANCELLED": "已取消", "EXPIRED": "已过期", "REJECTED": "已拒绝", "ANSWERED": "已答复", "POSTED": "已记账", "EXCHANGED": "已换货", "REFUNDED": "已退款",
        "REFUND_FAILED": "退款失败", "REFUND_SUBMITTED": "退款已提交", "REFUND_APPROVED": "退款已批准", "REFUND_PROPOSED": "退款待批", "INSPECTED": "已质检", "INSPECTING": "质检中",
        "RECEIVED": "已收货", "LOST": "丢失", "ARRIVED": "已到达", "CUSTOMS_HOLD": "海关扣留", "IN_TRANSIT": "运输中", "LABEL_ISSUED": "已发面单", "KEEP_ITEM": "客户保留",
        "APPROVED": "已批准", "UNDER_REVIEW": "人工审核", "NEED_INFO": "待补充信息", "NEW": "新建",
    },
    "request": {
        "new": "新建", "need_info": "待补充信息", "escalated": "人工审核", "keep_item": "客户保留商品", "spare_part": "寄送配件", "books_only": "平台已退款", "rejected": "已拒绝",
        "cancelled": "已取消", "answered": "已答复", "expired": "已过期",
    },
    "stage": {
        "request to intake": "申请到受理", "intake to decision": "受理到决定", "decision to hand-over": "决定到交寄", "transit": "运输", "customs": "清关", "arrival to receipt": "到达到收货",
        "receipt to inspection": "收货到质检", "inspection to refund": "质检到退款", "refund to settlement": "退款到到账", "settlement to books": "到账到记账", "end to end": "全程",
    },
    "disposition": {
        "RESELL_NEW": "按新品再售", "RESELL_OPEN_BOX": "开箱品再售", "REFURBISH": "翻新", "REPAIR": "维修", "RETURN_TO_VENDOR": "退供应商", "LIQUIDATE": "清仓", "DONATE": "捐赠",
        "PARTS": "拆件", "RECYCLE": "回收", "DESTROY": "销毁", "QUARANTINE": "隔离", "SHIP_BACK": "寄回客户", "TRANSFER": "调拨",
    },
    "area": {"sourcing": "采购与供应商", "packaging": "包装", "packing": "拣货与打包", "design": "产品设计", "manual": "说明书与客服", "listing": "商品页面", "carrier": "承运商", "warehouse": "仓库"},
    "cause": {
        "functional": "功能故障", "cosmetic": "外观瑕疵", "expired": "过期", "contaminated": "污染", "transit_damage": "运输损坏", "missing_parts": "缺少配件", "wrong_item": "发错货",
        "counterfeit": "疑似假货", "safety_concern": "安全隐患", "no_fault_found": "检测无故障", "defect_claimed": "客户称有缺陷", "too_small": "尺码偏小", "too_large": "尺码偏大",
        "size_or_fit": "不合身", "not_as_described": "与描述不符", "quality": "质量不满", "arrived_late": "到货太晚",
    },
    "paper": {
        "qc_report": "质检报告", "photos": "照片", "purchase_order": "采购订单", "serials": "序列号或批次", "carton_kept": "保留的外箱", "delivery_scan": "派送扫描记录", "invoice": "商业发票",
        "acceptance_scan": "揽收扫描记录", "customer_statement": "客户声明", "pick_record": "拣货记录", "import_entry": "进口报关单", "export_proof": "出境证明", "export_entry": "出口报关单",
        "rma": "退货授权（RMA）", "import_vat_certificate": "进口增值税凭证", "credit_note": "红字发票", "refund_proof": "退款证明", "drawback_claim": "退税申请（drawback）",
        "customs_confirmation": "出口前海关确认", "export_mrn": "出口报关号（MRN）", "identity_proof": "同一货物证明（序列号、照片）",
    },
    "way": {"relief": "复进口免税", "reclaim": "已缴税款退还"},
    "recovery": {"open": "可申请", "waiting": "货物未到", "done": "已免税", "lapsed": "已逾期"},
    "tax": {"duty": "关税", "vat": "进口增值税"},
    "kind": {"supplier": "供应商责任", "carrier_damage": "运输损坏", "carrier_loss": "包裹丢失", "warehouse": "仓库责任"},
    "station": {
        "fast_lane": "快速上架通道（紧邻月台）", "repack": "重新包装台", "repair": "带电源的测试维修台", "vendor": "退供应商区", "bulk": "批量转运区", "waste": "回收报废区", "cage": "隔离笼", "inspect": "质检台",
    },
    "lane": {"local_resale": "当地仓销售", "ship_back": "集中运回", "third_country": "第三国销售", "destroy": "当地销毁", "returnless": "客户保留"},
    "category": {
        "electronics": "电子", "apparel": "服装", "footwear": "鞋类", "home": "家居", "toys": "玩具", "beauty": "美妆", "custom": "定制", "accessories": "配饰",
    },
    "channel": {"mail": "邮件", "helpdesk": "客服系统", "withdrawal_form": "撤销按钮"},
    "decision": {"approve": "批准", "reject": "拒绝", "hold": "搁置", "proceed": "继续", "retry": "重试", "close": "结束", "take_over": "转人工"},
    "event": {
        "case_opened": "开案", "mail_received": "收到邮件", "asked_again": "再次联系", "order_read": "读取订单", "approved": "批准退货", "keep_item": "客户保留商品", "spare_part": "寄送配件",
        "books_only": "平台已退款", "rejected": "拒绝", "cancelled": "取消", "worked_as_a_return": "按退货处理", "parcel_moved": "包裹动态", "parcel_lost": "包裹丢失", "customs_clear": "申报一致",
        "customs_held": "海关扣留", "customs_cleared_by_a_person": "人工放行", "customs_released_by_a_person": "人工确认放行", "received": "收货", "checks_ordered": "下达质检", "inspected": "质检完成",
        "refund_proposed": "提出退款", "refund_approved": "退款获批", "refund_submitted": "提交退款", "refunded": "退款到账", "refunded_by_marketplace": "平台退款", "refund_failed": "退款失败",
        "refund_retried": "重试退款", "exchanged": "换货", "credited": "开具红字", "journal_posted": "记账", "voucher_numbered": "凭证编号", "posted": "账务完成", "answered": "已回复客户",
        "to_a_person": "转人工", "decided": "人工决定", "amount_agreed": "约定金额", "ended_by_a_person": "人工结束", "case_closed": "结案", "evidence": "证据",
        "commit_intended": "准备提交", "commit_clicked": "点击提交", "commit_confirmed": "提交已确认", "commit_needs_check": "提交待核实", "commit_refused": "提交被拒", "commit_void": "提交作废",
    },
}  # fmt: skip
_EN: dict[str, dict[str, str]] = {
    "paper": {
        "qc_report": "inspection report", "photos": "photos", "purchase_order": "purchase order", "serials": "serial or batch numbers", "carton_kept": "the carton itself",
        "delivery_scan": "delivery scan", "invoice": "commercial invoice", "acceptance_scan": "acceptance scan", "customer_statement": "customer's statement", "pick_record": "pick record",
        "import_entry": "import entry", "export_proof": "proof of export", "export_entry": "export entry", "rma": "RMA", "import_vat_certificate": "import VAT certificate",
        "credit_note": "credit note", "refund_proof": "proof of refund", "drawback_claim": "drawback claim", "customs_confirmation": "customs' confirmation before export",
        "export_mrn": "export declaration (MRN)", "identity_proof": "proof that they are the same goods (serial, photos)",
    },
    "way": {"relief": "Relief on the way home", "reclaim": "Paid abroad, comes back"},
    "recovery": {"open": "to apply for", "waiting": "goods not back yet", "done": "relief taken", "lapsed": "term is over"},
    "tax": {"duty": "duty", "vat": "import VAT"},
    "kind": {"supplier": "supplier's fault", "carrier_damage": "damaged on the way", "carrier_loss": "parcel lost", "warehouse": "warehouse's fault"},
    "station": {
        "fast_lane": "fast lane back to the shelf, next to the dock", "repack": "repacking table", "repair": "test bench with power", "vendor": "supplier returns rack", "bulk": "pallet place for transfer",
        "waste": "recycling and waste", "cage": "quarantine cage", "inspect": "inspection bench",
    },
    "lane": {"local_resale": "sell it at a hub there", "ship_back": "collect and ship home", "third_country": "sell it in a third country"},
    "request": {"keep_item": "The customer keeps it", "books_only": "Paid by the marketplace", "escalated": "Before a person"},
    "area": {
        "sourcing": "sourcing, supplier", "packaging": "packaging", "packing": "picking and packing", "design": "product design", "manual": "manual, first-line help",
        "listing": "listing, size chart", "carrier": "carrier", "warehouse": "warehouse",
    },
    "cause": {
        "functional": "Does not work (found)", "transit_damage": "Damaged on the way", "no_fault_found": "No fault found", "defect_claimed": "Defect claimed, not yet looked at",
        "too_small": "Runs small", "too_large": "Runs large", "size_or_fit": "Does not fit", "quality": "Quality disappoints", "contaminated": "Soiled",
    },
    "event": {"to_a_person": "Put before a person", "decided": "A person decided"},
}  # fmt: skip
ACTIONS: dict[str, dict[str, str]] = {
    "en": {
        "functional": "Find the failing part with the supplier; add an outgoing test for it and claim the cost back.",
        "cosmetic": "Tighten the incoming sample check for surface marks; agree limits with the supplier.",
        "expired": "Pick by best-before date; take short-dated stock out of sale.",
        "contaminated": "Seal the inner packing; say in the listing what may be opened.",
        "transit_damage": "Drop-test the parcel; strengthen the weak side; claim from the carrier while the term runs.",
        "missing_parts": "Put a parts list with photo at the packing bench; weigh parcels before they are closed.",
        "wrong_item": "Scan at the pick; move look-alike articles apart on the shelf.",
        "counterfeit": "Stop the batch; check its source and serial numbers before any more is sold.",
        "safety_concern": "Stop the sale and have it assessed; decide on a recall.",
        "no_fault_found": "Came back as broken and works: write a better start guide and help the customer before a return.",
        "defect_claimed": "Wait for the inspection; look at the same batch if several come.",
        "too_small": "Correct the size chart and say that it runs small; check the grading with the maker.",
        "too_large": "Correct the size chart and say that it runs large; check the grading with the maker.",
        "size_or_fit": "Add measured sizes and a fit hint to the listing.",
        "not_as_described": "Compare listing, pictures and goods line by line; correct what differs.",
        "quality": "Compare with what is promised at this price; change material or the promise.",
        "arrived_late": "Check the promised delivery time against the carrier's real one; change promise or service.",
    },
    "zh": {
        "functional": "与供应商查明故障件，增加出货测试并索赔。", "cosmetic": "加严来料外观抽检，与供应商约定允收标准。", "expired": "按保质期拣货，临期品下架。",
        "contaminated": "内包装加封，并在页面说明可拆范围。", "transit_damage": "做跌落试验，加强薄弱面，并在期限内向承运商索赔。", "missing_parts": "打包台放配件图单，封箱前称重。",
        "wrong_item": "拣货扫码，相似商品分开摆放。", "counterfeit": "封存该批次，核查来源与序列号。", "safety_concern": "停售并评估，决定是否召回。",
        "no_fault_found": "以故障退回但功能正常：改进入门说明，退货前先由客服协助。", "defect_claimed": "等待质检；多件出现时检查同批次。",
        "too_small": "更正尺码表并注明偏小，与工厂核对放码。", "too_large": "更正尺码表并注明偏大，与工厂核对放码。", "size_or_fit": "页面补充实测尺寸与试穿建议。",
        "not_as_described": "逐项核对页面、图片与实物，更正差异。", "quality": "对照价位承诺，改进材质或修改描述。", "arrived_late": "对照承运商实际时效，调整承诺或服务。",
    },
}  # fmt: skip


def say(kind: str, code: str, captions: str) -> str:
    """A code of the suite in words: `say("reason", "SIZE_TOO_SMALL", "en")` is `Size too small`. Unknown codes stay readable."""
    known = (_ZH if captions == "zh" else _EN).get(kind, {}).get(code)
    if known is not None:
        return known
    plain = code.replace("_", " ").strip()
    return plain[:1].upper() + plain[1:].lower() if plain.isupper() else plain[:1].upper() + plain[1:]


def action_for(cause: str, captions: str) -> str:
    """What to do about a cause."""
    return ACTIONS[captions][cause]


def product_name(name: str, captions: str) -> str:
    """A product's name; of a name in two languages (`中文 / English`) the half that is wanted."""
    first, bar, second = name.partition(" / ")
    return name if not bar else first.strip() if captions == "zh" else second.strip()
