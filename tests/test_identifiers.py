"""Check digits and forms of the numbers that travel with a parcel, a product and a payment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.decisions.identifiers import (
    IdentifierKind,
    compact,
    eori_shape,
    ioss_shape,
    is_country,
    is_parcel_number,
    readings,
    valid_dhl_waybill,
    valid_fedex,
    valid_gtin,
    valid_iban,
    valid_imei,
    valid_mrn,
    valid_s10,
    valid_sscc,
    valid_ups,
    valid_usps,
    valid_yamato,
)


def test_people_write_spaces_hyphens_and_dots_into_numbers():
    assert compact("rb 123-456.785\u00a0gb") == "RB123456785GB"


@pytest.mark.parametrize("number", ["RB123456785GB", "rb 123 456 785 gb"])
def test_a_postal_item_number_with_its_check_digit_and_country(number):
    assert valid_s10(number)
    assert readings(number)[0].kind is IdentifierKind.S10
    assert readings(number)[0].country == "GB"


@pytest.mark.parametrize("number", ["RB123456786GB", "RB123456785XX", "RB12345678GB", "123456785"])
def test_a_wrong_check_digit_or_a_country_that_does_not_exist(number):
    assert not valid_s10(number)


def test_northern_ireland_and_kosovo_count_as_countries():
    assert is_country("XI") and is_country("XK") and not is_country("ZZ")


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (valid_ups, "1Z5R89390357567127", "1Z5R89390357567128"),
        (valid_fedex, "986578788855", "986578788856"),
        (valid_fedex, "041441760228964", "041441760228965"),
        (valid_dhl_waybill, "3318810025", "3318810026"),
        (valid_gtin, "4006381333931", "4006381333932"),
        (valid_iban, "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"),
        (valid_sscc, "00340434161000099187", "00340434161000099188"),
        (valid_imei, "490154203237518", "490154203237519"),
    ],
)
def test_the_last_digit_decides(check, good, bad):
    assert check(good)
    assert not check(bad)


def test_a_japanese_slip_number_ends_with_the_rest_by_seven():
    body = "30017734221"
    good = int(body) % 7
    assert [digit for digit in range(10) if valid_yamato(f"{body}{digit}")] == [good]


def test_an_american_postal_number_has_twenty_digits_or_twenty_two_beginning_with_nine():
    good = [digit for digit in range(10) if valid_usps(f"940011020088123456789{digit}")]
    assert len(good) == 1
    assert not valid_usps(f"840011020088123456789{good[0]}")


def _mrn(body: str) -> list[str]:
    return [body + str(digit) for digit in range(10) if valid_mrn(body + str(digit))]


def test_exactly_one_check_digit_makes_a_customs_number_good():
    assert len(_mrn("24DE5860012345678")) == 1
    assert _mrn("24ZZ5860012345678") == []


def test_eori_and_ioss_have_forms_but_no_public_check_digit():
    assert eori_shape("DE1234567") and not eori_shape("ZZ1234567") and not eori_shape("DEABCDEF")
    assert ioss_shape("IM0400000123") and not ioss_shape("IM9990000123")
    assert readings("DE1234567") == (readings("DE 123 4567")[0],)
    assert not readings("DE1234567")[0].checked


def test_a_number_may_be_read_in_more_than_one_way():
    kinds = {reading.kind for reading in readings("986578788855")}
    assert IdentifierKind.FEDEX in kinds
    assert readings("hello") == ()


@pytest.mark.parametrize("number", ["JJD000390007812345678", "3SABCD1234567", "1Z5R89390357567127"])
def test_what_a_carrier_could_have_issued(number):
    assert is_parcel_number(number)


def test_an_account_is_no_parcel():
    assert not is_parcel_number("DE89370400440532013000")


@given(st.integers(min_value=0, max_value=10**8 - 1), st.sampled_from(["DE", "CN", "US", "PL"]))
def test_every_serial_number_has_one_good_check_digit(serial, country):
    good = [digit for digit in range(10) if valid_s10(f"RR{serial:08d}{digit}{country}")]
    assert len(good) == 1


@given(st.integers(min_value=0, max_value=10**17 - 1), st.integers(min_value=0, max_value=16))
def test_changing_one_digit_of_a_carton_label_is_noticed(serial, place):
    body = f"{serial:017d}"
    label = next(body + str(digit) for digit in range(10) if valid_sscc(body + str(digit)))
    other = label[:place] + str((int(label[place]) + 1) % 10) + label[place + 1 :]
    assert not valid_sscc(other)
