"""Captions of the reconciliation workbook, in English and Chinese."""

from __future__ import annotations

from bots.decisions.matching_rows import ADVICE, Code

_EN: dict[str, str] = {
    "title": "Reconciliation", "period": "Refunds from {start} on, as at {now} UTC", "summary": "Summary", "matched_sheet": "Matched",
    "exceptions_sheet": "Exceptions", "orders": "Orders", "receipts": "Receipts", "refunds": "Refunds", "ledger": "Ledger", "rules": "Rules", "sign_off": "Sign-off",
    "green": "GREEN  Everything matches and every control total ties.",
    "amber": "AMBER  Every control total ties; {waiting} cases are under way or already before a person.",
    "red": "RED  {wrong} differences to clear; {untied} totals that do not tie; {problems} statement rows to look at.",
    "by_code": "Results by code", "by_currency": "Money by currency", "control": "Control totals: rows in = matched + exceptions + excluded",
    "ties_head": "Tie-out between independent sources", "excluded_head": "Excluded rows and why", "problems_head": "What the statements did not agree on",
    "code": "Code", "meaning": "Suggested action", "cases": "Cases", "currency": "Currency", "expected": "Expected", "refunded": "Refunded", "credited": "Credited",
    "difference": "Difference", "leg": "Leg", "rows_in": "Rows in", "matched": "Matched", "exceptions": "Exceptions", "excluded": "Excluded", "value_in": "Value in",
    "value_matched": "Value matched", "value_exceptions": "Value exceptions", "value_excluded": "Value excluded", "ties": "Ties", "yes": "yes", "no": "NO",
    "what": "What", "rows_one": "Rows, first", "value_one": "Value, first", "rows_other": "Rows, second", "value_other": "Value, second", "rows": "Rows", "value": "Value",
    "reason": "Reason", "tie_settlement": "{program}: settled refunds of the list = settlement file", "tie_commits": "Refunds the bots made = refunds the programs list",
    "tie_credit_notes": "Credit notes issued in the ERP = credit notes posted", "tie_journals": "Journal lines: debit = credit",
    "tie_payable": "Refund payable of posted cases: owed = paid", "tie_receipts": "Pieces counted on the dock = pieces of the leg",
    "rma": "RMA", "order_no": "Order", "how": "Matched by", "exact": "reference", "one_to_many": "several refunds", "many_to_one": "one refund for several", "why": "Why",
    "severity": "Severity", "high": "high", "medium": "medium", "low": "low", "age_days": "Age (days)", "evidence": "Evidence", "advice": "Suggested action",
    "suggestions": "May belong to", "owner": "Owner", "status": "Status", "note": "Note", "status_open": "before a person: {what}", "status_asked": "asked now: {what}",
    "status_answered": "accepted by {what}", "status_wait": "under way", "status_book": "to be cleared here", "owner_payments": "payments", "owner_warehouse": "warehouse",
    "owner_books": "books", "owner_none": "nobody yet",
    "hint_exceptions": "Yellow cells (owner, status, note) are yours. The next run writes this file anew: work in a copy of it.",
    "outcome": "Outcome", "home": "Case", "hash": "Row hash", "row_id": "Row", "sku": "SKU", "qty": "Pieces", "opened_at": "Opened", "book_rate": "Rate at booking",
    "returnless": "Stays with customer", "early_ok": "Refund before receipt allowed", "disputed": "Disputed", "instrument": "Instrument", "accepted_at": "Counted",
    "amount": "Amount", "state": "State", "at": "Made", "settled_at": "Settled", "settle_rate": "Rate at settlement", "kind": "Kind", "doc_ref": "Document",
    "posted_on": "Posted", "functional": "In {base}", "fx": "Exchange difference ({base})", "hash_hint": "Row hash: the first 16 digits of the SHA-256 of the row as it was matched.",
    "setting": "Setting", "setting_value": "Value", "rules_head": "Tolerances (config/matching.yaml)", "codes_head": "Result codes, the gravest first",
    "passes_head": "How rows find their case", "pass_1": "1  The row names the RMA, or is the refund that the case holds.", "pass_2": "2  Several refunds make up one case.",
    "pass_3": "3  One refund for several cases, if it makes up their sum.", "pass_4": "4  Same amount and currency, near date: a suggestion for a person, never booked.",
    "sign_hint": "I have read this workbook, and the differences are cleared or explained.", "role": "Role", "name": "Name", "date": "Date", "signature": "Signature",
    "prepared": "Prepared", "checked": "Checked", "approved": "Approved", "bot": "reconciliation bot", "none": "none", "nothing": "It matches: nothing to do.", "all_cases": "All cases of the match",
}  # fmt: skip
_ZH: dict[str, str] = {
    "title": "对账", "period": "退款自 {start} 起，截至 {now} UTC", "summary": "汇总", "matched_sheet": "已匹配",
    "exceptions_sheet": "差异", "orders": "订单", "receipts": "收货", "refunds": "退款", "ledger": "账务", "rules": "规则", "sign_off": "签核",
    "green": "绿灯  全部匹配，所有控制总额一致。",
    "amber": "黄灯  所有控制总额一致；{waiting} 个案件在途或已交人工。",
    "red": "红灯  {wrong} 项差异待处理；{untied} 项总额不一致；{problems} 行对账单待核实。",
    "by_code": "按结果代码", "by_currency": "按币种", "control": "控制总额：来源行数 = 已匹配 + 差异 + 剔除",
    "ties_head": "独立来源之间的核对", "excluded_head": "剔除的行及原因", "problems_head": "对账单中不一致之处",
    "code": "代码", "meaning": "建议处理", "cases": "案件数", "currency": "币种", "expected": "应退", "refunded": "已退", "credited": "已开红字",
    "difference": "差额", "leg": "数据源", "rows_in": "来源行数", "matched": "已匹配", "exceptions": "差异", "excluded": "剔除", "value_in": "来源金额",
    "value_matched": "已匹配金额", "value_exceptions": "差异金额", "value_excluded": "剔除金额", "ties": "一致", "yes": "是", "no": "否",
    "what": "内容", "rows_one": "行数（一）", "value_one": "金额（一）", "rows_other": "行数（二）", "value_other": "金额（二）", "rows": "行数", "value": "金额",
    "reason": "原因", "tie_settlement": "{program}：列表中已结算退款 = 结算文件", "tie_commits": "机器人提交的退款 = 支付程序中的退款",
    "tie_credit_notes": "ERP 已开红字发票 = 已过账红字", "tie_journals": "分录：借方 = 贷方",
    "tie_payable": "已过账案件的应付退款：应付 = 已付", "tie_receipts": "收货台清点件数 = 数据源件数",
    "rma": "RMA号", "order_no": "订单号", "how": "匹配方式", "exact": "参考号", "one_to_many": "多笔退款", "many_to_one": "一笔退多单", "why": "说明",
    "severity": "级别", "high": "高", "medium": "中", "low": "低", "age_days": "天数", "evidence": "证据", "advice": "建议处理",
    "suggestions": "可能属于", "owner": "负责人", "status": "状态", "note": "备注", "status_open": "已交人工：{what}", "status_asked": "本次提出：{what}",
    "status_answered": "{what} 已确认", "status_wait": "在途", "status_book": "在此处理", "owner_payments": "支付", "owner_warehouse": "仓库",
    "owner_books": "财务", "owner_none": "暂无",
    "hint_exceptions": "黄色单元格（负责人、状态、备注）可填写。下次运行会重写本文件：请另存副本后处理。",
    "outcome": "结果", "home": "案件", "hash": "行哈希", "row_id": "行号", "sku": "SKU", "qty": "件数", "opened_at": "开案", "book_rate": "入账汇率",
    "returnless": "客户保留", "early_ok": "允许先退款", "disputed": "争议金额", "instrument": "支付工具", "accepted_at": "清点时间",
    "amount": "金额", "state": "状态", "at": "提交时间", "settled_at": "结算时间", "settle_rate": "结算汇率", "kind": "类型", "doc_ref": "单据",
    "posted_on": "过账日", "functional": "{base} 金额", "fx": "汇兑差额（{base}）", "hash_hint": "行哈希：参与匹配的该行 SHA-256 的前 16 位。",
    "setting": "参数", "setting_value": "值", "rules_head": "容差（config/matching.yaml）", "codes_head": "结果代码（由重到轻）",
    "passes_head": "各行如何归入案件", "pass_1": "1  行内注明 RMA，或为案件所记录的退款。", "pass_2": "2  多笔退款合成一个案件。",
    "pass_3": "3  一笔退款对应多个案件，且金额等于其合计。", "pass_4": "4  金额与币种相同、日期相近：仅供人工参考，不入账。",
    "sign_hint": "本人已审阅本工作簿，差异均已处理或已说明。", "role": "角色", "name": "姓名", "date": "日期", "signature": "签名",
    "prepared": "编制", "checked": "复核", "approved": "批准", "bot": "对账机器人", "none": "无", "nothing": "一致，无需处理。", "all_cases": "参与匹配的全部案件",
}  # fmt: skip
CAPTIONS: dict[str, dict[str, str]] = {"en": _EN, "zh": _ZH}

