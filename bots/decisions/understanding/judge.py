"""The judgement of one mail: cleaned, read by the lexicon and the embedding heads, and turned into facts a bot can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bots.decisions.understanding.codes import Found
from bots.decisions.understanding.entities import find_entities, find_quantity, find_wanted_size
from bots.decisions.understanding.folding import fold
from bots.decisions.understanding.heads import Judgement, judge_parts
from bots.decisions.understanding.labels import DEFAULT_PARTY, DETAIL_CODE, GROUP_CODE, OUTCOMELESS, REASONLESS, Intent, Outcome, Reason, Responsibility, Threat
from bots.decisions.understanding.language import detect
from bots.decisions.understanding.lexical import Evidence, weigh
from bots.decisions.understanding.order_numbers import best_guess
from bots.decisions.understanding.quotes import split_quote
from bots.decisions.understanding.results import Flag, MailText, Span, Understanding
from bots.decisions.understanding.security import Cleaned, asks_other_payee, clean, find_ibans, impersonates, visible

SURE_ENOUGH = 0.5
"""Below this share for the best intent a person decides; chosen on the training material, see `train`."""
NAMED_ALONE = 0.62
"""Confidence, at least, of a wish that the heads put first and that is the only one named outright."""
PLAIN_BEATS = 0.2
"""A reason named outright is believed against the heads when they give it this part of what they give their own."""
UNSAID = 0.7
"""A reason that no word names is believed in later mail and in complaints from this share on."""
TEXT_LIMIT = 6000
"""Characters judged; a longer mail is cut, its numbers are still found in all of it up to four times this."""


@dataclass(frozen=True)
class Parts:
    """A mail after cleaning."""

    subject: str
    text: str
    quote: str
    flags: tuple[Flag, ...]
    places: tuple[int, ...]
    """Where each character of `text` stands in the mail: invisible ones were taken out."""

    def by_name(self) -> Mapping[str, str]:
        return {"text": self.text[:TEXT_LIMIT], "subject": self.subject, "quote": self.quote[:1500]}


def prepare(mail: MailText) -> Parts:
    seen, places, hidden = visible(mail.text[: TEXT_LIMIT * 4])
    cleaned: list[Cleaned] = [clean(visible(mail.subject[:1000])[0]), clean(seen)]
    own, quote = split_quote(cleaned[1].text)
    later = clean(mail.quoted[: TEXT_LIMIT * 2])
    flags: list[Flag] = [*hidden, *impersonates(f"{mail.subject}\n{cleaned[1].text}")]
    for flag in (*cleaned[0].flags, *cleaned[1].flags, *later.flags):
        if flag not in flags:
            flags.append(flag)
    return Parts(cleaned[0].text, own, "\n".join(part for part in (quote, later.text) if part.strip()), tuple(flags), tuple(places))


def understand(mail: MailText, shapes: Sequence[str] = ()) -> Understanding:
    """What a careful reader takes from a mail.

    Args:
        mail: subject, the writer's own text, and the quoted history where the mail reader told them apart.
        shapes: regular expressions of the shop's own order numbers, beside the common forms.
    """
    parts = prepare(mail)
    language, _ = detect(f"{parts.subject}\n{parts.text}" if len(parts.text) < 40 else parts.text)
    evidence = weigh(parts.by_name(), language)
    judged = judge_parts(parts.by_name(), evidence)
    # A signature and a quote are read too: whoever wants the money elsewhere may write it anywhere.
    ibans = find_ibans(f"{parts.text}\n{parts.quote}")
    flags = _with_redirect(parts, ibans)
    intent, confidence = _intent(judged, evidence, flags, mail)
    reason, reason_confidence = _reason(judged, intent, evidence)
    orders, distractors = _orders(parts, shapes, intent)
    own = find_entities(parts.text, shapes)
    subject = find_entities(parts.subject, shapes)
    quoted = find_entities(parts.quote, shapes)
    outcome = None if intent in OUTCOMELESS else _outcome(intent, reason, judged, evidence)
    code = _code(intent, reason, evidence)
    why = _why(mail, parts, judged, intent, confidence, orders, ibans, flags, evidence)
    return Understanding(
        language=language,
        intent=intent,
        intent_confidence=round(confidence, 4),
        reason=reason,
        reason_confidence=round(reason_confidence, 4),
        reason_code=code,
        responsibility=_responsibility(intent, reason, evidence),
        outcome=outcome,
        order_numbers=orders,
        distractors=distractors,
        tracking_numbers=_values(own.parcels, subject.parcels)
        or (_values(quoted.parcels) if intent in (Intent.RETURN_STATUS, Intent.PROVIDES_INFORMATION) else []),
        skus=[sku for sku in _values(own.skus, subject.skus) or _values(quoted.skus)[:1] if not _same(sku, orders)],
        quantity=find_quantity(parts.text, language, own.taken),
        wanted_size=find_wanted_size(parts.text) or find_wanted_size(parts.subject) if outcome == Outcome.EXCHANGE else None,
        withdrawal_declared=evidence["withdrawal"] > 0 and intent == Intent.RETURN_REQUEST,
        ibans=ibans,
        security_flags=list(flags),
        spans=[_in_mail(span, parts, mail) for span in evidence.spans if span.label in (intent.value, reason.value if reason else "")],
        needs_person=bool(why),
        why=why,
        method=judged.method,
    )


def _in_mail(span: Span, parts: Parts, mail: MailText) -> Span:
    """The span at its place in the mail as it came."""
    if span.where != "text":
        return span
    start, end = parts.places[span.start], parts.places[span.end - 1] + 1
    return span.model_copy(update={"start": start, "end": end, "text": mail.text[start:end]})


def _values(*groups: Sequence[Found]) -> list[str]:
    return list(dict.fromkeys(found.value for group in groups for found in group))


def _with_redirect(parts: Parts, ibans: Sequence[str]) -> tuple[Flag, ...]:
    """The flags, with one for money that should go elsewhere."""
    text = f"{parts.subject}\n{parts.text}\n{parts.quote}"
    if asks_other_payee(text) and (
        ibans
        or re.search(
            r"refund|money|pay|geld|erstatt|rembours|argent|reembols|dinero|rimbors|soldi|denaro|terugbet|geld|zwrot|pieni|返金|退款|钱|払|bitcoin|crypto",
            fold(text),
        )
    ):
        named = f": {', '.join(ibans)}" if ibans else ""
        return (*parts.flags, Flag(kind=Threat.REFUND_REDIRECT, text=f"asks for the money somewhere else{named}"))
    return parts.flags


_REPLY = re.compile(r"^\s*(?:re|aw|antw|sv|odp|r|rif|回复|答复)\s?[::]", re.IGNORECASE)


def _intent(judged: Judgement, evidence: Evidence, flags: Sequence[Flag], mail: MailText) -> tuple[Intent, float]:
    if mail.auto_reply:
        return Intent.OTHER, 1.0
    best = max(judged.intents, key=lambda intent: judged.intents[intent])
    confidence = judged.intents[best]
    kinds = {flag.kind for flag in flags}
    request = evidence["return_request"] + evidence["exchange_request"] + evidence["refund_status"] + evidence["repair_request"]
    if Threat.IMPERSONATION in kinds and best != Intent.OTHER and evidence["reason_any"] == 0 and request < 3:
        return Intent.OTHER, max(0.6, confidence)
    if (
        Threat.REFUND_REDIRECT in kinds
        and evidence["reason_any"] == 0
        and not _REPLY.match(mail.subject)
        and best in (Intent.RETURN_REQUEST, Intent.PROVIDES_INFORMATION)
    ):
        # Somebody who only says where the refund should go speaks of a refund that is under way.
        return Intent.REFUND_STATUS, max(0.5, judged.intents[Intent.REFUND_STATUS])
    better = _plainly_wanted(best, evidence)
    if _named_alone(better, evidence):
        return better, max(NAMED_ALONE, judged.intents[better])
    return better, confidence if better == best else max(SURE_ENOUGH, judged.intents[better])


def _named_alone(intent: Intent, evidence: Evidence) -> bool:
    """Whether the writer's own words name this wish outright and no other."""
    return {wish for wish in Intent if evidence.own(wish.value) >= 2} == {intent}


