"""What goes into the judgement and what comes out of it. Everything is frozen: a judgement is evidence."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from bots.decisions.understanding.labels import Defect, Intent, NoteGrade, Outcome, Reason, Responsibility, Threat


class MailText(BaseModel):
    """A mail's words, with the quoted history already apart where the mail reader could tell it."""

    model_config = ConfigDict(frozen=True)

    subject: str = ""
    text: str
    quoted: str = ""
    from_address: str = ""
    attachments: list[str] = Field(default_factory=list)
    auto_reply: bool = False
    """The headers say that no person wrote it (Auto-Submitted, X-Autoreply, an empty return path)."""


class Span(BaseModel):
    """A piece of evidence: where in the mail's text it stands. `start` and `end` count characters of `MailText.text`;
    evidence from the subject or the quote has `where` set and counts there."""

    model_config = ConfigDict(frozen=True)

    label: str
    start: int
    end: int
    text: str
    where: str = "text"


class Flag(BaseModel):
    """Something in the mail that tries to steer the machine or the money."""

    model_config = ConfigDict(frozen=True)

    kind: Threat
    text: str
    """The words themselves, at most 200 characters: shown to a person, never acted upon."""


class Understanding(BaseModel):
    """What a careful reader takes from the mail."""

    model_config = ConfigDict(frozen=True)

    language: str
    """ISO 639-1: en, de, fr, es, it, nl, pl, ja or zh."""
    intent: Intent
    intent_confidence: float
    reason: Reason | None
    reason_confidence: float
    reason_code: str
    """Canonical detail of the reason, e.g. SIZE_TOO_SMALL; empty where there is no reason to give."""
    responsibility: Responsibility | None
    outcome: Outcome | None
    order_numbers: list[str]
    """As written, with '#'; only those the request is about."""
    distractors: list[str]
    """Order numbers mentioned for another reason."""
    tracking_numbers: list[str]
    """Upper case, without spaces and hyphens."""
    skus: list[str]
    quantity: int | None
    wanted_size: str | None
    """Of an exchange: the size asked for, e.g. 'L' or '42'."""
    withdrawal_declared: bool
    """The text declares the withdrawal from the contract (Dir. 2011/83/EU art. 11): it has effect from its arrival."""
    ibans: list[str]
    """Valid account numbers in what the writer wrote himself, without spaces."""
    security_flags: list[Flag]
    spans: list[Span]
    needs_person: bool
    why: str
    """Why a person must look, as one plain sentence; empty when none must."""
    method: str
    """`lexicon+embedding`, or `lexicon` where the embedding model could not be used; `+llm` where a language model has read it too."""


class NoteReading(BaseModel):
    """What an inspection note says about the goods."""

    model_config = ConfigDict(frozen=True)

    grade: NoteGrade
    defect: Defect
    resaleable: bool
    confidence: float
    spans: list[Span]
    method: str = "lexicon"
    """`lexicon+embedding`, `lexicon` where the words were read alone, `lexicon+llm` where a language model has read it too."""
