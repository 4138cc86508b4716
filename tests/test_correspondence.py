"""Answers and further mail: each letter is checked against the case, so many a day and no more, and what a customer tells moves the case on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from bots import cli
from bots.cases import threads
from bots.cases.clock import FixedClock
from bots.cases.model import OrderLine, ReturnRequest
from bots.cases.money import Money
from bots.cases.store import Case, Store
from bots.decisions.policy import PolicyRules
from bots.exceptions import Exceptions
from bots.intake import Intake
from bots.replies import Replies
from bots.review import Review
from bots.workbooks.letters import KINDS, LANGUAGES, Letter, LetterFaulty, Truth, check_truth, moment_text, write_letter
from tests.shelf import a_desk, a_round, an_order

ORDER, OTHER = "DE-2026-300001", "DE-2026-300002"
ANN = "Ann Lee <ann@example.org>"
LAMP = OrderLine(line_no=1, sku="LMP-DSK-BLK", name="Desk Lamp", category="home", qty=2, unit_gross=8990, tax_bp=1900)
MUG = OrderLine(line_no=2, sku="MUG-BLUE", name="Enamel Mug", category="home", qty=1, unit_gross=1290, tax_bp=1900)
WISH = f"I would like to return the lamp from order {ORDER}, it arrived broken. Please refund me."
DEFECT = f"The lamp from order {ORDER} is defective, it does not light. I want to return it and get a refund."
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


class Desk:
    """A desk with its programs in memory, and a customer who writes."""

    def __init__(self, store: Store, folder: Path, clock: FixedClock, **mailbox: Any) -> None:
        self.desk, self.shelf, self.counter = a_desk(store, folder, [an_order(ORDER), an_order(OTHER)], **mailbox)
        self.store, self.clock, self.count = store, clock, 0

    @property
    def orders(self) -> dict[str, Any]:
        return self.shelf.orders

    def hears(self, text: str, subject: str = "My return", sender: str = ANN, *, to: EmailMessage | None = None, photo: bool = False, **more: Any) -> list[str]:
        """A mail arrives and is worked; the kinds of the answers that leave."""
        self.count += 1
        self.clock.forward(timedelta(minutes=1))
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, "returns@seller.example", subject, format_datetime(self.clock.now())
        mail["Message-ID"] = f"<{self.count}@mail.example>"
        if to is not None:
            mail["In-Reply-To"], mail["References"] = to["Message-ID"], f"{to['References'] or ''} {to['Message-ID']}".strip()
        mail.set_content(text)
        if photo:
            mail.add_attachment(PNG, maintype="image", subtype="png", filename="lamp.png")
        self.counter.arrive(mail.as_bytes(), **more)
        return self.works()

    def works(self) -> list[str]:
        before = len(self.counter.sent)
        a_round(self.desk, (Intake(), Review(), Replies()))
        return [str(letter["Message-ID"]).split(".")[1] for letter in self.counter.sent[before:]]

    @property
    def last(self) -> EmailMessage:
        return self.counter.sent[-1]

    def case(self, order_no: str = ORDER) -> Case:
        found = self.store.case_of_order(order_no)
        assert found is not None
        return found

    def questions(self) -> list[str]:
        return [row.code for row in self.store.open_exceptions()]

    def verdict(self, case: Case) -> str:
        return str(self.store.messages_of(case)[-1].verdict)

    def policy(self, **changes: Any) -> None:
        self.desk.__dict__["policy"] = self.desk.config.load("policy", PolicyRules).model_copy(update=changes)


@pytest.fixture
def at(store: Store, tmp_path: Path, clock: FixedClock) -> Desk:
    return Desk(store, tmp_path, clock)


@pytest.fixture
def granted(at: Desk) -> Desk:
    assert at.hears(WISH) == ["approved"]
    return at


def ask(desk: Any, answer: dict[str, str], code: str = "") -> str:
    """Staff answer the one open question (or the one of this code) in the workbook; the receipt."""
    a_round(desk, (Exceptions(),))
    book = load_workbook(desk.config.workspace / "out" / "exceptions.xlsx")
    sheet = book.worksheets[0]
    places = {str(cell.value): cell.column for cell in sheet[3] if cell.value}
    rows = [row for row in range(5, sheet.max_row + 1) if sheet.cell(row, places["exception_id"]).value and code in ("", sheet.cell(row, places["code"]).value)]
    assert len(rows) == 1, rows
    for key, value in answer.items():
        sheet.cell(rows[0], places[key]).value = value
    number = len(list(desk.config.file("in", "x").parent.glob("exceptions-*.xlsx")))
    book.save(desk.config.file("in", f"exceptions-{number}.xlsx"))
    a_round(desk, (Exceptions(),))
    return str((desk.config.workspace / "out" / f"exceptions-{number}-receipt.txt").read_text(encoding="utf-8"))


# -- each letter is checked against the case ---------------------------------------------------------------------------------
FACTS: dict[str, Any] = {
    "rma": "RMA-2610-00007", "order_no": ORDER, "name": "Anna Weiß", "state": "LABEL_ISSUED", "parcel": "awaited", "customs": "none", "refund": "refunded",
    "carrier": "SwiftParcel", "tracking_no": "7153002894", "items": {"JKT-M": "Jacke 2 in 1", "MUG-7": "Tasse"}, "lines": [["JKT-M", 2]], "refused": ["MUG-7"],
    "opened_at": datetime(2026, 10, 5, tzinfo=UTC), "received_at": datetime(2026, 10, 4, 22, 30, tzinfo=UTC), "country": "JP", "declaration": "I withdraw, 100 %",
    "seller": "Nordlicht 24", "return_address": "Messe-Allee 12, 04356 Leipzig", "exchange": False, "rules": ["P05"], "delivered": "2026-08-01",
    "replacement_no": "RP-2026-000001", "sku": "JKT-L", "amount_minor": 123450, "currency": "EUR", "refunded_at": datetime(2026, 10, 12, tzinfo=UTC),
}  # fmt: skip
TRUTH = Truth(
    rma="RMA-2610-00007", order_no=ORDER, name="Anna Weiß", seller="Nordlicht 24", return_address="Messe-Allee 12, 04356 Leipzig",
    numbers=("SwiftParcel", "7153002894", "RP-2026-000001", "JKT-L"), lines=(("JKT-M", "Jacke 2 in 1", 2), ("MUG-7", "Tasse", 1)),
    amounts=(Money(minor=123450, currency="EUR"),), days=(FACTS["opened_at"].date(), FACTS["refunded_at"].date(), datetime(2026, 8, 1, tzinfo=UTC).date()),
    moments=(FACTS["received_at"],), country="JP", words=("I withdraw, 100 %",),
)  # fmt: skip


def of_kind(kind: str) -> tuple[dict[str, Any], Truth]:
    """Facts and truth; a sender whose order is not known has neither name nor order."""
    if kind != "ask_order":
        return FACTS, TRUTH
    return FACTS | {"order_no": "", "name": ""}, Truth(rma=TRUTH.rma, seller=TRUTH.seller, moments=TRUTH.moments, country="JP")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_true_letter_may_leave(kind: str, language: str) -> None:
    facts, truth = of_kind(kind)
    check_truth(write_letter(kind, language, facts), truth)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "lie"),
    [
        ("refunded", {"amount_minor": 123451}), ("refunded", {"currency": "USD"}), ("status", {"refunded_at": datetime(2026, 10, 13, tzinfo=UTC)}),
        ("approved", {"tracking_no": "7153002895"}), ("approved", {"lines": [["JKT-M", 3]]}), ("approved", {"lines": [["JKT-XL", 1]]}),
        ("approved", {"return_address": "Hehlergasse 3, 1010 Wien"}), ("rejected", {"delivered": "2026-08-02"}), ("exchanged", {"sku": "JKT-L-2"}),
        ("spare_part", {"replacement_no": "RP-2026-000002"}), ("withdrawn", {"received_at": datetime(2026, 10, 4, 22, 31, tzinfo=UTC)}),
        ("withdrawn", {"declaration": "I withdraw, 200 %"}), ("cancelled", {"name": "Bernd Blau"}), ("status", {"rma": "RMA-2610-00008"}),
        ("ask_article", {"items": {"JKT-M": "Jacke 2 in 1", "MUG-8": "Tasse"}}), ("cancelled", {"seller": "see https://evil.example"}),
        ("cancelled", {"seller": "write to me@evil.example"}), ("cancelled", {"seller": "{{ seller }}"}), ("ask_order", {"received_at": datetime(2026, 9, 1, tzinfo=UTC)}),
    ],
)  # fmt: skip
def test_a_letter_that_says_anything_else_is_stopped(kind: str, lie: dict[str, Any], language: str) -> None:
    facts, truth = of_kind(kind)
    with pytest.raises(LetterFaulty):
        check_truth(write_letter(kind, language, facts | lie), truth)


def test_the_check_reads_the_finished_text_and_says_what_is_wrong() -> None:
    letter = write_letter("status", "en", FACTS)
    with pytest.raises(LetterFaulty, match="a number that is not the case's: '99'"):
        check_truth(Letter(language="en", subject=letter.subject, body=letter.body.replace("thank you", "thank you 99 times")), TRUTH)
    with pytest.raises(LetterFaulty, match="currency"):
        check_truth(Letter(language="en", subject=f"{letter.subject} €", body=letter.body), TRUTH)


@pytest.mark.parametrize(
    ("language", "country", "shown"),
    [
        ("de", "DE", "5. Oktober 2026, 11:03 (UTC+2)"),
        ("en", "GB", "5 October 2026, 10:03 (UTC+1)"),
        ("ja", "JP", "2026年10月5日 18:03 (UTC+9)"),
        ("en", "US", "5 October 2026, 05:03 (UTC-4)"),
    ],
)
def test_a_moment_is_told_in_the_customers_time(language: str, country: str, shown: str) -> None:
    assert moment_text(datetime(2026, 10, 5, 9, 3, tzinfo=UTC), language, country) == shown


@pytest.mark.parametrize(
    "facts", [{"lines": [["SECRET-1", 1]]}, {"lines": [["LMP-DSK-BLK", 7]]}, {"return_address": "Hehlergasse 3, Wien"}, {"tracking_no": "7153099999"}]
)
def test_what_was_queued_is_not_believed(granted: Desk, facts: dict[str, Any]) -> None:
    """The letter is made of what was queued; the truth is read from the records anew."""
    granted.store.queue_reply(granted.case(), "approved", topic="<x@y>", **{"lines": [], "refused": [], "exchange": False, **facts})
    assert granted.works() == [] and granted.questions() == ["reply_differs"]
    (row,) = granted.store.open_exceptions()
    assert "was not sent: it holds a number" in row.what or "was not sent: it holds" in row.what
    assert granted.store.replies_of(granted.case())[-1].state == "held" and granted.works() == []


def test_an_answer_goes_to_the_orders_buyer_or_not_at_all(granted: Desk) -> None:
    granted.store.change(granted.case(), "x", customer_email="thief@evil.example")
    granted.store.queue_reply(granted.case(), "status", topic="<x@y>")
    assert granted.works() == [] and granted.questions() == ["reply_differs"] and len(granted.counter.sent) == 1


# -- so many and no more -------------------------------------------------------------------------------------------------------
def test_two_programs_that_answer_each_other_come_to_an_end(store: Store, tmp_path: Path, clock: FixedClock) -> None:
    at = Desk(store, tmp_path, clock, answers_a_day=4)
    at.hears(WISH)
    asked = [at.hears(f"Thank you for your message. Where is my refund for order {ORDER}? When will I get my money?", to=at.last) for _ in range(6)]
    assert asked == [["status"]] * 3 + [[]] * 3 and at.questions() == ["answer_limit"]
    assert [row.state for row in store.replies_of(at.case())].count("held") == 3
    clock.forward(timedelta(hours=25))
    assert at.hears(f"Where is my refund for order {ORDER}?", to=at.last) == ["status"], "the next day there is room again"
    store.queue_reply(at.case(), "cancelled")
    assert at.works() == ["cancelled"], "what happened to the case is told whatever was asked before"


def test_a_thread_has_an_end_too(store: Store, tmp_path: Path, clock: FixedClock) -> None:
    at = Desk(store, tmp_path, clock, answers_a_thread=2, answers_a_day=99)
    at.hears(WISH)
    for _ in range(3):
        at.clock.forward(timedelta(days=2))
        at.hears(f"Where is my refund for order {ORDER}?", to=at.last)
    assert len(at.counter.sent) == 3 and at.questions() == ["answer_limit"]
    at.desk.config.suite = at.desk.config.suite.model_copy(update={"mailbox": at.desk.config.suite.mailbox.model_copy(update={"answers_a_thread": 9})})
    assert "taken" in ask(at.desk, {"decision": "retry", "by": "Li"}) and at.works() == ["status"] and at.questions() == []


# -- a person takes a thread over ------------------------------------------------------------------------------------------------
def test_a_person_takes_a_thread_over_and_gives_it_back(granted: Desk) -> None:
    granted.hears(f"This is a disgrace, I will go to my lawyer about order {ORDER}!")
    assert granted.questions() == ["mail_complaint"]
    assert "taken" in ask(granted.desk, {"decision": "take_over", "by": "Zhou Min", "note": "I call her"})
    assert granted.questions() == ["mail_complaint", "thread_taken"]
    assert granted.hears(f"Where is my refund for order {ORDER}?", to=granted.last) == [], "the bots are silent"
    assert granted.store.replies_of(granted.case())[-1].state == "held" and granted.case().request == "approved", "and go on with the case"
    taken = next(row for row in granted.store.open_exceptions() if row.code == "thread_taken")
    assert "Zhou Min" in taken.what
    assert "leads nowhere here" in ask(granted.desk, {"decision": "approve", "by": "Li"}, "thread_taken")
    assert "taken" in ask(granted.desk, {"decision": "close", "by": "Li"}, "thread_taken")
    assert granted.questions() == ["mail_complaint"] and granted.case().request == "approved"
    assert granted.hears(f"Where is my refund for order {ORDER}?", to=granted.last) == ["status"]


def test_a_thread_is_taken_from_the_command_line(granted: Desk) -> None:
    def call(*arguments: str) -> tuple[int, str]:
        outcome = CliRunner().invoke(cli.app, ["--config", str(granted.desk.config.folder), "--profile", "tiny", "take", *arguments])
        return outcome.exit_code, outcome.output

    from bots.operations.office import open_store

    there = open_store(granted.desk.config, "x")  # the command line works on the profile's own store
    case, _ = there.open_case(ORDER, channel="mail", intent="return_request")
    there.queue_reply(case, "status")
    assert call(ORDER, "--by", "Li")[0] == 0 and threads.taken(there, case) and there.replies("queued") == []
    assert call(case.rma)[0] == 0 and [row.code for row in there.open_exceptions()] == ["thread_taken"]
    assert call(case.rma, "--back")[0] == 0 and not threads.taken(there, case)
    assert call("RMA-0000-00000")[0] != 0


# -- what is missing, and what brings it ------------------------------------------------------------------------------------------
def test_a_photo_that_is_asked_for_moves_its_case_on(at: Desk) -> None:
    at.policy(photo_for=("DEFECTIVE", "DAMAGED_IN_TRANSIT"))
    assert at.hears(DEFECT) == ["ask_photo"] and at.case().request == "need_info"
    assert at.hears("Here is the photo.", "Re: photo", to=at.last, photo=True) == ["approved"]
    assert at.verdict(at.case()) == "answered" and at.store.need(at.case(), "request", ReturnRequest).attachments == 1


def test_what_is_asked_once_is_not_asked_twice(at: Desk) -> None:
    at.policy(photo_for=("DEFECTIVE", "DAMAGED_IN_TRANSIT"))
    at.hears(DEFECT)
    assert at.hears("I have no camera.", "Re: photo", to=at.last) == [] and at.questions() == ["photo_missing"]
    assert "taken" in ask(at.desk, {"decision": "approve", "by": "Li"})
    assert at.works() == ["approved"], "a person may do without"


@pytest.mark.parametrize("order_known", [True, False])
def test_who_does_not_answer_is_left_to_a_person(at: Desk, order_known: bool) -> None:
    at.orders[ORDER] = an_order(ORDER, LAMP, MUG)
    text = (
        f"It arrived broken, I want to return it and get a refund. Order {ORDER}."
        if order_known
        else "It arrived broken. I want to return it and get a refund."
    )
    assert at.hears(text) == ["ask_article" if order_known else "ask_order"]
    at.clock.forward(timedelta(days=4))
    assert at.works() == [] and at.questions() == []
    at.clock.forward(timedelta(days=1))
    assert at.works() == [] and at.questions() == ["article_unclear" if order_known else "mail_return_request"]
    assert at.works() == [] and len(at.questions()) == 1


def test_the_answer_of_somebody_else_moves_nothing(at: Desk) -> None:
    assert at.hears("My lamp arrived broken. I want to return it and get a refund.") == ["ask_order"]
    at.hears(f"The order number is {ORDER}.", sender="Thief <thief@evil.example>", to=at.last)
    assert at.questions() == ["mail_of_a_stranger"] and at.store.case_of_order(ORDER) is None


def test_whoever_names_an_order_that_is_not_theirs_learns_nothing(at: Desk) -> None:
    at.hears("My lamp arrived broken. I want to return it and get a refund.", sender="Thief <thief@evil.example>")
    at.hears(f"The order number is {ORDER}.", sender="Thief <thief@evil.example>", to=at.last)
    assert at.questions() == ["not_the_buyer"] and [str(letter["To"]) for letter in at.counter.sent] == ["thief@evil.example"]


def test_the_order_of_a_case_that_runs_joins_it(granted: Desk) -> None:
    assert granted.hears("My lamp arrived broken. I want to return it and get a refund.") == ["ask_order"]
    assert granted.hears(f"The order number is {ORDER}.", to=granted.last) == []
    assert len(granted.store.cases(open_only=True)) == 2 and granted.store.close_finished() == 1 and granted.case().request == "approved"


@pytest.mark.parametrize("known", [False, True])
def test_a_customers_parcel_number_is_followed_unless_it_is_anothers(granted: Desk, known: bool) -> None:
    label = granted.case().tracking_no
    if known:
        granted.hears(WISH.replace(ORDER, OTHER))
    number = granted.case(OTHER).tracking_no if known else "7153009999"
    granted.hears(f"I have sent the parcel for order {ORDER}, the tracking number is {number}.")
    assert granted.case().tracking_no == (label if known else number)


def test_the_parcel_that_brought_the_goods_is_not_their_way_back(at: Desk) -> None:
    at.orders[ORDER] = an_order(ORDER, out_tracking="7153000077")
    at.hears(WISH)
    label = at.case().tracking_no
    at.hears(f"Where is my return? Order {ORDER}, the tracking number was 7153000077.")
    assert at.case().tracking_no == label and label in at.last.get_content()


def test_the_account_the_order_was_paid_from_answers_the_banks_question(granted: Desk) -> None:
    granted.store.open_exception(granted.case(), "refunds", "payee_unknown", "The bank knows no payee.", freezes=True)
    paid_from = granted.orders[ORDER].payer_iban
    granted.hears(f"As you asked, here is the information for order {ORDER}: my bank account, from which I paid, is {paid_from}.")
    assert granted.questions() == [], "the refunds bot looks again"
    granted.hears(f"As you asked, here is the information for order {ORDER}: my new bank account is GB33BUKB20201555555555.")
    assert granted.questions() == ["new_bank_details"]


def test_news_while_a_question_is_open_reach_the_person(granted: Desk) -> None:
    granted.store.open_exception(granted.case(), "receiving", "receipt_contradicts", "Another article lay in the box.")
    granted.hears(f"As you asked, here is the photo of the lamp for order {ORDER}.", photo=True)
    assert granted.questions() == ["receipt_contradicts", "mail_provides_information"] and granted.case().request == "approved"


# -- changes of mind ---------------------------------------------------------------------------------------------------------------
SWAP = f"I would rather exchange the lamp from order {ORDER} for a new one of the same kind. Please send me a replacement instead, as an exchange."


def test_another_wish_counts_while_nothing_is_decided(at: Desk) -> None:
    at.policy(photo_for=("DEFECTIVE", "DAMAGED_IN_TRANSIT"))
    assert at.hears(DEFECT) == ["ask_photo"]
    at.store.change(at.case(), "x", request="new")
    mail = EmailMessage()
    mail["From"], mail["Message-ID"], mail["Subject"] = ANN, "<swap@mail.example>", "Exchange"
    mail.set_content(SWAP)
    at.counter.arrive(mail.as_bytes())
    a_round(at.desk, (Intake(),))
    request = at.store.need(at.case(), "request", ReturnRequest)
    assert (request.intent, at.case().intent, at.verdict(at.case())) == ("exchange_request", "exchange_request", "changed")


def test_another_wish_after_the_decision_is_a_persons_work(granted: Desk) -> None:
    granted.hears(SWAP)
    assert granted.questions() == ["wish_changed"] and granted.store.need(granted.case(), "request", ReturnRequest).intent == "return_request"
    assert "taken" in ask(granted.desk, {"decision": "close", "by": "Li"}) and granted.case().request == "approved"


def test_a_cancellation_by_another_address_cancels_nothing(granted: Desk) -> None:
    """Also where the stranger wrote before the order was read."""
    case = granted.case()
    granted.store.add_message(
        case, folder="INBOX", uidvalidity=1, uid=99, message_id="<c@x>", sender="thief@evil.example", subject="", received_at=granted.clock.now(),
        language="en", intent="cancel_return", verdict="cancelled", data={},
    )  # fmt: skip
    assert granted.works() == [] and granted.questions() == ["cancel_too_late"] and granted.case().request == "approved"


def test_two_returns_are_not_cancelled_by_half_a_sentence(granted: Desk) -> None:
    granted.hears(WISH.replace(ORDER, OTHER))
    granted.hears(f"Please cancel my returns of the orders {ORDER} and {OTHER}, I keep both lamps.")
    assert granted.questions() == ["mail_cancel_return"] and {granted.case().request, granted.case(OTHER).request} == {"approved"}


# -- one mail, several orders --------------------------------------------------------------------------------------------------------
def test_a_postcode_is_no_second_order(at: Desk) -> None:
    at.hears(f"{WISH}\n\nAnn Lee\n83702 Boise ID")
    assert [case.order_no for case in at.store.cases()] == [ORDER]


def test_a_number_of_pieces_for_two_orders_is_not_guessed(at: Desk) -> None:
    at.hears(f"I want to return 2 pieces of the lamp from the orders {ORDER} and {OTHER}, they arrived broken. Please refund me.")
    assert sorted(at.questions()) == ["unclear_mail", "unclear_mail"] and len(at.store.cases()) == 2


def test_a_question_about_two_returns_is_answered_for_both(granted: Desk) -> None:
    granted.hears(WISH.replace(ORDER, OTHER))
    assert granted.hears(f"Where are my refunds for the orders {ORDER} and {OTHER}? When do I get my money?") == ["status", "status"]
    assert {str(letter["In-Reply-To"]) for letter in granted.counter.sent[-2:]} == {"<3@mail.example>"}


# -- withdrawal, by mail and by button -----------------------------------------------------------------------------------------------
FORM = "Withdrawal ID,Submitted at,Order number,Name,Email,Declaration\n"


@pytest.mark.parametrize("channel", ["mail", "form"])
def test_a_withdrawal_is_acknowledged_with_day_and_time(at: Desk, channel: str) -> None:
    words = f"Ich widerrufe den Vertrag über die Bestellung {ORDER}."
    at.orders[ORDER] = an_order(ORDER, buyer_lang="de")
    if channel == "mail":
        assert at.hears(words, "Widerruf") == ["withdrawn", "approved"]
    else:
        at.desk.config.file("in", "withdrawals.csv").write_text(f"{FORM}W-1,2026-10-05 08:58,{ORDER},Ann Lee,ann@example.org,{words}\n", encoding="utf-8")
        assert at.works() == ["withdrawn", "approved"]
    receipt = at.counter.sent[0].get_content()
    assert ("5. Oktober 2026, 11:01 (UTC+2)" if channel == "mail" else "5. Oktober 2026, 10:58 (UTC+2)") in receipt and words in receipt
    assert at.works() == []


def test_a_withdrawal_is_acknowledged_even_where_it_is_refused(at: Desk) -> None:
    at.orders[ORDER] = an_order(ORDER, delivered_at=datetime(2026, 7, 1, tzinfo=UTC))
    assert at.hears(f"I hereby withdraw from the contract for order {ORDER}.", "Withdrawal") == ["withdrawn", "rejected"]


def test_a_withdrawal_by_somebody_else_is_not_confirmed_to_anyone(at: Desk) -> None:
    assert at.hears(f"I hereby withdraw from the contract for order {ORDER}.", sender="Thief <thief@evil.example>") == [] and at.questions() == [
        "not_the_buyer"
    ]


@pytest.mark.parametrize("seen", [True, False])
def test_who_writes_first_takes_no_right_away(at: Desk, seen: bool) -> None:
    """A stranger asks before the buyer does, in the same round or in one before: the buyer's withdrawal is followed, the stranger learns nothing."""
    withdrawal = f"I hereby withdraw from the contract for order {ORDER}."
    if seen:
        assert at.hears(WISH, sender="Thief <thief@evil.example>") == [] and at.questions() == ["not_the_buyer"]
    else:
        early = EmailMessage()
        early["From"], early["Message-ID"], early["Subject"] = "Thief <thief@evil.example>", "<early@evil.example>", "Return"
        early.set_content(WISH)
        at.counter.arrive(early.as_bytes())
    assert at.hears(withdrawal) == ["withdrawn", "approved"] and at.questions() == []
    assert {str(letter["To"]) for letter in at.counter.sent} == {"ann@example.org"}
    assert at.store.need(at.case(), "request", ReturnRequest).sender == "ann@example.org"


