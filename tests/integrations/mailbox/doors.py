"""Which addresses a test lets its clients call."""

from functools import partial
from ipaddress import ip_network

from lumi.core.http.addresses import check_address

at_home = partial(check_address, inside=[ip_network("127.0.0.0/8"), ip_network("::1/128")])
"""As in the product, and this machine besides."""
