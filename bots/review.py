"""Review: reads the order in the ERP, decides by policy and statute, and registers the return.

What the ERP learns: a sales return (with label, or kept by the customer), or a spare-part delivery. The customer is
answered by the replies bot, which this bot leaves a note for: a withdrawal is acknowledged at once, and what is missing (which article, a photo)
is asked for once before a person has to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import ClassVar

from bots.bot import Item
from bots.cases import threads
from bots.cases.errors import BusinessException
from bots.cases.ledger import Intent, only_one, seen_first
from bots.cases.model import Order, ReplacementInstruction, ReturnInstruction, ReturnRequest, SalesReturn
from bots.cases.store import Case
from bots.decisions.customs import CustomsRules, needs_customs
from bots.decisions.fraud import FraudRules, screen_request
from bots.decisions.inspection import InspectionRules
from bots.decisions.policy import Review as Decided
from bots.decisions.policy import deadline, review, same_person
from bots.decisions.route import Piece, RouteRules, plan_routes
from bots.portals.desk import Desk

# What a person's `approve` changes in the request, by the question that was asked.
CLEARED: dict[str, dict[str, object]] = {
    "not_the_buyer": {"sender": ""},
    "new_bank_details": {"new_ibans": ()},
    "unclear_mail": {"doubt": ""},
    "delivery_in_doubt": {"reason_code": "NO_REASON"},
    "special_remedy": {"outcome": "refund"},
    "article_unclear": {"withdrawal_declared": True},
    "photo_missing": {"attachments": 1},
}
# What the customer is asked for, once, before a person is.
ASKS = {"article_unclear": "ask_article", "photo_missing": "ask_photo"}
HIGH = frozenset({"new_bank_details", "already_refunded", "over_quantity"})


class Review:
    name = "review"
    title = "Checks order, policy and law; registers returns"
    side_by_side = True
    by_hand = 6.0

    def items(self, desk: Desk) -> Iterator[Item]:
        for case in desk.store.due(self.name, request="new"):
            if desk.store.get(case, "request", ReturnRequest) is not None:
                yield Item(case.rma, case)
        for case in desk.store.asked_to_cancel():
            yield Item(f"cancel:{case.rma}", case, "cancel")
        patience = timedelta(days=desk.policy.answer_days)
        for case in desk.store.due(self.name, request="need_info"):
            asked = threads.asked_at(desk.store, case, ("ask_order", *ASKS.values()))
            if asked is None or asked + patience <= desk.now:
                yield Item(f"unanswered:{case.rma}", case, "unanswered")

    def work(self, item: Item, desk: Desk) -> str:
        case = item.case
        assert case is not None
        if item.data == "cancel":
            return self._cancel(case, desk)
        if item.data == "unanswered":
            case = self._unanswered(case, desk)
        request = desk.store.need(case, "request", ReturnRequest)
        order = desk.read_order(case)
        if order is not None:
            case = desk.store.change(
                case,
                "order_read",
                country=order.country,
                currency=order.currency,
                customer_name=order.buyer_name[:200],
                customer_email=order.buyer_email,
                language=order.buyer_lang or case.language,
                deadline_refund=deadline(request.requested_at),
            )
            self._acknowledge(case, request, order, desk)
        decided = self._decide(case, request, order, desk)
        own = self._of_the_buyer(case, order, desk) if decided.code == "not_the_buyer" and order is not None else None
        if own is not None and order is not None:
            desk.store.put(case, "request", own)
            case = desk.store.change(case, "buyers_own_request", facts={"not_followed": request.source_key}, deadline_refund=deadline(own.requested_at))
            self._acknowledge(case, own, order, desk)
            request, decided = own, self._decide(case, own, order, desk)
        desk.store.put(case, "review", decided)
        if decided.code in ASKS and request.channel == "mail" and threads.asked_at(desk.store, case, (ASKS[decided.code],)) is None:
            desk.store.queue_reply(case, ASKS[decided.code], topic=_thread(request))
            desk.store.change(case, "asked_the_customer", request="need_info", facts=_why(decided))
            return f"asks the customer: {decided.reasons[0]}"
        if decided.value == "escalate":
            raise BusinessException(
                " ".join(decided.reasons),
                code=decided.code,
                rules=" ".join(decided.rules),
                severity="high" if decided.code in HIGH else "medium",
                suggestion="hold",
                freezes=decided.code == "new_bank_details",
            )
        assert order is not None
        self._screen(case, request, order, decided, desk)
        return self.carry_out[decided.value](self, case, order, request, decided, desk)

    def _of_the_buyer(self, case: Case, order: Order, desk: Desk) -> ReturnRequest | None:
        """The buyer's own request, where somebody else had asked for the same order before."""
        asked = desk.store.newest_of_each(case, "request_also", ReturnRequest)
        return next((request for request in asked if same_person(request.sender, order)), None)

    def _acknowledge(self, case: Case, request: ReturnRequest, order: Order, desk: Desk) -> None:
        """Confirm a withdrawal with its day and time, whatever is decided about it (Dir. 2011/83/EU art. 11(3), 11a(4)): to the buyer's own declaration only."""
        if request.withdrawal_declared and request.sender and same_person(request.sender, order) and threads.answered(desk.store, case, "withdrawn") is None:
            desk.store.queue_reply(case, "withdrawn", topic=_thread(request))

    def _unanswered(self, case: Case, desk: Desk) -> Case:
        """The customer was asked and did not answer in time: a person goes on."""
        if case.order_no is not None:
            return desk.store.change(case, "not_answered", request="new")
        desk.store.change(case, "not_answered", request="escalated")
        raise BusinessException(
            "A return request without an order number; the sender was asked for it and did not answer.",
            code="mail_return_request",
            rules="P16",
            suggestion="close",
            advice="Find the order by the sender's name, or `close`.",
        )

    def _screen(self, case: Case, request: ReturnRequest, order: Order, decided: Decided, desk: Desk) -> None:
        """Patterns of fraud and error hold automation back; they reject nothing by themselves."""
        if decided.value not in ("approve", "keep_item", "spare_part"):
            return
        cleared = request.model_copy(update={key: value for code, change in CLEARED.items() if desk.store.waiver(case, code) for key, value in change.items()})
        screening = screen_request(cleared, order, None, desk.config.load("fraud", FraudRules), own_rma=case.rma)
        desk.store.put(case, "screening", screening)
        if screening.value == "hold" and desk.store.waiver(case, "fraud_screen") is None:
            raise BusinessException(
                " ".join(screening.reasons), code="fraud_screen", rules=" ".join(screening.rules), severity="high", suggestion="hold", freezes=True
            )

    def _route(self, case: Case, order: Order, decided: Decided, desk: Desk) -> list[str]:
        """The cheapest lawful way of each piece through our warehouses, as a proposal on the case's timeline."""
        pieces = [
            Piece(
                key=f"{case.rma}/{sku}",
                country=order.country,
                cost=line.cost_minor * qty,
                weight_g=line.weight_g * qty,
                category=line.category,
                hs_code=line.hs_code,
                battery=line.battery,
                damaged=decided.basis in ("seller_fault", "guarantee"),
                exported_on=order.export.export_date if order.export else None,
            )
            for sku, qty in decided.authorised
            if (line := order.line(sku)) is not None
        ]
        load = desk.config.load
        plan = plan_routes(pieces, load("routes", RouteRules), load("customs", CustomsRules), load("inspection", InspectionRules).espr, desk.now.date())
        return [f"{choice.key.rpartition('/')[2]}: {choice.lane}" for choice in plan.choices]

    def _decide(self, case: Case, request: ReturnRequest, order: Order | None, desk: Desk) -> Decided:
        """The policy's decision; questions that a person has already answered are not asked again."""
        decided = review(request, order, desk.policy, own_rma=case.rma)
        while decided.code in CLEARED and desk.store.waiver(case, decided.code) is not None:
            request = request.model_copy(update=CLEARED[decided.code])
            again = review(request, order, desk.policy, own_rma=case.rma)
            if again.code == decided.code:
                break
            decided = again
        return decided

    # -- the decisions, one method each --------------------------------------------------------------------------------------
    def _approve(self, case: Case, order: Order, request: ReturnRequest, decided: Decided, desk: Desk) -> str:
        territory = desk.policy.territory(order.country)
        carrier = desk.policy.label_carrier.get(territory, desk.policy.label_carrier["default"])
        registered = self._register(case, order, request, decided, desk, kind="return", carrier=carrier)
        number = registered.return_no
        desk.store.put(case, "sales_return", registered)
        crosses = needs_customs(order.country, "DE" if not order.ship_from else order.ship_from[:2], desk.config.load("customs", CustomsRules))
        desk.store.change(
            case,
            "approved",
            facts={**_why(decided), "cheapest_lawful_way": self._route(case, order, decided, desk)},
            request="approved",
            parcel="awaited",
            customs="none" if crosses else "not_needed",
            carrier=registered.carrier,
            tracking_no=registered.tracking_no,
        )
        desk.store.queue_reply(
            case,
            "approved",
            topic=_thread(request),
            lines=list(decided.authorised),
            refused=[line.sku for line in decided.lines if not line.allowed],
            return_no=number,
            exchange=decided.remedy == "exchange",
        )
        return f"approved ({decided.basis}), label {registered.tracking_no}"

    def _keep_item(self, case: Case, order: Order, request: ReturnRequest, decided: Decided, desk: Desk) -> str:
        number = self._register(case, order, request, decided, desk, kind="keep", carrier="").return_no
        desk.store.change(case, "keep_item", facts=_why(decided), request="keep_item", parcel="not_expected", customs="not_needed", inspection="waived")
        desk.store.queue_reply(case, "keep_item", topic=_thread(request), lines=list(decided.authorised), return_no=number)
        return "the customer keeps it"

    def _spare_part(self, case: Case, order: Order, request: ReturnRequest, decided: Decided, desk: Desk) -> str:
        sku, qty = decided.authorised[0]
        number = send_replacement(
            case, ReplacementInstruction(order_no=order.order_no, rma=case.rma, kind="spare_part", sku=sku, qty=qty if request.quantity else 1), self.name, desk
        )
        desk.store.change(
            case,
            "spare_part",
            facts=_why(decided),
            request="spare_part",
            parcel="not_expected",
            customs="not_needed",
            inspection="waived",
            refund="replaced",
            books="not_due",
        )
        desk.store.queue_reply(case, "spare_part", topic=_thread(request), sku=sku, replacement_no=number)
        return f"spare part sent, {number}"

    def _reject(self, case: Case, order: Order, request: ReturnRequest, decided: Decided, desk: Desk) -> str:
        desk.store.change(case, "rejected", facts=_why(decided), request="rejected", parcel="not_expected", refund="not_due", books="not_due")
        desk.store.queue_reply(
            case, "rejected", topic=_thread(request), rules=list(decided.rules), delivered=order.delivered_at.date().isoformat() if order.delivered_at else ""
        )
        return f"rejected by {' '.join(decided.rules)}"

    def _books_only(self, case: Case, order: Order, request: ReturnRequest, decided: Decided, desk: Desk) -> str:
        desk.store.change(case, "books_only", facts=_why(decided), request="books_only", parcel="not_expected", customs="not_needed", inspection="waived")
        return "the marketplace paid: books only"

    carry_out: ClassVar[dict[str, Callable[..., str]]] = {
        "approve": _approve,
        "keep_item": _keep_item,
        "spare_part": _spare_part,
        "reject": _reject,
        "books_only": _books_only,
    }

    def _register(self, case: Case, order: Order, request: ReturnRequest, decided: Decided, desk: Desk, *, kind: str, carrier: str) -> SalesReturn:
        """Make the sales return in the ERP, once, and give it as the ERP lists it."""
        instruction = ReturnInstruction(
            order_no=order.order_no, rma=case.rma, kind=kind, reason=request.reason_code or "NO_REASON", lines=decided.authorised, carrier=carrier
        )
        intent = Intent(f"return:{case.rma}", "sales_return", self.name, desk.config.suite.erp.product, instruction.model_dump(mode="json"))
        listed = list(_standing(order.returns, case.rma))

        def look() -> str | None:
            listed[:] = _standing(desk.erp.find_returns(case.rma), case.rma)
            return only_one("sales_return", case.rma, (back.return_no for back in listed))

        seen = only_one("sales_return", case.rma, (back.return_no for back in listed))
        number = desk.commit(case, intent, look=seen_first(seen, look), act=lambda permit: desk.erp.create_return(instruction, permit))
        if not listed:
            look()
        return next(back for back in listed if back.return_no == number)

    def _cancel(self, case: Case, desk: Desk) -> str:
        """The customer keeps the goods: undo what can still be undone."""
        senders = threads.mails_of(desk.store, case, "cancelled")
        order = desk.store.get(case, "order", Order) or (desk.read_order(case) if case.order_no else None)
        if order is not None and not any(same_person(sender, order) for sender, _ in senders):
            raise BusinessException(
                f"{senders[-1][0]} cancels this return; the order belongs to another address. Nothing was done.",
                code="cancel_too_late",
                suggestion="proceed",
                advice="`proceed` goes on with the return; `close` ends it.",
            )
        if case.request in ("new", "escalated", "need_info"):
            desk.store.change(case, "cancelled", request="cancelled", refund="not_due", books="not_due")
        elif case.request == "approved" and case.parcel == "awaited":
            registered = next((back for back in desk.erp.find_returns(case.rma) if back.state != "cancelled"), None)
            if registered is not None:
                intent = Intent(
                    f"cancel:{registered.return_no}", "cancel_return", self.name, desk.config.suite.erp.product, {"return_no": registered.return_no}
                )

                def look() -> str | None:
                    return next(
                        (back.return_no for back in desk.erp.find_returns(case.rma) if back.return_no == registered.return_no and back.state == "cancelled"),
                        None,
                    )

                desk.commit(case, intent, look=look, act=lambda permit: desk.erp.cancel_return(registered.return_no, registered.order_no, permit))
            desk.store.change(case, "cancelled", request="cancelled", parcel="not_expected", refund="not_due", books="not_due")
        else:
            raise BusinessException(
                "The customer cancels a return whose parcel is already on its way.",
                code="cancel_too_late",
                suggestion="proceed",
                advice="`proceed` goes on with the return; `close` ends it.",
            )
        desk.store.queue_reply(case, "cancelled", topic=senders[-1][1])
        return "cancelled"


def send_replacement(case: Case, instruction: ReplacementInstruction, bot: str, desk: Desk) -> str:
    """Order a delivery without charge in the ERP, once; its number. Used for spare parts and, after inspection, for exchanges."""
    intent = Intent(f"replacement:{case.rma}", "replacement", bot, desk.config.suite.erp.product, instruction.model_dump(mode="json"))

    def look() -> str | None:
        return only_one("replacement", case.rma, (sent.number for sent in desk.erp.find_replacements(case.rma)))

    return desk.commit(case, intent, look=look, act=lambda permit: desk.erp.create_replacement(instruction, permit))


def _standing(returns: Iterable[SalesReturn], rma: str) -> list[SalesReturn]:
    """Returns under our number that were not cancelled."""
    return [back for back in returns if back.rma == rma and back.state != "cancelled"]


def _why(decided: Decided) -> dict[str, object]:
    return {"rules": list(decided.rules), "reasons": list(decided.reasons), "basis": decided.basis}


def _thread(request: ReturnRequest) -> str:
    """The mail that the answer belongs to; rows of an export have none."""
    return request.source_key if request.channel == "mail" else ""
