"""The findings as a report: which tables there are, in which order, and what stands in their cells."""

from __future__ import annotations

from collections.abc import Iterable

from bots.cases.money import Money
from bots.decisions.insights_claims import PARTIES
from bots.decisions.insights_findings import ENOUGH
from bots.decisions.insights_model import Findings
from bots.decisions.insights_reclaims import Recovery, sums
from bots.decisions.kpis import GroupRate
from bots.workbooks.insights_actions import actions
from bots.workbooks.insights_narrative import own_story
from bots.workbooks.insights_report import LEAST, Cell, Chart, Column, Report, Section, Table, carries, shown_rate
from bots.workbooks.insights_sections_work import WorkSections
from bots.workbooks.insights_words import action_for, product_name

TILES = ("cases", "straight_through", "refund_on_time", "decision_hours", "hours_saved", "labour_saved", "recovery", "customs_hold")


def report(found: Findings, captions: str) -> Report:
    """Everything that workbook and page show. `captions` is en or zh."""
    make = Sections(found, captions)
    sections = (
        make.overview(),
        make.rates(),
        make.causes(),
        make.parties(),
        make.duty(),
        make.places(),
        make.times(),
        make.work(),
        make.readings(),
        make.stock(),
        make.signals(),
        make.cases(),
    )
    words = make.words
    by_key = {figure.key: figure for figure in found.figures}
    return Report(
        words["title"],
        words["as_at"].format(now=f"{found.now:%Y-%m-%d %H:%M}", cases=len(found.cases)),
        captions,
        tuple(make.tile(by_key[key]) for key in TILES),
        sections,
        words,
    )


