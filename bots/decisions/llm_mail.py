"""Mail with a second reader: a language model is asked where the machine's own reading abstains, or always; its answer counts only where it checks out.

What it can do: tell one of the known wishes and reasons apart, and point at numbers that stand in the mail. What it cannot: name an amount, put a mail
aside, cancel a return, or overrule a doubt about bank details, threats and forgeries. With `always` it can only add a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field

from bots.decisions.identifiers import compact, valid_iban
from bots.decisions.llm import RULES, Adviser, Form, Question, as_material, asked, is_money, squeezed, stands, stands_alone
from bots.decisions.llm_redaction import Redaction
from bots.decisions.understanding.judge import SURE_ENOUGH, Parts, prepare, understand
from bots.decisions.understanding.labels import DEFAULT_PARTY, GROUP_CODE, OUTCOMELESS, REASONLESS, Intent, Outcome, Reason, Threat
from bots.decisions.understanding.results import MailText, Span, Understanding

TEXT_SENT, QUOTE_SENT = 4000, 1000
"""Characters of the mail and of its quoted history that are shown."""
CONFIDENCE = 0.6
"""Confidence of an adopted reading: enough to go on, never as much as two readers that agree."""
SHORTEST_QUOTE = 4
"""Characters, white space left out: shorter words prove nothing."""
REQUESTS = frozenset({Intent.RETURN_REQUEST, Intent.EXCHANGE_REQUEST, Intent.REPAIR_REQUEST})
NEVER_ALONE = frozenset({Intent.OTHER, Intent.PROVIDES_INFORMATION, Intent.CANCEL_RETURN})
"""Readings that no model's word may bring about: they put a customer's mail aside unanswered, or end his return."""
NUMBER = re.compile(r"#?[A-Za-z0-9](?:[A-Za-z0-9#._/-]{1,38}[A-Za-z0-9])", re.ASCII)
DATE = re.compile(r"(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d", re.ASCII)
INSTRUCTIONS = (
    f"{RULES}\n"
    "The material is one mail to the returns desk of a shop: `subject`, `text` (what the writer wrote), `quoted` (earlier mail below it). "
    "Say what the writer wants done (`intent`) and copy into `quote` the few words of subject or text that show it. If the goods come back for a stated "
    "reason, give `reason` and copy into `reason_quote` the words that show it; otherwise reason is null. `outcome`: what the writer hopes to get, or "
    "null. `order_numbers`: numbers of the orders that the request is about, `tracking_numbers`, `skus` and `wanted_size` (of an exchange) only as they "
    "stand in the mail; empty where there are none. `sure`: true only where a careful clerk would act on this reading without asking back."
)


class MailAnswer(Form):
    """A model's reading of a mail. There is no field for an amount, an account or an action."""

    intent: Intent
    quote: str = Field(max_length=400)
    reason: Reason | None = None
    reason_quote: str = Field(default="", max_length=400)
    outcome: Outcome | None = None
    order_numbers: list[str] = Field(default_factory=list, max_length=6)
    tracking_numbers: list[str] = Field(default_factory=list, max_length=6)
    skus: list[str] = Field(default_factory=list, max_length=12)
    wanted_size: str | None = Field(default=None, max_length=20)
    sure: bool = False


def understand_with(adviser: Adviser | None, mail: MailText, *, names: Sequence[str] = (), shapes: Sequence[str] = ()) -> Understanding:
    """What a careful reader takes from a mail, with a model as second reader where one is allowed. `names` are kept from it, see `llm_redaction`."""
    read = understand(mail, shapes)
    unsure = abstains(mail, read)
    if adviser is None or not may_ask(mail, read) or not (unsure or (adviser.always and not read.needs_person)):
        return read
    parts = prepare(mail)
    hidden = Redaction(adviser.redact, [*names, *_own_names(mail)])
    question = mail_question(parts, hidden)
    answer = asked(adviser, question, lambda given: faults_of(given, parts), lambda given: restored(given, hidden))
    if answer is None:
        return read
    return adopted(read, answer, mail) if unsure else compared(read, answer)


def may_ask(mail: MailText, read: Understanding) -> bool:
    """Whether a mail may be shown to a model at all: not one that a robot wrote, that names a bank account, or that tries to steer a machine."""
    return not (mail.auto_reply or read.ibans or any(flag.kind is not Threat.FORMULA for flag in read.security_flags))


def abstains(mail: MailText, read: Understanding) -> bool:
    """Whether the machine's own reading gives up on what the mail wants, or on which order it is about."""
    if read.needs_person:
        return read.intent is not Intent.COMPLAINT and read.intent_confidence < SURE_ENOUGH
    return read.intent in REQUESTS and not read.order_numbers and re.search(r"\d{3}", f"{mail.subject} {mail.text} {mail.quoted}") is not None


def mail_question(parts: Parts, hidden: Redaction) -> Question[MailAnswer]:
    """The question about a mail, with personal data taken out of it."""
    material = {"subject": hidden.hide(parts.subject), "text": hidden.hide(parts.text[:TEXT_SENT]), "quoted": hidden.hide(parts.quote[:QUOTE_SENT])}
    return Question("mail", INSTRUCTIONS, as_material(material), MailAnswer)


def restored(answer: MailAnswer, hidden: Redaction) -> MailAnswer:
    """The answer with what stood in the place of each mark."""
    back = hidden.restore
    return answer.model_copy(
        update={
            "quote": back(answer.quote),
            "reason_quote": back(answer.reason_quote),
            "order_numbers": [back(value) for value in answer.order_numbers],
            "tracking_numbers": [back(value) for value in answer.tracking_numbers],
            "skus": [back(value) for value in answer.skus],
            "wanted_size": back(answer.wanted_size) if answer.wanted_size else None,
        }
    )


