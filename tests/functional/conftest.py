# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""What the functional tests are given: daemons below roots of their own."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest

from daemon import Daemon, Programs, mounts_below, processes_of, sockets_below

# Whoever starts this in the background may have it ignored, and so would what is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    """--build names the build directory to test."""
    parser.addoption('--build', default=os.environ.get('UMDEV_BUILD'),
                     help='build directory with umdevd, umdev and modules/')


@pytest.fixture(scope='session')
def programs(request):
    """The programs under test: of --build, or each named by the environment."""
    top = pathlib.Path(__file__).resolve().parents[2]
    build = pathlib.Path(request.config.getoption('build') or top / 'build').resolve()
    found = Programs(
        umdevd=os.environ.get('UMDEVD', str(build / 'umdevd')),
        umdev=os.environ.get('UMDEV', str(build / 'umdev')),
        modules=os.environ.get('UMDEV_MODULE_DIR', str(build / 'modules')),
        test_modules=os.environ.get('UMDEV_TEST_MODULE_DIR', str(build / 'tests/functional')))
    assert os.access(found.umdevd, os.X_OK), f'{found.umdevd} is not built'
    return found


def clean_up(root):
    """Remove what a failed test left."""
    for pid in processes_of(root):
        os.kill(pid, signal.SIGKILL)
    for mount in reversed(mounts_below(root)):
        subprocess.run(['fusermount3', '-u', '-z', '-q', mount], check=False)


@pytest.fixture
def root():
    """A short path that does not exist; nothing that lives may be left there."""
    top = pathlib.Path(tempfile.mkdtemp(prefix='umdev.', dir='/tmp'))
    path = top / 'r'
    yield path
    left = (processes_of(path), mounts_below(path), sockets_below(path))
    clean_up(path)
    shutil.rmtree(top, ignore_errors=True)
    assert left == ({}, [], []), f'processes, mounts, sockets left: {left}'


@pytest.fixture
def make_daemon(programs, root):
    """A function that makes a Daemon, not started, on the test's root."""
    made = []

    def make(*arguments):
        made.append(Daemon(programs, root, *arguments))
        return made[-1]

    yield make
    for one in made:
        one.finish()


@pytest.fixture
def daemon(make_daemon):
    """A running daemon with mtty, which must end well."""
    return make_daemon('--module', 'mtty').start()


@pytest.fixture
def waiter(make_daemon, programs):
    """A running daemon with the test driver of waiter.c."""
    return make_daemon('--module-dir', programs.test_modules, '--module', 'waiter').start()
