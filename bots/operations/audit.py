"""`audit verify` and `audit export`: whether the event log is whole, and one case with its proof as a pack that stands by itself."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from bots.automation.evidence import safe_name
from bots.cases import archive
from bots.cases.masking import masked
from bots.cases.settings import Config
from bots.cases.store import Case, Store
from bots.operations.anchors import Anchors
from bots.operations.exit_codes import FAILED, OK, USAGE
from bots.operations.office import open_store
from bots.workbooks.output import put_in_place

console = Console()
AS_RECORDED, CHANGED, NOT_RECORDED, MADE = "as recorded", "CHANGED since it was recorded", "NOT RECORDED by any event", "made for this pack"
BAD = (CHANGED, NOT_RECORDED)
# A date that every pack has: the same case gives the same bytes but for what the pack says of itself.
ZIP_DATE = (2020, 1, 1, 0, 0, 0)


def print_line(text: str, style: str = "") -> None:
    """A line for the operator; nothing in it is markup."""
    console.print(text, style=style or None, highlight=False, markup=False, soft_wrap=True)


# -- verify ----------------------------------------------------------------------------------------------------------------
def verify(config: Config, *, anchors: Path | None = None, files: bool = False) -> int:
    """Check every link of the event log against its hash and against the anchors; with `files` the evidence too. 0: whole; 1: not.

    `anchors` is a copy of the anchor file that was kept elsewhere; without it the workspace's own is used, and then the newest event is anchored.
    """
    store = open_store(config, "operator")
    own = Anchors.of(config)
    kept = Anchors(anchors) if anchors else own
    if anchors and not anchors.is_file():
        print_line(f"There is no file {anchors}; name a copy of {own.file}.", "red")
        return USAGE
    known, damaged = kept.read()
    newest, breaks = archive.check_chain(store, known)
    problems = [*map(str, breaks), *damaged, *(check_files(store, config) if files else ())]
    for problem in problems:
        print_line(problem, "red")
    if not problems and not anchors:
        own.keep(store)
    print_line(f"{newest.seq} events, newest hash {newest.hash}; {len(known)} anchors in {kept.file}")
    print_line("The event log is NOT whole: see runbooks/audit.md." if problems else "The event log is whole.", "red" if problems else "green")
    return FAILED if problems else OK


def check_files(store: Store, config: Config) -> list[str]:
    """Evidence and vouchers whose bytes are not those that were recorded, one sentence a file."""
    places = [(rma, config.workspace / "evidence" / path, sha256) for rma, path, sha256 in archive.recorded_files(store)]
    for case in store.cases():
        places += [(case.rma, config.workspace / row["file"], row["sha256"]) for row in archive.case_facts(store, case)["vouchers"] if row["sha256"]]
    return [f"{file.name} of {rma} {what}" for rma, file, sha256 in places if (what := _state_of(file, sha256)) is not None]


def _state_of(file: Path, sha256: str) -> str | None:
    if not file.is_file():
        return "is missing"
    return None if hashlib.sha256(file.read_bytes()).hexdigest() == sha256 else "was changed since it was recorded"


# -- export ----------------------------------------------------------------------------------------------------------------
@dataclass
class Pack:
    """The files of a pack in order, and what is wrong with them."""

    content: dict[str, bytes] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, path: str, data: bytes, state: str = MADE) -> None:
        self.content[path] = data
        self.entries.append({"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "state": state})

    def add_json(self, path: str, data: Any) -> None:
        self.add(path, (json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n").encode())


def export(config: Config, number: str, target: Path | None = None) -> int:
    """Write the evidence pack of the case with this RMA or order number. 0: written and whole; 1: written, and it says what is wrong."""
    store = open_store(config, "operator")
    case = store.case(number) or store.case_of_order(number)
    if case is None:
        print_line(f"There is no case with the RMA or order number {number}.", "red")
        return USAGE
    pack = pack_of(config, store, case)
    place = put_in_place(target or config.file("out", "audit", f"{safe_name(case.rma)}.zip"), lambda fresh: write_zip(fresh, pack))
    for problem in pack.problems:
        print_line(problem, "red")
    print_line(f"{len(pack.content)} files of {case.rma} in {place}")
    return FAILED if pack.problems else OK


def pack_of(config: Config, store: Store, case: Case) -> Pack:
    """Everything on the case: timeline, facts, pages as they were read, mails, pictures, journals, vouchers, and the proof of the chain."""
    pack = Pack()
    known, damaged = Anchors.of(config).read()
    newest, breaks = archive.check_chain(store, known)
    pack.problems += [*map(str, breaks), *damaged]
    proof = archive.chain_proof(store, case)
    # Events are hashed as they stand, and hold no secret: what goes into them is masked before it is written.
    pack.add_json("chain.json", {**proof, "anchors": [asdict(head) for head in known if head.seq <= newest.seq]})
    pack.add_json("timeline.json", proof["events"])
    facts = masked(archive.case_facts(store, case))
    pack.add_json("case.json", facts)
    for row in archive.pages_read(store, case):
        pack.add_json(f"pages/{row['id']:06d}-{safe_name(row['kind'])}.json", masked(row))
    journals = archive.journals_of(store, case)
    pack.add_json("journals.json", journals)
    _add_evidence(pack, store, case, config.workspace / "evidence")
    for voucher in facts["vouchers"]:
        _add_recorded(pack, config.workspace / voucher["file"], f"vouchers/{Path(voucher['file']).name}", voucher["sha256"])
    pack.add("check.py", Path(__file__).with_name("audit_check.py").read_bytes())
    made_at = f"{store.clock.now():%Y-%m-%d %H:%M:%S}"
    pack.add("timeline.html", _page(pack, facts["case"], proof["events"], journals, made_at).encode())
    manifest = {
        "rma": case.rma,
        "order_no": case.order_no,
        "made_at": made_at,
        "newest_event": asdict(newest),
        "problems": pack.problems,
        "files": pack.entries,
    }
    pack.content["manifest.json"] = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    return pack


def _add_evidence(pack: Pack, store: Store, case: Case, root: Path) -> None:
    recorded = {path: sha256 for _, path, sha256 in archive.recorded_files(store, case)}
    for path, sha256 in recorded.items():
        _add_recorded(pack, root / path, f"evidence/{Path(path).name}", sha256)
    folder = root / safe_name(case.rma)
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.is_file() and f"{folder.name}/{file.name}" not in recorded:
            pack.add(f"evidence/{safe_name(file.name)}", file.read_bytes(), NOT_RECORDED)
            pack.problems.append(f"evidence/{file.name} is named by no event")


def _add_recorded(pack: Pack, file: Path, path: str, sha256: str) -> None:
    """A file whose hash is on record; one that is gone, or differs, is told."""
    if not file.is_file():
        pack.problems.append(f"{path} was recorded and is missing")
        return
    data = file.read_bytes()
    same = hashlib.sha256(data).hexdigest() == sha256
    pack.add(path, data, AS_RECORDED if same else CHANGED)
    if not same:
        pack.problems.append(f"{path} was changed since it was recorded (sha256 was {sha256})")


def _page(pack: Pack, case: dict[str, Any], events: list[dict[str, Any]], journals: list[dict[str, Any]], made_at: str) -> str:
    """The timeline for a reader: one HTML page without scripts, every text escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    pictures = [path for path in pack.content if path.endswith((".jpg", ".png"))]
    page = environment.get_template("audit.html.j2")
    return page.render(case=case, events=events, journals=journals, pictures=pictures, files=pack.entries, problems=pack.problems, bad=BAD, made_at=made_at)


def write_zip(file: Path, pack: Pack) -> None:
    """The pack as a zip with fixed dates and plain names."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for path, data in pack.content.items():
            info = zipfile.ZipInfo(path, ZIP_DATE)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive_file.writestr(info, data)