_ADVICE_ZH: dict[Code, str] = {
    Code.DUP_REFUND: "追回重复退款，查明原因。",
    Code.OVER_REFUND: "追回差额，或记录多退的理由。",
    Code.CHARGEBACK_OVERLAP: "向卡组织提交退款证明。",
    Code.CURRENCY_MISMATCH: "与原收款核对，按原币种退款。",
    Code.INSTRUMENT_MISMATCH: "查明是谁允许了其他收款人。",
    Code.REFUND_NO_RECEIPT: "查找包裹；未寄回则追回退款。",
    Code.MISSED_REFUND: "立即退款，客户在等待。",
    Code.UNDER_REFUND: "补退差额，或记录扣款理由。",
    Code.QTY_MISMATCH: "重新清点，更正退货单或退款。",
    Code.LEDGER_DUP: "冲销重复的红字发票。",
    Code.LEDGER_AMOUNT: "冲销后更正红字发票。",
    Code.LEDGER_MISSING: "补记红字发票或付款。",
    Code.FX_UNEXPLAINED: "核对入账汇率与结算汇率。",
    Code.ORPHAN_REFUND: "找到所属案件，或追回退款。",
    Code.ORPHAN_RECEIPT: "查明是谁的包裹。",
    Code.ORPHAN_JOURNAL: "找到所属案件，或冲销分录。",
    Code.PERIOD_CUTOFF: "期末计提。",
    Code.TIMING_PENDING: "无需处理，仍在进行中。",
}


def advice(code: Code, captions: str) -> str:
    """What to do about a result; nothing for those that match."""
    if captions == "zh":
        return _ADVICE_ZH.get(code, "")
    return ADVICE[code][1] if code in ADVICE else ""
