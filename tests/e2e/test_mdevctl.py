# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""mdevctl 1.4, unmodified, manages umdev's devices."""

import json
import os
import subprocess

import pytest

from guest import TOP

UUID1 = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001'
UUID2 = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1002'


@pytest.fixture
def mdevctl(daemon):
    """A function that runs mdevctl on umdevd's tree; returns its output."""
    def run(*words, status=0):
        done = subprocess.run([TOP / 'build/vm/bin/mdevctl', *words], text=True, timeout=30,
                              capture_output=True, check=False,
                              env={**os.environ, 'MDEVCTL_ENV_ROOT': str(daemon.root)})
        assert done.returncode == status, (f'mdevctl {" ".join(words)} ended with {done.returncode}: '
                                           f'{done.stdout}{done.stderr}')
        return done.stdout + done.stderr

    yield run
    # The definitions that a test leaves are mdevctl's, not umdevd's.
    for path in (daemon.root / 'etc').rglob('*'):
        if path.is_file():
            path.unlink()


def test_mdevctl_is_the_version_that_this_is_about(mdevctl):
    assert mdevctl('--version').startswith('mdevctl 1.')


def test_mdevctl_types_shows_what_the_parent_offers(mdevctl):
    types = json.loads(mdevctl('types', '--dumpjson'))
    assert types == [{'mtty': [
        {'mtty-1': {'available_instances': 24, 'device_api': 'vfio-pci', 'name': 'Single port serial'}},
        {'mtty-2': {'available_instances': 12, 'device_api': 'vfio-pci', 'name': 'Dual port serial'}},
    ]}]
    assert mdevctl('types').splitlines() == [
        'mtty',
        '  mtty-1',
        '    Available instances: 24',
        '    Device API: vfio-pci',
        '    Name: Single port serial',
        '  mtty-2',
        '    Available instances: 12',
        '    Device API: vfio-pci',
        '    Name: Dual port serial',
    ]


def test_mdevctl_starts_lists_and_stops_a_device(daemon, mdevctl):
    mdevctl('start', '--uuid', UUID1, '--parent', 'mtty', '--type', 'mtty-1')
    assert (daemon.device(UUID1) / 'mdev_type').resolve().name == 'mtty-1'
    assert mdevctl('list').split() == [UUID1, 'mtty', 'mtty-1', 'manual']

    mdevctl('start', '--uuid', UUID2, '--parent', 'mtty', '--type', 'mtty-2')
    assert sorted(line.split()[0] for line in mdevctl('list').splitlines()) == [UUID1, UUID2]

    mdevctl('stop', '--uuid', UUID1)
    assert not daemon.device(UUID1).exists()
    mdevctl('stop', '--uuid', UUID2)
    assert mdevctl('list') == ''


def test_mdevctl_defines_a_device_and_starts_it_by_its_definition(daemon, mdevctl):
    mdevctl('define', '--uuid', UUID1, '--parent', 'mtty', '--type', 'mtty-2')
    assert mdevctl('list', '--defined').split() == [UUID1, 'mtty', 'mtty-2', 'manual']
    assert not daemon.device(UUID1).exists()

    mdevctl('modify', '--uuid', UUID1, '--auto')
    assert mdevctl('list', '--defined').split() == [UUID1, 'mtty', 'mtty-2', 'auto']

    mdevctl('start', '--uuid', UUID1)
    assert (daemon.device(UUID1) / 'mdev_type').resolve().name == 'mtty-2'
    assert '(defined)' in mdevctl('list')

    mdevctl('stop', '--uuid', UUID1)
    mdevctl('undefine', '--uuid', UUID1)
    assert mdevctl('list', '--defined') == ''


def test_mdevctl_refuses_what_there_is_no_room_for(daemon, mdevctl):
    for number in range(12):
        daemon.create(f'83b8f4f2-509f-382f-3c1e-0000000000{number:02}', 'mtty-2')
    refusal = mdevctl('start', '--uuid', UUID1, '--parent', 'mtty', '--type', 'mtty-1', status=1)
    assert 'No available instances of mtty-1 on mtty' in refusal
    assert not daemon.device(UUID1).exists()


def test_mdevctl_makes_up_a_uuid_where_none_is_given(daemon, mdevctl):
    uuid = mdevctl('start', '--parent', 'mtty', '--type', 'mtty-1').strip()
    assert daemon.device(uuid).exists()
