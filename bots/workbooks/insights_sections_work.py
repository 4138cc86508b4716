"""The sections of the insights report about places, times, work, stock, fraud signals and the cases themselves."""

from __future__ import annotations

from bots.workbooks.insights_actions import some
from bots.workbooks.insights_maker import Maker
from bots.workbooks.insights_report import Cell, Chart, Column, Section, Table
from bots.workbooks.insights_words import product_name


class WorkSections(Maker):
    """What the goods, the clock and the bots tell."""

    # -- places, times -------------------------------------------------------------------------------------------------------
    def places(self) -> Section:
        found, words, rules = self.found, self.words, self.found.rules
        docks = Table(
            words["docks"],
            self._columns(
                ("warehouse", "text", 24),
                ("parcels", "int"),
                ("units", "int"),
                ("kilograms", "number"),
                ("peak", "int", 16),
                ("peak_day", "text"),
                ("benches", "int"),
                ("wait", "number", 18),
            ),
            tuple((dock.warehouse, dock.parcels, dock.units, dock.grams / 1000, dock.peak, dock.peak_day, dock.benches, dock.wait_h) for dock in found.docks),
            words["docks_hint"].format(minutes=rules.check_minutes, hours=rules.bench_hours),
            empty=words["no_data"],
        )
        slots = Table(
            words["slots"],
            self._columns(
                ("product", "text", 24),
                ("warehouse", "text", 11),
                ("units", "int"),
                ("abc", "text", 12),
                ("station", "wide", 42),
                ("of_graded", "text"),
                ("category", "text"),
                ("battery", "text"),
                ("name", "text", 34),
            ),
            tuple(
                (
                    slot.product,
                    slot.warehouse,
                    slot.units,
                    slot.abc,
                    self._say("station", slot.station) if slot.graded >= rules.flag_units else words["too_few"],
                    f"{slot.station_units} / {slot.graded}",
                    self._say("category", slot.category),
                    words["yes"] if slot.battery else "",
                    product_name(slot.name, self.captions),
                )
                for slot in found.slots
            ),
            words["slots_hint"].format(units=rules.flag_units),
            Chart("bars", words["slots"], (2,), 15),
            words["no_data"],
        )
        origins = Table(
            words["origins"],
            self._columns(
                ("country", "text", 24),
                ("warehouse", "text", 11),
                ("parcels", "int"),
                ("units", "int"),
                ("transit", "number", 16),
                ("held", "int", 16),
                ("paid", "money"),
            ),
            tuple((row.country, row.warehouse, row.parcels, row.units, row.transit_h, row.held, self._base(row.label_cost)) for row in found.origins),
            chart=Chart("bars", words["origins"], (2,)),
            empty=words["no_data"],
        )
        return Section("places", words["places"], (docks, slots, origins, self._sites()))

    def _sites(self) -> Table:
        words = self.words
        rows: list[tuple[Cell, ...]] = []
        for site in self.found.sites:
            ways: list[Cell] = []
            for place in range(2):
                name, kind, cost = site.options[place] if place < len(site.options) else ("", "", None)
                ways += [f"{self._say('lane', kind)} ({name})" if name else "–", self._base(cost) if cost is not None else None]
            rows.append(
                (
                    site.country,
                    site.parcels,
                    site.pieces,
                    self._base(site.paid),
                    *ways,
                    words["proposal"] if site.enough and site.options else words["few_parcels"],
                )
            )
        return Table(
            words["sites"],
            self._columns(
                ("country", "text", 24),
                ("parcels", "int"),
                ("pieces", "int"),
                ("paid", "money"),
                ("best", "wide", 36),
                ("best_cost", "money"),
                ("next", "text", 36),
                ("next_cost", "money"),
                ("verdict", "text"),
            ),
            tuple(rows),
            words["sites_hint"].format(parcels=self.found.rules.station_parcels),
            empty=words["no_data"],
        )

    def times(self) -> Section:
        found, words = self.found, self.words
        due = Table(
            words["due"].format(days=found.rules.due_soon_days),
            self._columns(
                ("rma", "text", 26),
                ("order_no", "text", 24),
                ("deadline", "date"),
                ("days_left", "int"),
                ("state", "text"),
                ("amount", "money"),
                ("open_questions", "wide", 34),
            ),
            tuple((row.rma, row.order_no, row.due.date(), row.days, self._say("state", row.state), row.amount, ", ".join(row.codes)) for row in found.due),
            words["due_hint"],
            empty=words["nothing_due"],
        )
        timed = [stage for stage in found.stages if stage.n]
        stages = Table(
            words["stages"],
            self._columns(
                ("stage", "text", 26),
                ("n", "int", 24),
                ("median", "number"),
                ("p90", "number", 14),
                ("business_median", "number", 18),
                ("business_p90", "number", 18),
                ("ours", "text", 26),
            ),
            tuple(
                (
                    self._say("stage", stage.stage),
                    stage.n,
                    stage.median,
                    stage.p90,
                    stage.business_median,
                    stage.business_p90,
                    words["ours_yes"] if stage.ours else words["ours_no"],
                )
                for stage in timed
            ),
            words["stages_hint"],
            Chart("pairs", words["stages"], (2, 3)),
            words["no_data"],
        )
        return Section("times", words["times"], (due, stages))

    # -- work, goods, cases --------------------------------------------------------------------------------------------------
    def work(self) -> Section:
        found, words = self.found, self.words
        share = f"{found.labour.share:.0%}" if found.labour.share is not None else words["no_data"]
        bots = Table(
            words["bots"],
            self._columns(
                ("bot", "text", 24),
                ("saved", "number"),
                ("done", "int"),
                ("to_person", "int"),
                ("by_hand", "number", 14),
                ("runs", "int"),
                ("failed", "int"),
                ("seconds", "number", 14),
            ),
            tuple((row.bot, row.saved, row.done, row.to_person, row.by_hand or None, row.runs, row.failed, row.seconds) for row in found.work),
            words["bots_hint"].format(share=share, baseline=found.labour.baseline),
            Chart("bars", words["bots"], (1,)),
            words["no_data"],
        )
        questions = Table(
            words["questions"],
            self._columns(("code", "text", 24), ("bot", "text"), ("asked", "int"), ("open", "int"), ("answer_h", "number", 18), ("decisions", "text", 30)),
            tuple(
                (row.code, row.bot, row.n, row.open, row.median_h, ", ".join(f"{self._say('decision', word)} {n}" for word, n in row.decisions))
                for row in found.questions
            ),
            words["questions_hint"],
            empty=words["no_questions"],
        )
        return Section("work", words["work"], (bots, questions))

    def readings(self) -> Section:
        """How well mail and notes are read, and how much better the surest part of them: what a threshold of certainty would bring."""
        words, found = self.words, self.found.readings
        parts = [part for part, _ in found[0].surest] if found else []
        columns = (
            *self._columns(("source", "text", 20), ("of_the_text", "text", 18), ("rows", "int")),
            *(Column(words["surest"].format(part=part), "share", 13) for part in parts),
            *self._columns(("macro_f1", "share"), ("calibration", "share", 16)),
        )
        rows = tuple(
            (row.source, row.question, row.rows, *(dict(row.surest).get(part) for part in parts), row.macro_f1, row.calibration_error) for row in found
        )
        return Section("readings", words["readings"], (Table(words["readings_table"], columns, rows, words["readings_hint"], empty=words["not_measured"]),))

    def stock(self) -> Section:
        words = self.words
        rows = tuple(
            (
                f"{row.grade} · {self._say('disposition', row.disposition)}",
                row.units,
                self._base(row.cost),
                self._base(row.recovery),
                row.recovery / row.cost if row.cost else None,
            )
            for row in self.found.stock
        )
        columns = self._columns(("disposition", "text", 34), ("units", "int"), ("cost", "money"), ("recovery_value", "money"), ("recovery_share", "share"))
        hint = words["stock_hint"].format(base=self.found.books_currency)
        return Section(
            "stock", words["stock"], (Table(words["stock_table"], columns, rows, hint, Chart("bars", words["stock_table"], (1,), 15), words["no_data"]),)
        )

    def signals(self) -> Section:
        words = self.words
        rows = tuple((row.rule, len(row.rmas), row.held, row.what, some(row.rmas, self.captions)) for row in self.found.signals)
        columns = self._columns(("rule", "text", 10), ("case_count", "int"), ("held_back", "int"), ("pattern", "wide", 70), ("examples", "text", 50))
        hint = words["signals_hint"].format(screened=self.found.screened)
        return Section("signals", words["signals"], (Table(words["signals_table"], columns, rows, hint, empty=words["no_signals"]),))

    def cases(self) -> Section:
        words = self.words
        rows = tuple(
            (
                case.rma,
                case.order_no,
                self._say("state", case.state),
                self._say("reason", case.reason) if case.reason else "",
                self._say("party", case.responsible) if case.responsible else "",
                case.country,
                self._say("channel", case.channel),
                case.skus,
                case.amount,
                self._base(case.loss),
                case.opened_at.date(),
                case.closed_at.date() if case.closed_at is not None else None,
                case.deadline.date() if case.deadline is not None else None,
                case.touches,
                ", ".join(case.open_questions),
            )
            for case in self.found.cases
        )
        columns = self._columns(
            ("rma", "text", 17), ("order_no", "text", 23), "state", ("reason", "text", 24), ("party", "text", 14), ("country", "text", 9), ("channel", "text", 13), ("articles", "text", 24),
            ("refund", "money"), ("loss", "money"), ("opened", "date"), ("closed_at", "date"), ("deadline", "date", 14), ("touches", "int", 9), ("open_questions", "text", 26),
        )  # fmt: skip
        return Section("cases", words["cases"], (Table(words["cases"], columns, rows, empty=words["no_cases"]),))
