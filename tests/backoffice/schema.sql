-- The practice back office's whole state. One file, one writer at a time (WAL).
-- Money is integer minor units of `currency`; times are ISO 8601 UTC text; rates are micro-units of CNY per currency unit.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);                     -- seed, cases, day, now, ...

CREATE TABLE products (
  sku TEXT PRIMARY KEY, family TEXT NOT NULL, size TEXT, gtin TEXT NOT NULL,
  name_zh TEXT NOT NULL, name_en TEXT NOT NULL, category TEXT NOT NULL,            -- electronics apparel footwear home toys beauty custom
  hs_code TEXT NOT NULL, origin TEXT NOT NULL, weight_g INTEGER NOT NULL,
  cost_cny INTEGER NOT NULL, battery TEXT, serialised INTEGER NOT NULL DEFAULT 0,
  non_returnable TEXT);                                                             -- null | custom_made | unsealed_hygiene
CREATE TABLE orders (
  order_no TEXT PRIMARY KEY, channel TEXT NOT NULL,                                 -- shop shopify ebay amazon_mfn amazon_fba
  placed_at TEXT NOT NULL, shipped_at TEXT NOT NULL, delivered_at TEXT,
  buyer_name TEXT NOT NULL, buyer_email TEXT NOT NULL, buyer_lang TEXT NOT NULL,
  country TEXT NOT NULL, address TEXT NOT NULL, city TEXT NOT NULL, postcode TEXT NOT NULL,
  currency TEXT NOT NULL, shipping_standard INTEGER NOT NULL, shipping_express INTEGER NOT NULL DEFAULT 0,
  discount INTEGER NOT NULL DEFAULT 0,                                              -- order-level, gross, spread over lines by paid value
  invoice_no TEXT NOT NULL, invoice_date TEXT NOT NULL, incoterm TEXT NOT NULL, ioss TEXT,
  payment_method TEXT NOT NULL,                                                     -- card wallet bank_transfer marketplace
  payer_iban TEXT, book_rate INTEGER NOT NULL,
  out_carrier TEXT NOT NULL, out_tracking TEXT NOT NULL, ship_from TEXT NOT NULL,
  export_mrn TEXT, export_date TEXT, export_office TEXT, exporter_eori TEXT);
CREATE TABLE order_lines (
  order_no TEXT NOT NULL REFERENCES orders, line_no INTEGER NOT NULL, sku TEXT NOT NULL REFERENCES products,
  qty INTEGER NOT NULL, unit_gross INTEGER NOT NULL, line_discount INTEGER NOT NULL DEFAULT 0,   -- gross, VAT included
  tax_bp INTEGER NOT NULL, serials TEXT NOT NULL DEFAULT '',                        -- comma separated
  picked_sku TEXT,                                                                  -- what the picker really took; null = sku
  PRIMARY KEY (order_no, line_no));
CREATE TABLE export_lines (
  order_no TEXT NOT NULL, line_no INTEGER NOT NULL, hs_code TEXT NOT NULL, description TEXT NOT NULL, qty INTEGER NOT NULL,
  unit_value INTEGER NOT NULL, currency TEXT NOT NULL, origin TEXT NOT NULL, net_g INTEGER NOT NULL, PRIMARY KEY (order_no, line_no));

CREATE TABLE sales_returns (                                                        -- ERP
  return_no TEXT PRIMARY KEY, order_no TEXT NOT NULL, rma TEXT NOT NULL, kind TEXT NOT NULL,  -- return | keep
  reason TEXT NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL, state TEXT NOT NULL,  -- open cancelled closed
  carrier TEXT, tracking_no TEXT, label_cost INTEGER);                              -- label given by the ERP for kind=return
CREATE TABLE sales_return_lines (return_no TEXT NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, PRIMARY KEY (return_no, sku));
CREATE TABLE credit_notes (
  cn_no TEXT PRIMARY KEY, order_no TEXT NOT NULL, rma TEXT NOT NULL, issued_at TEXT NOT NULL, created_by TEXT NOT NULL,
  currency TEXT NOT NULL, gross INTEGER NOT NULL, tax INTEGER NOT NULL, rate INTEGER NOT NULL, state TEXT NOT NULL);   -- posted
CREATE TABLE replacements (
  replacement_no TEXT PRIMARY KEY, order_no TEXT NOT NULL, rma TEXT NOT NULL, kind TEXT NOT NULL,  -- exchange | spare_part
  sku TEXT NOT NULL, qty INTEGER NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL);

CREATE TABLE parcels (                                                              -- return parcels, made by the simulation
  tracking_no TEXT PRIMARY KEY, carrier TEXT NOT NULL, order_no TEXT NOT NULL, rma TEXT NOT NULL,
  declared_g INTEGER NOT NULL, first_scan_g INTEGER, dock_g INTEGER, origin_country TEXT NOT NULL, destination TEXT NOT NULL);
CREATE TABLE tracking_events (
  id INTEGER PRIMARY KEY, tracking_no TEXT NOT NULL, at TEXT NOT NULL, zone TEXT NOT NULL, place TEXT NOT NULL,
  code TEXT NOT NULL, text TEXT NOT NULL);                                          -- carrier's own code and words
