"""Sell orders in a running Tryton, or say what its books hold: remote.py URL sell|truth, with the orders, or a list of RMAs, as JSON on standard input.

Run by the Tryton installation's own Python; it speaks to the server as a program does, past the screens. The administrator's password is in PASSWORD.
"""

import json
import os
import sys

from proteus import Model, config
from trade import deliver_and_invoice, sell


def cents(amount):
    return int(amount * 100)


def truth():
    """Every return with its credit notes and receipts, oldest first."""
    found = []
    for back in Model.get("sale.sale").find([("origin", "like", "sale.sale,%")], order=[("id", "ASC")]):
        lines = {}
        for line in back.lines:
            lines[line.product.code] = lines.get(line.product.code, 0) - int(line.quantity)
        found.append(
            {
                "order_no": back.origin.reference,
                "rma": back.reference or "",
                "return_no": back.number or "",
                "description": back.description or "",
                "state": back.state,
                "lines": lines,
                "credit_notes": [
                    {
                        "number": note.number or "",
                        "rma": note.reference or "",
                        "state": note.state,
                        "currency": note.currency.code,
                        "gross": -cents(note.total_amount),
                        "tax": -cents(note.tax_amount),
                    }
                    for note in back.invoices
                ],
                "receipts": [{"number": receipt.number, "state": receipt.state} for receipt in back.shipment_returns],
            }
        )
    return found


def main(url, what):
    # A session: a password with each question would be hashed each time.
    with config.set_xmlrpc_session(url, "admin", os.environ["PASSWORD"]) as session:
        session._context = Model.get("res.user").get_preferences(True, session.context)
        if what == "sell":
            orders = json.load(sys.stdin)
            deliver_and_invoice(sell(orders), orders)
        else:
            json.dump(truth(), sys.stdout)


main(*sys.argv[1:])