def _plainly_wanted(best: Intent, evidence: Evidence) -> Intent:
    """Money asked for in plain words is a return and no exchange, and an exchange asked for in plain words is no return for money."""
    money, swap = evidence.own("refund") > 0 and evidence.own("return_request") >= 2, evidence.own("exchange_request") >= 2
    if best == Intent.COMPLAINT and (money or evidence.own("withdrawal") > 0) and evidence.own("complaint") == 0:
        return Intent.RETURN_REQUEST  # the subject says "complaint", as many say for a defect; or a withdrawal is declared in the law's stern words
    if best == Intent.REFUND_STATUS and money and evidence["reason_any"] >= 2 and evidence["refund_status"] == 0 and evidence["already_sent"] == 0:
        return Intent.RETURN_REQUEST
    if best == Intent.EXCHANGE_REQUEST and money and evidence.own("exchange_request") == 0:
        return Intent.RETURN_REQUEST
    if best == Intent.RETURN_REQUEST and swap and evidence["refund"] == 0 and evidence.own("return_request") < 2:
        return Intent.EXCHANGE_REQUEST
    return best


_LATER = frozenset({Intent.RETURN_STATUS, Intent.REFUND_STATUS, Intent.CANCEL_RETURN, Intent.PROVIDES_INFORMATION})
"""Mail about a return that is under way: its reason was given before and is named again only by the way."""


