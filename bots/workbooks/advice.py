"""Advice of a language model in the exceptions workbook: beside questions that carry no suggestion of the bots' own, marked as what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bots.cases.errors import WorkException
from bots.cases.store import ExceptionRow
from bots.decisions.llm import Adviser
from bots.decisions.llm_advice import Matter, Ranked, Why, advise

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "begin": "Language model's view (decides nothing): ",
        "first": "`{action}` ({why})",
        "then": "; else ",
        Why.DEADLINE_NEAR: "the refund is due soon or late",
        Why.WAITS_LONG: "waits for a week or longer",
        Why.PARCEL_LOST: "the parcel is lost",
        Why.PARCEL_UNDER_WAY: "the parcel is under way",
        Why.GOODS_RECEIVED: "the goods are in",
        Why.GOODS_INSPECTED: "the goods are inspected",
        Why.CUSTOMS_HOLD: "customs hold the parcel",
        Why.ALREADY_REFUNDED: "the refund is made or under way",
        Why.REFUND_FAILED: "the refund has failed",
        Why.MONEY_FROZEN: "the money is frozen",
        Why.RULE_NOT_MET: "a rule is not met",
        Why.PROGRAM_FAILED: "a program failed",
        Why.NO_ORDER: "no order is known",
        Why.GRAVE: "grave",
        Why.MINOR: "a small matter",
    },
    "zh": {
        "begin": "语言模型的看法（不作决定）：",
        "first": "`{action}`（{why}）",
        "then": "；其次 ",
        Why.DEADLINE_NEAR: "退款即将到期或已逾期",
        Why.WAITS_LONG: "已等待一周以上",
        Why.PARCEL_LOST: "包裹丢失",
        Why.PARCEL_UNDER_WAY: "包裹在途",
        Why.GOODS_RECEIVED: "货物已收到",
        Why.GOODS_INSPECTED: "货物已质检",
        Why.CUSTOMS_HOLD: "海关扣留",
        Why.ALREADY_REFUNDED: "已退款或退款中",
        Why.REFUND_FAILED: "退款失败",
        Why.MONEY_FROZEN: "款项已冻结",
        Why.RULE_NOT_MET: "不符合规则",
        Why.PROGRAM_FAILED: "程序出错",
        Why.NO_ORDER: "没有已知订单",
        Why.GRAVE: "严重",
        Why.MINOR: "小事",
    },
}


def with_advice(
    rows: Sequence[ExceptionRow], adviser: Adviser | None, leads_somewhere: Callable[[ExceptionRow], Sequence[str]], captions: str, now: datetime
) -> list[ExceptionRow]:
    """The rows as they are shown: those without a suggestion of their own (with `always`: all) with a model's, where one is asked and its ranking checks out.

    Args:
        rows: open questions.
        adviser: whoever may be asked, or None.
        leads_somewhere: the answers that have an effect on a question.
        captions: en or zh.
        now: the present, UTC.
    """
    if adviser is None:
        return list(rows)
    shown = []
    for row in rows:
        wanted = adviser.always or unadvised(row)
        ranked = advise(adviser, matter_of(row, now), leads_somewhere(row), (row.case.customer_name,)) if wanted else ()
        shown.append(_with(row, ranked, captions) if ranked else row)
    return shown


def unadvised(row: ExceptionRow) -> bool:
    """Whether the bots say no more about a question than that somebody should look."""
    return not row.suggestion or row.advice in ("", WorkException.default_advice)


def matter_of(row: ExceptionRow, now: datetime) -> Matter:
    """A question and how its case stands."""
    case = row.case
    return Matter(
        code=row.code,
        what=row.what,
        rules=row.rules,
        severity=row.severity,
        technical=row.technical,
        freezes=row.freezes,
        money=row.amount_minor is not None,
        has_order=case.order_no is not None,
        age_days=(now - row.opened_at).days,
        days_left=(case.deadline_refund - now).days if case.deadline_refund is not None else None,
        request=case.request,
        parcel=case.parcel,
        customs=case.customs,
        inspection=case.inspection,
        refund=case.refund,
    )


def in_words(ranked: Iterable[Ranked], captions: str) -> str:
    """A ranking as one sentence for staff."""
    words = WORDS[captions]
    comma = "、" if captions == "zh" else ", "
    return words["begin"] + words["then"].join(
        words["first"].format(action=one.action, why=comma.join(words[why] for why in dict.fromkeys(one.why))) for one in ranked
    )


def _with(row: ExceptionRow, ranked: Sequence[Ranked], captions: str) -> ExceptionRow:
    """The row with the advice below its own; its suggestion stays where it has one."""
    return replace(row, suggestion=row.suggestion or ranked[0].action, advice="\n".join(filter(None, (row.advice, in_words(ranked, captions)))))
