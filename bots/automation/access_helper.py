"""Looks into other programs' windows by accessibility (AT-SPI), for `access.py`; run by the system's Python, whose bindings (gi) no package index has.

One JSON object a line on standard input, one a line on standard output; it ends with its input. A question is
    {"do": what, "pid": process, "path": [way, ...], ...}
where each way of the path but the last must fit exactly one element, inside which the next is looked for. A way has `role` (and `name`) or `label` or `text`.
The answer is {"found": how many fit the last way, ...}, or {"busy": why} when the program did not answer or changed meanwhile: nothing was done then.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402  # it must be told first which version

CALL_MS = 1500
"""How long one question to a program may take."""
START_MS = 15000
MOST_NODES = 50_000
WINDOWS = ("frame", "dialog", "alert", "window")
"""Roles of whole windows: these are not looked for inside others."""
CLICKS = ("click", "press", "activate", "toggle")
STATE = Atspi.StateType


class Busy(Exception):
    """The program cannot be asked now."""


def has(node: Any, state: Any) -> bool:
    return bool(node.get_state_set().contains(state))


def children(node: Any) -> Iterator[Any]:
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def walk(node: Any, state: Any) -> Iterator[Any]:
    """Everything inside that is in this state, in the order of the tree; what is not hides what it holds."""
    seen = 0
    waiting = list(children(node))[::-1]
    while waiting:
        one = waiting.pop()
        if not has(one, state):
            continue
        seen += 1
        if seen > MOST_NODES:
            raise Busy("the window holds more than can be looked at")
        yield one
        waiting.extend(list(children(one))[::-1])


def windows(pid: int) -> Iterator[Any]:
    """The windows of one process."""
    for program in children(Atspi.get_desktop(0)):
        if program.get_process_id() == pid:
            yield from children(program)


def name_of(node: Any) -> str:
    """The accessible name; of a button that only shows a picture, what is said of it."""
    return node.get_name() or node.get_description() or ""


def label_of(node: Any) -> str:
    """The caption that belongs to it."""
    for relation in node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY and relation.get_n_targets():
            return relation.get_target(0).get_name() or ""
    return ""


def text_of(node: Any) -> str:
    """What it says or holds; of a cell made of several, theirs."""
    if "Text" in node.get_interfaces():
        text = Atspi.Text.get_text(node, 0, -1)
        if text:
            return str(text)
    if node.get_role_name() == "table cell":
        parts = [text_of(child) for child in children(node)]
        return " ".join(part for part in parts if part) or node.get_name() or ""
    return node.get_name() or ""


def fits(node: Any, way: dict[str, str]) -> bool:
    if "role" in way:
        return node.get_role_name() == way["role"] and ("name" not in way or name_of(node) == way["name"])
    if "label" in way:
        return "Text" in node.get_interfaces() and label_of(node) == way["label"]
    return node.get_role_name() == "label" and text_of(node) == way["text"]


def find(question: dict[str, Any]) -> list[Any]:
    """What fits the last way of the path; none when the path leads nowhere or to several places."""
    tops = [window for window in windows(question["pid"]) if has(window, STATE.SHOWING)]
    places, found = tops, list[Any]()
    for number, way in enumerate(question["path"]):
        if number and len(found) != 1:
            return []
        places = found if number else tops
        if way.get("role") in WINDOWS:
            found = [one for one in places if fits(one, way)]
        else:
            found = [one for place in places for one in walk(place, STATE.SHOWING) if fits(one, way)]
    return found


def facts(node: Any) -> dict[str, Any]:
    place = Atspi.Component.get_extents(node, Atspi.CoordType.SCREEN) if "Component" in node.get_interfaces() else None
    states = [state.value_nick for state in node.get_state_set().get_states()]
    return {"name": name_of(node), "text": text_of(node), "states": states, "place": [place.x, place.y, place.width, place.height] if place else None}


def click(node: Any) -> bool:
    """Do what a click would do."""
    names = [Atspi.Action.get_action_name(node, index) for index in range(Atspi.Action.get_n_actions(node))] if "Action" in node.get_interfaces() else []
    wanted = next((name for name in CLICKS if name in names), None)
    if wanted is None or not has(node, STATE.SENSITIVE):
        return False
    return bool(Atspi.Action.do_action(node, names.index(wanted)))


def focus(node: Any) -> bool:
    return "Component" in node.get_interfaces() and bool(Atspi.Component.grab_focus(node))


def fill(node: Any, text: str) -> bool:
    if "EditableText" not in node.get_interfaces() or not has(node, STATE.EDITABLE) or not has(node, STATE.SENSITIVE):
        return False
    return bool(Atspi.EditableText.set_text_contents(node, text))


def everything(node: Any) -> list[str]:
    """All that it says, line by line, also on pages of it that are not in front."""
    return [text for one in walk(node, STATE.VISIBLE) if (text := text_of(one)) and one.get_role_name() != "table cell"]


def fields(node: Any) -> list[list[str]]:
    """[caption, what it holds] of every field, also on pages that are not in front."""
    found = []
    for one in walk(node, STATE.VISIBLE):
        if "Text" in one.get_interfaces() and (label := label_of(one)):
            found.append([label, Atspi.Text.get_text(one, 0, -1)])
    return found


def table(node: Any) -> dict[str, Any] | None:
    """Captions and rows of a table."""
    if "Table" not in node.get_interfaces():
        return None
    rows, columns = Atspi.Table.get_n_rows(node), Atspi.Table.get_n_columns(node)
    heads = [Atspi.Table.get_column_header(node, column) for column in range(columns)]
    cells = [[text_of(Atspi.Table.get_accessible_at(node, row, column)) for column in range(columns)] for row in range(rows)]
    return {"head": [head.get_name() if head is not None else "" for head in heads], "rows": cells}


def choose(node: Any, row: int) -> bool:
    """Put the cursor into a row: the first cell of it that says something takes the keyboard."""
    for column in range(Atspi.Table.get_n_columns(node)):
        cell = Atspi.Table.get_accessible_at(node, row, column)
        if text_of(cell):
            return focus(cell)
    return False


def answer(question: dict[str, Any]) -> dict[str, Any]:
    if question["do"] == "window":
        active = [window for window in windows(question["pid"]) if has(window, STATE.ACTIVE)]
        return {"found": len(active), "name": active[0].get_name() if active else ""}
    found = find(question)
    told: dict[str, Any] = {"found": len(found)}
    if len(found) != 1:
        return told
    (node,) = found
    what = question["do"]
    if what == "look":
        told["facts"] = facts(node)
    elif what == "click":
        told["done"] = click(node)
    elif what == "focus":
        told["done"] = focus(node)
    elif what == "fill":
        told["done"] = fill(node, question["text"])
    elif what == "choose":
        told["done"] = choose(node, question["row"])
    elif what == "everything":
        told["lines"] = everything(node)
    elif what == "fields":
        told["fields"] = fields(node)
    elif what == "table":
        told["table"] = table(node)
    return told


def main() -> None:
    Atspi.set_timeout(CALL_MS, START_MS)
    for line in sys.stdin:
        try:
            told = answer(json.loads(line))
        except (GLib.Error, Busy, AttributeError) as problem:  # what is gone meanwhile is None
            told = {"busy": str(problem)}
        print(json.dumps(told), flush=True)


main()
