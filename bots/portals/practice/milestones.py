"""The carriers' own scan codes, put into one vocabulary. A code that is not here is shown as it is, with the milestone `unknown`."""

from __future__ import annotations

from bots.cases.model import Milestone as M

SWIFT: dict[str, M] = {
    "MA": M.LABEL_CREATED,
    "PU": M.ACCEPTED,
    "PL": M.IN_TRANSIT,
    "TR": M.IN_TRANSIT,
    "CX": M.EXPORT_CUSTOMS,
    "DF": M.DEPARTED,
    "AR": M.ARRIVED_COUNTRY,
    "IC": M.CUSTOMS_PRESENTED,
    "RD": M.CUSTOMS_HELD,
    "CR": M.CUSTOMS_RELEASED,
    "WC": M.OUT_FOR_DELIVERY,
    "OD": M.OUT_FOR_DELIVERY,
    "NH": M.ATTEMPT_FAILED,
    "BA": M.ATTEMPT_FAILED,
    "HP": M.READY_FOR_PICKUP,
    "OK": M.DELIVERED,
    "DL": M.DELIVERED,
    "RT": M.RETURNED_TO_SENDER,
    "SM": M.LOST,
    "DM": M.DAMAGED,
    "LX": M.EXPIRED,
}
"""SwiftParcel's checkpoint codes."""

GLOBAL: dict[str, M] = {
    "EMZ-00": M.LABEL_CREATED,
    "EMA-10": M.ACCEPTED,
    "EMI-31": M.IN_TRANSIT,
    "EMJ-33": M.IN_TRANSIT,
    "EXB-14": M.EXPORT_CUSTOMS,
    "EMC-20": M.DEPARTED,
    "EMK-34": M.DEPARTED,
    "EMD-30": M.ARRIVED_COUNTRY,
    "EDB-38": M.CUSTOMS_PRESENTED,
    "EME-42": M.CUSTOMS_HELD,
    "EDC-45": M.CUSTOMS_RELEASED,
    "EDG-50": M.OUT_FOR_DELIVERY,
    "EMH-61": M.ATTEMPT_FAILED,
    "EDH-63": M.READY_FOR_PICKUP,
    "EMI-70": M.DELIVERED,
    "EMI-71": M.DELIVERED,
    "EXR-81": M.RETURNED_TO_SENDER,
    "INQ-97": M.LOST,
    "INQ-93": M.DAMAGED,
    "EMZ-09": M.EXPIRED,
}
"""GlobalPost's event numbers."""