def _reason(judged: Judgement, intent: Intent, evidence: Evidence) -> tuple[Reason | None, float]:
    if intent in REASONLESS:
        return None, 1.0
    shares = dict(judged.reasons)
    if intent in (Intent.RETURN_STATUS, Intent.CANCEL_RETURN):
        shares.pop(Reason.NOT_DELIVERED)  # what went back had been delivered: it is the return that has "not arrived"
    elif intent in _LATER:
        shares[Reason.NOT_DELIVERED] *= 0.3
    best = _plainly_said(max(shares, key=lambda reason: shares[reason]), shares, evidence)
    if evidence["reason_any"] == 0 and shares[best] < UNSAID and (intent in _LATER or intent == Intent.COMPLAINT):
        best = Reason.UNSPECIFIED
    if intent == Intent.COMPLAINT and best == Reason.UNSPECIFIED:
        return None, shares[best]
    return best, shares[best]


def _plainly_said(best: Reason, shares: Mapping[Reason, float], evidence: Evidence) -> Reason:
    """The one reason that the words name outright, where the heads find it nearly as likely as theirs.

    Withdrawing is a right that needs no reason: beside a real reason it is not one.
    """
    said = [reason for reason in shares if evidence.own(reason.value) >= 2]
    if len(said) > 1 and Reason.CHANGED_MIND in said:
        said.remove(Reason.CHANGED_MIND)
    if len(said) != 1 or best == said[0]:
        return best
    withdrawn = best == Reason.CHANGED_MIND and evidence["withdrawal"] > 0
    return said[0] if shares[said[0]] > shares[best] * (0.01 if withdrawn else PLAIN_BEATS) else best


def _orders(parts: Parts, shapes: Sequence[str], intent: Intent) -> tuple[list[str], list[str]]:
    """Order numbers of the request, own text first; the subject's and the quote's where the text names none."""
    if intent == Intent.OTHER:
        own = find_entities(f"{parts.subject}\n{parts.text}", shapes)
        return [], _values(own.orders, own.distractors)
    own, subject = find_entities(parts.text, shapes), find_entities(parts.subject, shapes)
    orders, aside = _values(own.orders), _values(own.distractors)
    if orders:
        return orders, list(dict.fromkeys([*aside, *(value for value in _values(subject.orders) if not _same(value, orders))]))
    named = [value for value in _values(subject.orders) if not _same(value, aside)]
    if named:
        return named, aside
    guessed = best_guess([*subject.guesses, *own.guesses])
    if guessed:
        return guessed, aside
    history = find_entities(parts.quote, shapes)
    quoted = _values(history.orders) or best_guess(history.guesses)
    return quoted[:1], [*aside, *quoted[1:]]


def _same(value: str, known: Sequence[str]) -> bool:
    return any(value.strip("#") == other.strip("#") for other in known)