def test_every_channel_gives_the_same_case(store: Store, tmp_path: Path, clock: FixedClock) -> None:
    """The same wish by mail, help desk, withdrawal button and marketplace file: the same case, but for where it came from."""
    words = "I withdraw from the contract, I do not want the lamp any more. Please refund me."
    files: dict[str, Callable[[str], str]] = {
        "helpdesk": lambda no: (
            f"Id,Requester,Requester email,Subject,Created at,Language [list],Order number [txt],Return reason [list],Customer message [txt]\n1,Ann Lee,ann@example.org,Return,2026-10-05 08:00,en,{no},,{words}\n"
        ),
        "withdrawal_form": lambda no: f"{FORM}W-2,2026-10-05 08:00,{no},Ann Lee,ann@example.org,{words}\n",
        "shopify": lambda no: (
            f"Return name,Order name,Created at,Return reason,Lineitem sku,Return quantity,Return reason note\nR1,{no},2026-10-05 08:00:00 +0000,UNWANTED,LMP-DSK-BLK,1,{words}\n"
        ),
    }
    orders = {channel: f"DE-2026-40000{number}" for number, channel in enumerate(("mail", *files))}
    at = Desk(store, tmp_path, clock)
    at.shelf.orders |= {no: an_order(no) for no in orders.values()}
    for channel, text in files.items():
        at.desk.config.file("in", f"{channel}.csv").write_text(
            text(orders[channel]).replace("contract,", "contract;").replace("I do", "I do"), encoding="utf-8"
        )
    at.hears(f"{words}\nOrder {orders['mail']}", "Return")
    kept = (
        "intent",
        "reason_code",
        "language",
        "country",
        "currency",
        "customer_name",
        "customer_email",
        "request",
        "parcel",
        "customs",
        "refund",
        "books",
        "carrier",
    )
    shown = {channel: {field: getattr(at.case(no), field) for field in kept} for channel, no in orders.items()}
    assert shown["mail"]["request"] == "approved"
    for channel, facts in shown.items():
        same = {field: value for field, value in facts.items() if field != "reason_code"}
        assert same == {field: value for field, value in shown["mail"].items() if field != "reason_code"}, channel
        assert facts["reason_code"] in ("CHANGED_MIND", "STATUTORY_WITHDRAWAL"), channel
    assert [row.lines for row in at.shelf.returns] == [(("LMP-DSK-BLK", 1),)] * 4 and at.questions() == []


# -- dates and senders ------------------------------------------------------------------------------------------------------------------
def test_our_own_address_is_not_a_customers(granted: Desk) -> None:
    granted.hears(f"Please cancel my return of order {ORDER}.", sender="returns@seller.example")
    assert granted.questions() == ["mail_of_our_own"] and granted.case().request == "approved"


def test_the_thread_goes_on_below_the_newest_of_our_letters(granted: Desk) -> None:
    granted.hears(f"Where is my return of order {ORDER}?", to=granted.last)
    status = granted.last
    granted.store.queue_reply(granted.case(), "cancelled")
    granted.works()
    assert granted.last["In-Reply-To"] == status["Message-ID"]
    assert granted.last["References"].split() == ["<1@mail.example>", granted.counter.sent[0]["Message-ID"], "<2@mail.example>", status["Message-ID"]]
