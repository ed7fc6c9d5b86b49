"""Which addresses may be knocked at when somebody else says where."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from lumi.core.http import Unavailable
from lumi.core.http.addresses import NotPublic, check_address, is_public

INSIDE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "192.0.0.1",
    "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1",
    "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2a01:e0a::5efe:7f00:1",
    "2a01:e0a::200:5efe:7f00:1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "192.167.255.255", "2606:4700::1111", "2a00:1450::8a"]


def says(*answers: str):  # noqa: ANN201 - a resolver
    async def resolve(_host: str) -> Sequence[str]:
        return answers

    return resolve


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_behind_our_own_door_is_none_of_the_internets(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", INSIDE)
async def test_neither_written_out_nor_behind_a_name_it_is_let_through(address: str) -> None:
    with pytest.raises(NotPublic):
        await check_address(address, 443)
    with pytest.raises(NotPublic):
        await check_address("mail.example", 993, resolve=says("8.8.8.8", address))


@pytest.mark.parametrize("name", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "017700000001", "0x7f.1", "", "."])
async def test_numbers_only_a_c_library_understands_are_no_names(name: str) -> None:
    async def never(_host: str) -> Sequence[str]:
        raise AssertionError("it was looked up")

    with pytest.raises(NotPublic):
        await check_address(name, 443, resolve=never)


async def test_the_addresses_of_a_public_name_come_back_to_be_connected_to() -> None:
    found = await check_address("mail.example", 993, resolve=says("8.8.8.8", "2606:4700::1111", "8.8.8.8"))

    assert [str(each) for each in found] == ["8.8.8.8", "2606:4700::1111"]


async def test_a_network_that_is_named_is_let_through_and_no_other() -> None:
    inside = [ip_network("10.1.0.0/16")]

    assert await check_address("10.1.2.3", 25, inside=inside) == [ip_address("10.1.2.3")]
    with pytest.raises(NotPublic):
        await check_address("10.2.2.3", 25, inside=inside)


@pytest.mark.parametrize("port", [0, -1, 65536])
async def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(NotPublic):
        await check_address("8.8.8.8", port)


async def test_a_name_that_has_no_address_now_may_have_one_later() -> None:
    async def unknown(_host: str) -> Sequence[str]:
        raise OSError("no such name")

    for resolve in (unknown, says()):
        with pytest.raises(Unavailable):
            await check_address("mail.example", 993, resolve=resolve)


async def test_the_machines_own_resolver_finds_its_own_name_and_it_is_refused() -> None:
    with pytest.raises(NotPublic):
        await check_address("localhost", 443)
