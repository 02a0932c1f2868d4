# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""What the tests here are given: an umdevd, and guests."""

import os

import pytest

from guest import Guest
from umdevd import Umdevd


@pytest.fixture(scope='session', autouse=True)
def fuse():
    """Skip all of this where the tree cannot be mounted."""
    if not os.path.exists('/dev/fuse'):
        pytest.skip('/dev/fuse is missing')


@pytest.fixture
def umdevd():
    """A running umdevd, which must end well after the test."""
    daemon = Umdevd()
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.close()


@pytest.fixture
def boot():
    """A function that boots a guest with the QEMU arguments given; all end with the test."""
    guests = []

    def boot_one(*arguments, **options):
        guest = Guest(*arguments, **options)
        guests.append(guest)
        return guest.wait_until_up()

    yield boot_one
    for guest in guests:
        guest.close()
