"""A mailbox in memory for tests of what the mails hold: the real one is tested by tests/test_mailbox.py."""

from __future__ import annotations

from collections.abc import Sequence

from bots.portals.mailbox import RawMail


class Post:
    """A mailbox with these mails in its inbox; remembers where each was moved."""

    def __init__(self, mails: Sequence[bytes | RawMail]) -> None:
        self.inbox = [
            mail if isinstance(mail, RawMail) else RawMail(folder="INBOX", uidvalidity=1, uid=number, raw=mail, size=len(mail))
            for number, mail in enumerate(mails, 1)
        ]
        self.moved: dict[int, str] = {}

    def new_mail(self, folder: str) -> list[RawMail]:
        return [mail for mail in self.inbox if mail.uid not in self.moved]

    def move(self, mail: RawMail, folder: str) -> None:
        self.moved[mail.uid] = folder
