"""The raw codes and words of the two practice carriers, by the neutral milestone that each stands for.

SwiftParcel scans with short letter codes, GlobalPost with the numbered items of the postal EMSEVT style.
The same event has a different code and different words at each, as in life; normalising them is the reader's job.
A carrier has more than one code for some milestones: the further ones are in `ALSO`.
"""

from __future__ import annotations

MILESTONES = (
    "label_created", "accepted", "in_transit", "export_customs", "departed", "arrived_country", "import_customs_presented", "customs_held",
    "customs_released", "out_for_delivery", "attempt_failed", "ready_for_pickup", "delivered", "returned_to_sender", "lost", "damaged", "expired",
)  # fmt: skip

SWIFT: dict[str, tuple[str, str]] = {
    "label_created": ("MA", "Shipment information received"),
    "accepted": ("PU", "Picked up"),
    "in_transit": ("PL", "Processed at sort facility"),
    "export_customs": ("CX", "Cleared for export"),
    "departed": ("DF", "Departed facility"),
    "arrived_country": ("AR", "Arrived at gateway in destination country"),
    "import_customs_presented": ("IC", "Presented to import customs"),
    "customs_held": ("RD", "Clearance delay - documents required"),
    "customs_released": ("CR", "Clearance processing complete"),
    "out_for_delivery": ("WC", "With delivery courier"),
    "attempt_failed": ("NH", "Delivery attempted - recipient not available"),
    "ready_for_pickup": ("HP", "Held at service point for collection"),
    "delivered": ("OK", "Delivered - signed for"),
    "returned_to_sender": ("RT", "Returned to shipper"),
    "lost": ("SM", "Shipment missing - trace closed"),
    "damaged": ("DM", "Damage noted in transit"),
    "expired": ("LX", "Label expired unused"),
}

GLOBAL: dict[str, tuple[str, str]] = {
    "label_created": ("EMZ-00", "Electronic pre-advice received, item not yet posted"),
    "accepted": ("EMA-10", "Posting / collection"),
    "in_transit": ("EMI-31", "Item processed in national network"),
    "export_customs": ("EXB-14", "Item released by export customs"),
    "departed": ("EMC-20", "Departure from outward office of exchange"),
    "arrived_country": ("EMD-30", "Arrival at inward office of exchange"),
    "import_customs_presented": ("EDB-38", "Item presented to import customs"),
    "customs_held": ("EME-42", "Held by import customs: missing or incorrect documents"),
    "customs_released": ("EDC-45", "Item returned from import customs, released"),
    "out_for_delivery": ("EDG-50", "Item out for physical delivery"),
    "attempt_failed": ("EMH-61", "Attempted / unsuccessful delivery"),
    "ready_for_pickup": ("EDH-63", "Item available for pick-up"),
    "delivered": ("EMI-70", "Final delivery"),
    "returned_to_sender": ("EXR-81", "Item returned to sender, undeliverable"),
    "lost": ("INQ-97", "Inquiry closed: item declared lost"),
    "damaged": ("INQ-93", "Item found damaged, report drawn up"),
    "expired": ("EMZ-09", "Pre-advice deleted: item never posted"),
}

ALSO: dict[str, dict[str, tuple[str, str]]] = {
    "SwiftParcel": {
        "in_transit": ("TR", "In transit to next facility"),
        "out_for_delivery": ("OD", "Out for delivery"),
        "delivered": ("DL", "Delivered to loading dock"),
        "attempt_failed": ("BA", "Bad address - attempt failed"),
    },
    "GlobalPost": {
        "in_transit": ("EMJ-33", "Arrival at transit office of exchange"),
        "departed": ("EMK-34", "Departure from transit office of exchange"),
        "delivered": ("EMI-71", "Final delivery to authorised recipient"),
    },
}  # fmt: skip

BY_CARRIER: dict[str, dict[str, tuple[str, str]]] = {"SwiftParcel": SWIFT, "GlobalPost": GLOBAL}
