"""Tryton 8.0, an ERP and warehouse system with a web client (Sao); GPL-3.0, used for tests only."""
