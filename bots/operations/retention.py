"""How long evidence is kept: the folders of cases that were closed longer ago than the profile says are deleted. Events, journals and vouchers never are."""

from __future__ import annotations

import shutil
from datetime import timedelta

from loguru import logger

from bots.automation.evidence import safe_name
from bots.cases.store import Case
from bots.portals.desk import Desk

UNSETTLED = ("clicked", "needs_check")


def expire_evidence(desk: Desk) -> int:
    """Delete the evidence of cases closed more than `evidence_days` ago, with an event each; how many. With 0 all is kept for ever."""
    days = desk.config.suite.evidence_days
    if not days:
        return 0
    ago = desk.now - timedelta(days=days)
    old = [case for case in desk.store.cases() if case.closed_at is not None and case.closed_at < ago]
    deleted = sum(_expire(desk, case) for case in old)
    if deleted:
        logger.info("evidence of {} cases closed more than {} days ago was deleted", deleted, days)
    return deleted


def _expire(desk: Desk, case: Case) -> bool:
    folder = desk.evidence.root / safe_name(case.rma)
    if not folder.is_dir() or folder.is_symlink() or desk.store.open_exceptions(case) or any(row.state in UNSETTLED for row in desk.ledger.of_case(case)):
        return False
    files = [file for file in folder.rglob("*") if file.is_file()]
    # The event comes first: a stop in between leaves a folder that the next run deletes, never a deletion that nothing tells of.
    desk.store.note(case, "evidence_deleted", files=len(files), bytes=sum(file.stat().st_size for file in files), after_days=desk.config.suite.evidence_days)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        logger.error("evidence of {} cannot be deleted now, the next run tries again: {}", case.rma, error)
        return False
    return True