def _outcome(intent: Intent, reason: Reason | None, judged: Judgement, evidence: Evidence) -> Outcome:
    if evidence["keep_discount"] > 0 and evidence["keep_discount"] >= evidence["exchange_request"] and intent in (Intent.RETURN_REQUEST, Intent.COMPLAINT):
        return Outcome.PARTIAL_REFUND_KEEP
    if intent == Intent.EXCHANGE_REQUEST:
        return Outcome.EXCHANGE
    if intent == Intent.REPAIR_REQUEST:
        return Outcome.REPAIR
    if intent == Intent.REFUND_STATUS:
        return Outcome.REFUND
    if evidence["store_credit"] > 0 and intent == Intent.RETURN_REQUEST and evidence["refund"] <= evidence["store_credit"]:
        return Outcome.STORE_CREDIT
    if intent == Intent.RETURN_REQUEST:
        return Outcome.REFUND
    if intent == Intent.COMPLAINT:
        return Outcome.REFUND if evidence["refund"] > 0 or reason is not None else Outcome.UNSPECIFIED
    return Outcome.UNSPECIFIED


def _code(intent: Intent, reason: Reason | None, evidence: Evidence) -> str:
    if reason is None:
        return ""
    for label, (group, code) in DETAIL_CODE.items():
        rival = {"size_too_small": "size_too_large", "size_too_large": "size_too_small"}.get(label)
        if group == reason and evidence[label] > (evidence[rival] if rival else 0.0):
            return code
    return GROUP_CODE[reason]


def _responsibility(intent: Intent, reason: Reason | None, evidence: Evidence) -> Responsibility | None:
    if reason is None:
        return None
    if reason == Reason.DAMAGED_IN_TRANSIT and evidence["badly_packed"] > 0:
        return Responsibility.WAREHOUSE
    if reason == Reason.DEFECTIVE and evidence["own_fault"] > 0:
        return Responsibility.CUSTOMER
    return DEFAULT_PARTY[reason]


def _why(
    mail: MailText,
    parts: Parts,
    judged: Judgement,
    intent: Intent,
    confidence: float,
    orders: Sequence[str],
    ibans: Sequence[str],
    flags: Sequence[Flag],
    evidence: Evidence,
) -> str:
    """Why a person must look, in one sentence; empty where a bot may go on."""
    if mail.auto_reply:
        return ""
    kinds = {flag.kind for flag in flags}
    if ibans and intent != Intent.PROVIDES_INFORMATION:
        return "The mail names a bank account for the money; refunds go back the way they were paid."
    if ibans:
        return "The mail hands in bank details; a person must compare them with the payment."
    if Threat.REFUND_REDIRECT in kinds:
        return "The mail asks for the money somewhere else than where it came from."
    if Threat.IMPERSONATION in kinds:
        return "The mail claims to come from an authority, a manager or a payment service and asks for money or access."
    if Threat.DATA_THEFT in kinds and not _a_request(intent):
        return "The mail asks for other people's data."
    if not evidence.scores.get("any") and len(re.findall(r"[^\W\d_]+", f"{parts.subject} {parts.text}")) < 3:
        return "The mail says too little to act on it."
    if intent == Intent.OTHER:
        return "" if confidence >= SURE_ENOUGH else "It is not clear whether the mail asks for anything."
    if intent == Intent.COMPLAINT:
        return "A complaint, a dispute or a legal threat is answered by a person."
    if confidence < SURE_ENOUGH:
        second = sorted(judged.intents.items(), key=lambda pair: -pair[1])[1][0]
        return f"It is not clear whether the writer wants {_PLAIN[intent]} or {_PLAIN[second]}."
    if _a_request(intent) and evidence["cancel_return"] >= 2 and judged.intents[Intent.CANCEL_RETURN] > 0.25:
        return "The mail both asks for a return and takes it back."
    return ""


def _a_request(intent: Intent) -> bool:
    return intent in (Intent.RETURN_REQUEST, Intent.EXCHANGE_REQUEST, Intent.REPAIR_REQUEST)


_PLAIN = {
    Intent.RETURN_REQUEST: "to send the goods back",
    Intent.EXCHANGE_REQUEST: "an exchange",
    Intent.REPAIR_REQUEST: "a repair",
    Intent.RETURN_STATUS: "to know where the return is",
    Intent.REFUND_STATUS: "to know where the refund is",
    Intent.CANCEL_RETURN: "to cancel the return",
    Intent.PROVIDES_INFORMATION: "to hand in information",
    Intent.COMPLAINT: "to complain",
    Intent.ORDER_QUESTION: "an answer about the order",
    Intent.OTHER: "nothing",
}
