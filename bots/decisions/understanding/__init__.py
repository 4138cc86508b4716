"""Reading mails and inspection notes: what the writer wants, why, and about which order. No network, no randomness."""

from __future__ import annotations

from bots.decisions.understanding.judge import understand
from bots.decisions.understanding.labels import Defect, Intent, NoteGrade, Outcome, Reason, Responsibility, Threat
from bots.decisions.understanding.notes import read_note
from bots.decisions.understanding.results import Flag, MailText, NoteReading, Span, Understanding

__all__ = [
    "Defect",
    "Flag",
    "Intent",
    "MailText",
    "NoteGrade",
    "NoteReading",
    "Outcome",
    "Reason",
    "Responsibility",
    "Span",
    "Threat",
    "Understanding",
    "read_note",
    "understand",
]
