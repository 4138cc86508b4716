"""Fill an empty Tryton database with the company of company.json: goods on stock, sales delivered and invoiced, the bots' accounts.

Run by the Tryton installation's own Python: seed.py CONFIGURATION DATABASE
"""

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from proteus import Model, config
from trade import deliver_and_invoice, find, new, saved, sell

COMPANY = json.loads((Path(__file__).parent / "company.json").read_text(encoding="utf-8"))


def settle_setup():
    """Say that the set-up assistants are done: every client would open them at log-in."""
    for item in Model.get("ir.module.config_wizard.item").find([("state", "=", "open")]):
        saved(item, state="done")


def found_company():
    """The company with its chart of accounts and this year's and next year's books."""
    from trytond.modules.account.tests.tools import create_chart, create_fiscalyear
    from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
    from trytond.modules.company.tests.tools import create_company, get_company
    from trytond.modules.currency.tests.tools import get_currency

    currency = get_currency(COMPANY["currency"])
    saved(currency.rates[0], rate=Decimal(1))
    create_company(party=new("party.party", name=COMPANY["company"]), currency=currency)
    company = get_company()
    create_chart(company)
    year = datetime.now(UTC).year
    for books_of in (year, year + 1):
        books = create_fiscalyear(company, (date(books_of, 1, 1), date(books_of, 12, 31)))
        set_fiscalyear_invoice_sequences(books).click("create_period")
    return company


def name_warehouses():
    """Name the warehouse that is there, and add a second one."""
    (main,) = Model.get("stock.location").find([("type", "=", "warehouse")])
    (first, code), (second, second_code) = COMPANY["warehouses"].items()
    saved(main, name=first, code=code)
    # Tryton lets the places inside carry their warehouse's name.
    places = [new("stock.location", name=f"{second} {place}", type="storage") for place in ("Input", "Storage")]
    output = new("stock.location", name=f"{second} Output", type="storage")
    new("stock.location", name=second, code=second_code, type="warehouse", input_location=places[0], output_location=output, storage_location=places[1])


def orders(sales):
    """`sales` of company.json in the words of trade.sell; the buyers take turns."""
    buyers, products = list(COMPANY["buyers"].items()), COMPANY["products"]
    for number, (order_no, bought) in enumerate(sales.items()):
        buyer, country = buyers[number % len(buyers)]
        lines = [{"sku": sku, "name": products[sku][0], "qty": qty, "unit_gross": products[sku][1]} for sku, qty in bought.items()]
        mail = f"{buyer.lower().replace(' ', '.')}@example.org"
        yield {"order_no": order_no, "buyer": buyer, "mail": mail, "country": country, "lines": lines}


def accounts_of_bots(company):
    for login, (name, language, groups) in COMPANY["users"].items():
        employee = new("company.employee", party=new("party.party", name=name))
        user = Model.get("res.user")(name=name, login=login, password=COMPANY["password"], language=find("ir.lang", code=language))
        for group in groups:
            user.groups.append(find("res.group", name=group))
        user.companies.append(type(company)(company.id))
        user.company = type(company)(company.id)
        user.employees.append(employee)
        user.employee = employee
        user.save()


def main(configuration, database):
    session = config.set_trytond(database=database, user="admin", config_file=configuration)
    settle_setup()
    company = found_company()
    admin = Model.get("res.user")(session.user)
    employee = new("company.employee", party=new("party.party", name="Administrator"))
    admin.employees.append(employee)
    saved(admin, employee=employee)
    session._context = Model.get("res.user").get_preferences(True, {})
    name_warehouses()
    sold = list(orders(COMPANY["sales"]))
    deliver_and_invoice(sell(sold), sold)
    sell(list(orders(COMPANY["not_yet"])))
    accounts_of_bots(company)
    settle_setup()


main(*sys.argv[1:])