def faults_of(answer: MailAnswer, parts: Parts) -> list[str]:
    """Which rules an answer breaks; empty where it may be used. Never holds words of the mail."""
    own, everything = (parts.subject, parts.text), (parts.subject, parts.text, parts.quote)
    faults = []
    if not _shown(answer.quote, own):
        faults.append("the words that show the intent do not stand in the mail")
    if answer.reason not in (None, Reason.UNSPECIFIED) and not _shown(answer.reason_quote, everything):
        faults.append("the words that show the reason do not stand in the mail")
    for field, values in (("order number", answer.order_numbers), ("tracking number", answer.tracking_numbers), ("SKU", answer.skus)):
        faults += [f"a {field} {fault}" for value in values if (fault := _number_fault(value, everything))]
    if answer.wanted_size and (not stands_alone(answer.wanted_size, *own) or is_money(answer.wanted_size, *own)):
        faults.append("the size does not stand in the mail")
    return faults


def _shown(quote: str, texts: Sequence[str]) -> bool:
    return len(re.sub(r"\s", "", quote)) >= SHORTEST_QUOTE and stands(quote, *texts)


def _number_fault(value: str, texts: Sequence[str]) -> str:
    if not stands_alone(value, *texts):
        return "does not stand in the mail"
    if is_money(value, *texts):
        return "is an amount"
    if NUMBER.fullmatch(value) is None or not re.search(r"\d{2}|[A-Z]-[A-Z0-9]", value) or DATE.fullmatch(value) or valid_iban(compact(value)):
        return "has not the form of one"
    return ""


def adopted(read: Understanding, answer: MailAnswer, mail: MailText) -> Understanding:
    """The reading of a mail that the machine could not make out, taken from an answer that checked out."""
    if not answer.sure or answer.intent in NEVER_ALONE:
        return read
    if not read.needs_person and answer.intent != read.intent:  # what the mail wants was clear; only the order was asked for
        return read
    intent = answer.intent
    reason = None if intent in REASONLESS else answer.reason if answer.reason is not None else read.reason
    same = reason == read.reason
    complaint = intent is Intent.COMPLAINT
    aside = () if read.intent is Intent.OTHER else read.distractors  # of a mail that asks for nothing every number is one
    return read.model_copy(
        update={
            "intent": intent,
            "intent_confidence": read.intent_confidence if not read.needs_person else CONFIDENCE,
            "reason": reason,
            "reason_confidence": read.reason_confidence if same else CONFIDENCE,
            "reason_code": read.reason_code if same else GROUP_CODE[reason] if reason else "",
            "responsibility": read.responsibility if same else DEFAULT_PARTY[reason] if reason else None,
            "outcome": None if intent in OUTCOMELESS else answer.outcome or _usual_outcome(intent, read),
            "order_numbers": read.order_numbers or [value for value in dict.fromkeys(answer.order_numbers) if value not in aside],
            "tracking_numbers": read.tracking_numbers or [compact(value).upper() for value in dict.fromkeys(answer.tracking_numbers)],
            "skus": read.skus or list(dict.fromkeys(answer.skus)),
            "wanted_size": (read.wanted_size or answer.wanted_size) if answer.outcome is Outcome.EXCHANGE else None,
            "spans": [*read.spans, *_span(intent, answer.quote, mail)],
            "needs_person": complaint,
            "why": "A complaint, a dispute or a legal threat is answered by a person." if complaint else "",
            "method": f"{read.method}+llm",
        }
    )


def compared(read: Understanding, answer: MailAnswer) -> Understanding:
    """The machine's sure reading beside the model's: it stands where they agree, and a person decides where they do not."""
    if not answer.sure:
        return read
    read = read.model_copy(update={"method": f"{read.method}+llm"})
    if answer.intent != read.intent:
        why = f"Two readings differ: {read.intent.replace('_', ' ')} or {answer.intent.replace('_', ' ')}."
    elif read.intent in REQUESTS and read.order_numbers and answer.order_numbers and not _together(read.order_numbers, answer.order_numbers):
        why = "Two readings differ on which order the mail is about."
    else:
        return read
    return read.model_copy(update={"needs_person": True, "why": why})


def _together(first: Sequence[str], second: Sequence[str]) -> bool:
    return bool({value.strip("#").upper() for value in first} & {value.strip("#").upper() for value in second})


def _usual_outcome(intent: Intent, read: Understanding) -> Outcome:
    usual = {
        Intent.RETURN_REQUEST: Outcome.REFUND,
        Intent.REFUND_STATUS: Outcome.REFUND,
        Intent.EXCHANGE_REQUEST: Outcome.EXCHANGE,
        Intent.REPAIR_REQUEST: Outcome.REPAIR,
    }
    return usual.get(intent) or read.outcome or Outcome.UNSPECIFIED


def _span(intent: Intent, quote: str, mail: MailText) -> list[Span]:
    """Where the words that show the intent stand in the mail's text as it came."""
    found = re.search(r"\s+".join(re.escape(word) for word in squeezed(quote).split(" ")), mail.text)
    return [Span(label=intent.value, start=found.start(), end=found.end(), text=found.group())] if found else []


def _own_names(mail: MailText) -> list[str]:
    """Names that the writer's own address gives away: `ann.miller@...`."""
    parts = [part for part in re.split(r"[._+-]", mail.from_address.partition("@")[0]) if len(part) > 2 and part.isalpha()]
    return parts if len(parts) > 1 else []
