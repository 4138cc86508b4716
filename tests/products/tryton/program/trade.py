"""What a Tryton trades with: goods, buyers, and orders sold, delivered and invoiced. For scripts run by the Tryton installation's own Python.

An order is {"order_no", "buyer", "mail", "country", "currency", "payment", "placed", "delivered", "lines": [{"sku", "name", "qty", "unit_gross", "tax_bp"}]}:
gross prices of one piece in hundredths, taxes in hundredths of a per cent, days as 2026-11-23, and all but `order_no` and the lines' `sku` and `qty` may be
left out.
"""

from datetime import date
from decimal import Decimal

from proteus import Model

STOCKED = 500.0
TAX_BP = 1900


def find(model, **having):
    """A record with these values, or None."""
    return next(iter(Model.get(model).find([(name, "=", value) for name, value in having.items()], limit=1)), None)


def saved(record, **values):
    for name, value in values.items():
        setattr(record, name, value)
    record.save()
    return record


def new(model, **values):
    return saved(Model.get(model)(), **values)


def net_of(gross, tax_bp):
    """The net price with four decimals whose tax brings it back to the gross one."""
    return (Decimal(gross) / 100 / (1 + Decimal(tax_bp) / 10000)).quantize(Decimal("0.0001"))


def category(tax_bp):
    """The accounting category of goods with this tax."""
    from trytond.modules.account.tests.tools import create_tax, get_accounts

    name = f"VAT {Decimal(tax_bp) / 100:g}%"
    found = find("product.category", name=name)
    if found is None:
        accounts = get_accounts()
        tax = saved(create_tax(Decimal(tax_bp) / 10000), name=name, description=name)
        found = Model.get("product.category")(name=name, accounting=True)
        found.account_expense, found.account_revenue = accounts["expense"], accounts["revenue"]
        found.customer_taxes.append(tax)
        found.save()
    return found


def stock(goods):
    """SKU -> product for SKU -> (name, gross price, tax); what is new is put on stock in the first warehouse."""
    unit = find("product.uom", name="Unit")
    made, fresh = {}, []
    for sku, (title, gross, tax_bp) in goods.items():
        product = find("product.product", code=sku)
        if product is None:
            price = {"list_price": net_of(gross, tax_bp), "account_category": category(tax_bp)}
            product = new("product.template", name=title, code=sku, type="goods", default_uom=unit, salable=True, **price).products[0]
            fresh.append(product)
        made[sku] = product
    if fresh:
        warehouse = Model.get("stock.location").find([("type", "=", "warehouse")], order=[("id", "ASC")])[0]
        inventory = Model.get("stock.inventory")(location=warehouse.storage_location, empty_quantity="keep")
        for product in fresh:
            inventory.lines.new(product=product).quantity = STOCKED
        inventory.click("confirm")
    return made


def contact(party, mail):
    """The buyer's mail address, as a sale names it."""
    return find("party.contact_mechanism", party=party.id, value=mail) or new("party.contact_mechanism", party=party, type="email", value=mail)


def payment_term(name):
    from trytond.modules.account_invoice.tests.tools import create_payment_term

    return find("account.invoice.payment_term", name=name) or saved(create_payment_term(), name=name)


def buyer(name, country_code):
    found = find("party.party", name=name)
    if found is None:
        country = find("country.country", code=country_code) or new("country.country", code=country_code, name=country_code)
        found = Model.get("party.party")(name=name)
        address = found.addresses[0] if found.addresses else found.addresses.new()
        address.street_unstructured, address.postal_code, address.city, address.country = "High Street 12", "04109", "Leipzig", country
        found.save()
    return found


def currency(code):
    found = find("currency.currency", code=code)
    if found is None:
        found = new("currency.currency", name=code, symbol=code, code=code, rounding=Decimal("0.01"))
        found.rates.new().rate = Decimal(1)
        found.save()
    return found


def sell(orders):
    """Sell orders under the shop's numbers: quoted, confirmed and processed; gives the sales."""
    lines = [line for order in orders for line in order["lines"]]
    products = stock({line["sku"]: (line.get("name") or line["sku"], line.get("unit_gross", 0), line.get("tax_bp", TAX_BP)) for line in lines})
    warehouse = Model.get("stock.location").find([("type", "=", "warehouse")], order=[("id", "ASC")])[0]
    Sale = Model.get("sale.sale")
    sales = []
    for order in orders:
        party = buyer(order.get("buyer", "Anna Vogel"), order.get("country", "DE"))
        sale = Sale(party=party, invoice_method="order", shipment_method="order", reference=order["order_no"], warehouse=warehouse)
        sale.payment_term = payment_term(order.get("payment", "Card"))
        if "mail" in order:
            sale.contact = contact(party, order["mail"])
        if "placed" in order:
            sale.sale_date = date.fromisoformat(order["placed"])
        sale.currency = currency(order.get("currency", "EUR"))
        for wanted in order["lines"]:
            line = sale.lines.new()
            line.product, line.quantity = products[wanted["sku"]], float(wanted["qty"])
            if "unit_gross" in wanted:
                line.unit_price = net_of(wanted["unit_gross"], wanted.get("tax_bp", TAX_BP))
        sales.append(sale)
    Sale.save(sales)
    for button in ("quote", "confirm"):
        Sale.click(sales, button)
    waiting = Sale.find([("state", "=", "confirmed")])
    if waiting:
        Sale.click(waiting, "process")
    return sales


def deliver_and_invoice(sales, orders):
    """Deliver the sales of these orders, on their days, and post their invoices."""
    Shipment, Invoice = Model.get("stock.shipment.out"), Model.get("account.invoice")
    for sale, order in zip(sales, orders, strict=True):
        sale.reload()
        if "delivered" in order:
            for shipment in sale.shipments:
                saved(Shipment(shipment.id), effective_date=date.fromisoformat(order["delivered"]))
    waiting = [shipment.id for sale in sales for shipment in sale.shipments]
    for button, state in (("assign_try", "waiting"), ("pick", "assigned"), ("pack", "picked"), ("do", "packed")):
        Shipment.click(Shipment.find([("id", "in", waiting), ("state", "=", state)]), button)
    Invoice.click([Invoice(invoice.id) for sale in sales for invoice in sale.invoices], "post")
