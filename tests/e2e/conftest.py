# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""What the tests here are given: an umdevd, as the functional tests have it, and guests."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from guest import TOP, Guest, qemu_arguments

sys.path.append(str(TOP / 'tests/functional'))
from daemon import Daemon, Programs, mounts_below, processes_of, sockets_below  # noqa: E402

BUILD = pathlib.Path(os.environ.get('UMDEV_BUILD', TOP / 'build')).resolve()
PROGRAMS = Programs(umdevd=str(BUILD / 'umdevd'), umdev=str(BUILD / 'umdev'),
                    modules=str(BUILD / 'modules'), test_modules=None)


@pytest.fixture(scope='session', autouse=True)
def fuse():
    """Skip all of this where the tree cannot be mounted."""
    if not os.path.exists('/dev/fuse'):
        pytest.skip('/dev/fuse is missing')


@contextlib.contextmanager
def running_daemon(*arguments):
    """An umdevd that must end well and leave nothing. It has the tests' modules, too."""
    # A short name, as a socket's path holds no more than 107 bytes.
    top = pathlib.Path(tempfile.mkdtemp(prefix='umdev.', dir='/tmp'))
    modules = top / 'modules'
    modules.mkdir()
    for directory in ['modules', 'tests/e2e']:
        for module in (BUILD / directory).glob('*.so'):
            (modules / module.name).symlink_to(module)
    one = Daemon(PROGRAMS, top / 'r', '--module-dir', str(modules), *arguments)
    try:
        yield one.start()
        one.finish()
        left = [*processes_of(one.root), *mounts_below(one.root), *sockets_below(one.root)]
        assert not left, f'processes, mounts, sockets left: {left}'
    finally:
        if one.process is not None:
            one.kill()
        for mount in reversed(mounts_below(top)):
            subprocess.run(['fusermount3', '-u', '-z', '-q', mount], check=False)
        shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def daemon():
    """A running umdevd with mtty."""
    with running_daemon('--module', 'mtty') as one:
        yield one


@pytest.fixture
def boot(daemon):
    """A function that boots a guest with the devices given; QEMU ends with the test."""
    guests = []

    def boot_one(*uuids, **options):
        guest = Guest(*qemu_arguments(daemon, *uuids), **options)
        guests.append(guest)
        return guest.wait_until_up()

    yield boot_one
    for guest in guests:
        guest.close()
