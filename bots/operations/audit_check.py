"""Checks an evidence pack where it lies, with nothing but Python: every file against the manifest, every event against the chain.

Copied into each pack as check.py. Usage: python check.py [FOLDER]. Exit code 0: whole, 1: not.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path


def hash_of(event: dict[str, object]) -> str:
    """The event's hash as the suite makes it: over its facts and the hash before it."""
    facts = [event[key] for key in ("previous_hash", "case_id", "at", "actor", "kind", "data")]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_files(folder: Path) -> list[str]:
    """Files that are missing, changed or were put in."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    named = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {"manifest.json"}
    problems = [f"{path} is missing" for path in sorted(named.keys() - there)] + [f"{path} is not in the manifest" for path in sorted(there - named.keys())]
    return problems + [
        f"{path} was changed" for path in sorted(named.keys() & there) if hashlib.sha256((folder / path).read_bytes()).hexdigest() != named[path]
    ]


def check_chain(folder: Path) -> list[str]:
    """Events that were changed, or do not stand in the chain where they say."""
    chain = json.loads((folder / "chain.json").read_text(encoding="utf-8"))
    hashes = [chain["first"], *chain["links"]]
    problems = []
    for event in chain["events"]:
        seq = event["seq"]
        if hash_of(event) != event["hash"]:
            problems.append(f"event {seq} was changed")
        if seq >= len(hashes) or hashes[seq] != event["hash"] or hashes[seq - 1] != event["previous_hash"]:
            problems.append(f"event {seq} does not stand in the chain")
    for anchor in chain["anchors"]:
        if anchor["seq"] >= len(hashes) or hashes[anchor["seq"]] != anchor["hash"]:
            problems.append(f"the chain is not the one that was anchored at event {anchor['seq']}")
    return problems


def main(folder: Path) -> int:
    """Check the pack in this folder and say what was found."""
    problems = check_files(folder) + check_chain(folder)
    chain = json.loads((folder / "chain.json").read_text(encoding="utf-8"))
    for problem in problems:
        print(problem)
    print(f"{len(chain['events'])} events of a log of {len(chain['links'])}, newest hash {([chain['first'], *chain['links']])[-1]}")
    print("NOT WHOLE" if problems else "whole")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent))