class Sections(WorkSections):
    """All sections; those about rates, causes, claims and duty are made here."""

    # -- overview ----------------------------------------------------------------------------------------------------------
    def overview(self) -> Section:
        found, words = self.found, self.words
        first = Table(
            words["first"],
            self._columns(("what", "wide", 74), ("who", "text", 24), ("by", "date"), ("worth", "money", 20)),
            tuple((action.what, action.who, action.by, action.worth) for action in actions(found, self.captions)),
            words["first_hint"],
            empty=words["nothing_to_do"],
        )
        figures = Table(
            words["figures"],
            self._columns(
                ("figure", "wide", 74), ("value", "text", 24), ("n", "int", 13), ("interval", "text", 20), ("target", "text", 12), ("meaning", "wide", 70)
            ),
            tuple(self._figure(figure) for figure in found.figures),
        )
        funnel = Table(
            words["funnel"],
            self._columns(("step", "wide", 74), ("case_count", "int", 24)),
            tuple((words[f"{step}_step"], n) for step, n in found.funnel),
            chart=Chart("bars", words["funnel"], (1,)),
        )
        refunded = Table(
            words["refunded_by"],
            self._columns(("currency", "wide", 74), ("refunds", "int", 24), ("amount", "money", 20)),
            tuple((currency, n, Money(minor=minor, currency=currency)) for currency, (n, minor) in found.refunded.items()),
            empty=words["no_data"],
        )
        return Section("overview", words["overview"], (first, figures, funnel, refunded))

    # -- rates -------------------------------------------------------------------------------------------------------------
    def rates(self) -> Section:
        found, words = self.found, self.words
        file = found.rules.sales_file
        if found.true_rates:
            basis = words["true_rates"].format(file=file, days=found.rules.sales_window_days, unmatched=found.unmatched)
        else:
            basis = words["bias"].format(orders=found.known_orders, file=file)
        intro = (
            basis,
            words["overall"].format(rate=shown_rate(found.overall, words)),
            words["flag_rule"].format(units=found.rules.flag_units, factor=found.rules.flag_factor, least=LEAST),
            self._drift(),
        )
        tables = [self._rates_by(by, rows) for by, rows in found.rates.items()]
        tables.insert(1, self._reasons())
        if found.values:
            tables.append(
                Table(
                    words["by_value"],
                    self._columns(("currency", "text", 26), ("value_back", "money"), ("value_shipped", "money"), ("rate", "share")),
                    tuple(
                        (currency, Money(minor=back, currency=currency), Money(minor=out, currency=currency), back / out if out else None)
                        for currency, (back, out) in sorted(found.values.items())
                    ),
                )
            )
        return Section("rates", words["rates"], tuple(tables), intro, warn=not found.true_rates)

    def _rates_by(self, by: str, rows: Iterable[GroupRate]) -> Table:
        """Groups with enough units first, the highest rate on top."""
        named = by in ("product", "sku")
        ordered = sorted(rows, key=lambda row: (not carries(row.units), -(row.units.value or 0.0), -row.units.n, row.group))
        body = tuple(
            (
                self._say(by, row.group) if by in ("category", "channel") else row.group,
                row.units.k,
                row.units.n,
                row.units,
                self.words["sure"] if row.sure and carries(row.units) else self.words["hint"] if row.flagged and carries(row.units) else "",
                *((product_name(self.found.names.get(row.group, ""), self.captions),) if named else ()),
            )
            for row in ordered
        )
        columns = self._columns(
            (by, "text", 26), ("returned", "int"), ("shipped", "int"), ("rate", "rate"), ("flag", "text", 15), *((("name", "text", 36),) if named else ())
        )
        title = self.words[f"by_{by}"]
        chart = Chart("rate", title, (3,)) if by in ("product", "country") else None
        return Table(title, columns, body, chart=chart, empty=self.words["no_data"], on_page=12 if named else 25)

    def _reasons(self) -> Table:
        words = self.words
        return Table(
            words["by_reason"],
            self._columns(("reason", "text", 26), ("case_count", "int"), ("units", "int"), ("share_of_cases", "rate"), ("per_shipped", "rate")),
            tuple((self._say("reason", group.name), group.share.k, group.units.k, group.share, group.units) for group in self.found.reasons),
            chart=Chart("bars", words["by_reason"], (1,)),
            empty=words["no_data"],
        )

    def _drift(self) -> str:
        drift = self.found.drift
        if drift is None:
            return self.words["drift_none"].format(n=ENOUGH)
        reason, before, now = drift.moved[0]
        return self.words[f"drift_{drift.level}"].format(reason=self._say("reason", reason), before=before, now=now)

    # -- causes, claims, duty ------------------------------------------------------------------------------------------------
    def causes(self) -> Section:
        found, words = self.found, self.words
        rows = tuple(
            (
                f"{cause.product}: {self._say('cause', cause.cause)}",
                product_name(cause.name, self.captions),
                cause.units.k,
                cause.units,
                self._base(cause.cost),
                words["act"] if cause.flagged else words["watch"],
                self._say("area", cause.area),
                action_for(cause.cause, self.captions),
                ", ".join(cause.rmas),
            )
            for cause in found.causes
        )
        columns = self._columns(
            ("cause", "text", 40),
            ("name", "text", 26),
            ("units", "int", 8),
            ("of_returned", "rate"),
            ("cost", "money"),
            ("verdict", "text", 9),
            ("who", "text", 20),
            ("action", "wide"),
            ("examples", "wide", 32),
        )
        hint = words["causes_hint"].format(units=found.rules.flag_units, base=found.books_currency)
        table = Table(words["causes"], columns, rows, hint, Chart("bars", words["causes_chart"], (4,)), words["no_data"])
        return Section("causes", words["causes"], (table,), found.causes_told or own_story(found, self.captions))

    def parties(self) -> Section:
        found, words, base = self.found, self.words, self.found.books_currency
        split = Table(
            words["split"],
            self._columns(
                ("party", "text", 26),
                ("case_count", "int"),
                ("units", "int"),
                ("loss", "money"),
                ("claimable", "money"),
                ("unproven", "money"),
                ("lapsed", "money"),
            ),
            tuple(
                (
                    self._say("party", row.party),
                    row.cases,
                    row.units,
                    self._base(row.loss),
                    self._base(row.claimable),
                    self._base(row.unproven),
                    self._base(row.lapsed),
                )
                for row in found.parties
            ),
            words["split_hint"].format(base=base),
            Chart("stacked", words["split"], (4, 5, 6), classes=("good", "maybe", "gone")),
            words["no_data"],
        )
        held = [party for party in PARTIES if any(key[1] == party for key in found.split)]
        matrix = Table(
            words["matrix"],
            (Column(words["reason"], "text", 26), *(Column(self._say("party", party), "int") for party in held)),
            tuple((self._say("reason", group.name), *(found.split.get((group.name, party)) for party in held)) for group in found.reasons),
            chart=Chart("stacked", words["matrix"], tuple(range(1, len(held) + 1)), classes=tuple(f"p-{party}" for party in held)),
            empty=words["no_data"],
        )
        claims = Table(
            words["claims"],
            self._columns(
                ("rma", "text", 26),
                "against",
                "ground",
                ("goods", "money"),
                ("way_back", "money"),
                ("total", "money"),
                ("proof", "text"),
                ("until", "date"),
                ("papers", "wide"),
            ),
            tuple(
                (
                    claim.rma,
                    self._say("party", claim.party),
                    self._say("kind", claim.kind),
                    self._base(claim.goods),
                    self._base(claim.label),
                    self._base(claim.total),
                    words["lapsed"] if claim.late else words["proven"] if claim.proven else words["said"],
                    claim.due,
                    self._papers(claim.papers),
                )
                for claim in found.claims
            ),
            words["claims_hint"].format(base=base),
            empty=words["no_data"],
        )
        return Section("parties", words["parties"], (split, matrix, claims))

    def _papers(self, keys: Iterable[str]) -> str:
        return ", ".join(self._say("paper", key) for key in keys)

    def duty(self) -> Section:
        found, words = self.found, self.words
        whole = Table(
            words["duty_sums"],
            self._columns(("way", "text", 24), ("state", "text", 20), ("case_count", "int"), ("estimate", "money"), ("no_estimate", "int", 14)),
            tuple(
                (self._say("way", way), self._say("recovery", state), n, Money(minor=minor, currency=currency), unknown)
                for (way, state, currency), (n, minor, unknown) in sums(found.recoveries).items()
            ),
            empty=words["no_data"],
        )
        rows = Table(
            words["duty_rows"],
            self._columns(
                ("rma", "text", 24),
                ("way", "text", 24),
                ("country", "text", 11),
                ("scheme", "text", 18),
                ("state", "text", 18),
                ("goods_value", "money"),
                ("duty_estimate", "money"),
                ("vat_estimate", "money"),
                ("until", "date"),
                ("checked", "text", 9),
                ("papers", "wide"),
            ),
            tuple(self._recovery(rows) for rows in _together(found.recoveries)),
            empty=words["no_data"],
        )
        return Section("duty", words["duty"], (whole, rows), (words["duty_hint"],))

    def _recovery(self, rows: list[Recovery]) -> tuple[Cell, ...]:
        """Duty and VAT of one case under one scheme on one line."""
        row = rows[0]
        estimates = {part.what: Money(minor=part.amount, currency=part.currency) for part in rows if part.amount is not None}
        return (
            row.rma,
            self._say("way", row.way),
            row.country,
            row.scheme,
            self._say("recovery", row.state),
            Money(minor=row.value, currency=row.currency),
            estimates.get("duty"),
            estimates.get("vat"),
            row.due,
            self.words["yes"] if all(part.checked for part in rows) else self.words["no"],
            self._papers(dict.fromkeys(paper for part in rows for paper in part.papers)),
        )


def _together(rows: Iterable[Recovery]) -> list[list[Recovery]]:
    """Duty and VAT of one case under one scheme, in the order of their first."""
    groups: dict[tuple[str, str, str, str], list[Recovery]] = {}
    for row in rows:
        groups.setdefault((row.rma, row.way, row.scheme, row.state), []).append(row)
    return list(groups.values())