CREATE TABLE declarations (                                                         -- the return import declaration (CN23 data)
  tracking_no TEXT PRIMARY KEY, document_no TEXT NOT NULL, lodged_at TEXT NOT NULL, reason TEXT NOT NULL, category TEXT NOT NULL,
  currency TEXT NOT NULL, export_ref TEXT, invoice_no TEXT, invoice_date TEXT, incoterm TEXT, exporter_eori TEXT, importer_eori TEXT,
  consignee TEXT NOT NULL, ioss TEXT, gross_g INTEGER NOT NULL, packages INTEGER NOT NULL, total_value INTEGER NOT NULL,
  relief TEXT, status TEXT NOT NULL, status_note TEXT NOT NULL DEFAULT '');          -- status: lodged held released
CREATE TABLE declaration_lines (
  tracking_no TEXT NOT NULL, line_no INTEGER NOT NULL, hs_code TEXT NOT NULL, description TEXT NOT NULL, qty INTEGER NOT NULL,
  unit_value INTEGER NOT NULL, origin TEXT NOT NULL, net_g INTEGER NOT NULL, serials TEXT NOT NULL DEFAULT '', PRIMARY KEY (tracking_no, line_no));

CREATE TABLE receipts (                                                             -- WMS: a return parcel on the dock
  receipt_no TEXT PRIMARY KEY, tracking_no TEXT NOT NULL, rma TEXT NOT NULL, warehouse TEXT NOT NULL, dock_at TEXT NOT NULL,
  dock_g INTEGER NOT NULL, carton TEXT NOT NULL);                                   -- intact | crushed | opened
CREATE TABLE receipt_lines (receipt_no TEXT NOT NULL, line_no INTEGER NOT NULL, sku TEXT NOT NULL, gtin TEXT NOT NULL, qty INTEGER NOT NULL, serial TEXT NOT NULL DEFAULT '', PRIMARY KEY (receipt_no, line_no));
CREATE TABLE qc_tasks (
  task_no TEXT PRIMARY KEY, receipt_no TEXT NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, checklist TEXT NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL,
  state TEXT NOT NULL, inspector TEXT, finished_at TEXT, note TEXT NOT NULL DEFAULT '',       -- open | done
  grade TEXT, disposition TEXT, decided_by TEXT, UNIQUE (receipt_no, sku));
CREATE TABLE transfers (transfer_no TEXT PRIMARY KEY, task_no TEXT NOT NULL, rma TEXT NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, from_wh TEXT NOT NULL, to_wh TEXT NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL);

CREATE TABLE captures (                                                             -- payment back-end
  capture_id TEXT PRIMARY KEY, order_no TEXT NOT NULL, method TEXT NOT NULL, instrument TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL, fee INTEGER NOT NULL, captured_at TEXT NOT NULL);
CREATE TABLE refunds (
  refund_id TEXT PRIMARY KEY, capture_id TEXT NOT NULL, order_no TEXT NOT NULL, reference TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  reason TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL, settled_at TEXT, settle_rate INTEGER, failure TEXT);  -- pending settled failed
CREATE TABLE disputes (dispute_id TEXT PRIMARY KEY, capture_id TEXT NOT NULL, order_no TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, opened_at TEXT NOT NULL);
CREATE TABLE bank_payees (payee_id TEXT PRIMARY KEY, name TEXT NOT NULL, iban TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE bank_transfers (transfer_id TEXT PRIMARY KEY, payee_id TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL, created_at TEXT NOT NULL, created_by TEXT NOT NULL, settled_at TEXT);  -- executed

CREATE TABLE sent_mail (id INTEGER PRIMARY KEY, at TEXT NOT NULL, rcpt TEXT NOT NULL, subject TEXT NOT NULL, message_id TEXT, in_reply_to TEXT, raw BLOB NOT NULL);  -- SMTP sink
CREATE TABLE happenings (id INTEGER PRIMARY KEY, story TEXT NOT NULL, due TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL, done_at TEXT);  -- what customers, carriers and staff will do
CREATE TABLE stories (                                                              -- the truth: never shown on any screen
  story TEXT PRIMARY KEY, kind TEXT NOT NULL, order_no TEXT, lang TEXT NOT NULL, channel TEXT NOT NULL, plan TEXT NOT NULL, expected TEXT NOT NULL);
CREATE TABLE lies (id INTEGER PRIMARY KEY, app TEXT NOT NULL, action TEXT NOT NULL, lie TEXT NOT NULL, match TEXT NOT NULL DEFAULT '', times INTEGER NOT NULL DEFAULT 1, data TEXT NOT NULL DEFAULT '{}');
CREATE TABLE web_sessions (token TEXT PRIMARY KEY, app TEXT NOT NULL, account TEXT NOT NULL, csrf TEXT NOT NULL, uses INTEGER NOT NULL DEFAULT 0, seen_at REAL NOT NULL, notice_seen INTEGER NOT NULL DEFAULT 0, cookies_ok INTEGER NOT NULL DEFAULT 0);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE audit (id INTEGER PRIMARY KEY, at TEXT NOT NULL, app TEXT NOT NULL, account TEXT NOT NULL, action TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX receipts_rma ON receipts (rma);
CREATE INDEX events_parcel ON tracking_events (tracking_no);
