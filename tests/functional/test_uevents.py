# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""uevents: the kernel's, in the kernel's order, as recorded on Linux 5.10."""

import json
import re
import subprocess

from daemon import LIMIT, UUID

PARENT = '/devices/virtual/mtty/mtty'


class Monitor:
    """A running "umdev monitor" that has subscribed."""

    def __init__(self, daemon, *words):
        self.process = subprocess.Popen(
            [daemon.programs.umdev, '--root', str(daemon.root), 'monitor', *words,
             '--timeout', str(LIMIT)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert 'printing the uevents' in self.process.stderr.readline()

    def finish(self):
        """What it printed, once it has ended."""
        output, errors = self.process.communicate(timeout=2 * LIMIT)
        assert (self.process.returncode, errors) == (0, '')
        return output


def events_of(daemon, count, action):
    """The first events that an action causes, in one line each."""
    monitor = Monitor(daemon, '--json', '--count', str(count))
    action()
    lines = []
    for line in monitor.finish().splitlines():
        properties = json.loads(line)['properties']
        properties.pop('SEQNUM')
        words = [f'{key}={value}' for key, value in properties.items()]
        lines.append(f'{properties["ACTION"]}@{properties["DEVPATH"]} {" ".join(words)}')
    return lines


def event(action, path, subsystem, *more):
    """An event as events_of() tells it."""
    words = [f'ACTION={action}', f'DEVPATH={path}', f'SUBSYSTEM={subsystem}', *more]
    return f'{action}@{path} {" ".join(words)}'


def numbers(lines):
    """The same with the major number of vfio replaced, which is dynamic."""
    return [re.sub(r'MAJOR=\d+', 'MAJOR=N', line) for line in lines]


def test_creation_adds_the_device_then_its_group_then_binds(daemon):
    lines = events_of(daemon, 3, lambda: daemon.create(UUID))
    assert numbers(lines) == [
        event('add', f'{PARENT}/{UUID}', 'mdev'),
        event('add', '/devices/virtual/vfio/0', 'vfio', 'MAJOR=N', 'MINOR=0', 'DEVNAME=vfio/0'),
        event('bind', f'{PARENT}/{UUID}', 'mdev', 'DRIVER=vfio_mdev'),
    ]


def test_removal_is_the_mirror_of_creation(daemon):
    daemon.create(UUID)
    lines = events_of(daemon, 3, lambda: daemon.umdev('remove', UUID))
    assert numbers(lines) == [
        event('remove', '/devices/virtual/vfio/0', 'vfio', 'MAJOR=N', 'MINOR=0',
              'DEVNAME=vfio/0'),
        event('unbind', f'{PARENT}/{UUID}', 'mdev'),
        event('remove', f'{PARENT}/{UUID}', 'mdev'),
    ]


def test_unloading_and_loading_a_driver_tells_the_state_of_its_parent(daemon):
    lines = events_of(daemon, 4, lambda: daemon.umdev('rmmod', 'mtty'))
    assert lines == [
        event('change', PARENT, 'mtty', 'MDEV_STATE=unregistered'),
        event('remove', PARENT, 'mtty'),
        event('remove', '/class/mtty', 'class'),
        event('remove', '/module/mtty', 'module'),
    ]
    lines = events_of(daemon, 4, lambda: daemon.umdev('modprobe', 'mtty'))
    assert sorted(lines) == sorted([
        event('add', '/class/mtty', 'class'),
        event('add', PARENT, 'mtty'),
        event('change', PARENT, 'mtty', 'MDEV_STATE=registered'),
        event('add', '/module/mtty', 'module'),
    ])
    assert [line for line in lines if '/module/' not in line] == [
        event('add', '/class/mtty', 'class'),
        event('add', PARENT, 'mtty'),
        event('change', PARENT, 'mtty', 'MDEV_STATE=registered'),
    ]


def test_monitor_prints_lines_as_udevadm_does(daemon):
    monitor = Monitor(daemon, '--count', '3', '--property')
    daemon.create(UUID)
    output = monitor.finish()
    assert re.match(rf'KERNEL\[\d+\.\d{{6}}\] add      {PARENT}/{UUID} \(mdev\)\n'
                    r'ACTION=add\nDEVPATH=', output)
    assert 'DRIVER=vfio_mdev\n' in output


def test_a_monitor_that_does_not_see_enough_says_so(daemon):
    done = daemon.umdev('monitor', '--count', '1', '--timeout', '0')
    assert done.returncode == 4
    assert daemon.umdev('monitor', '--timeout', '0').returncode == 0


def test_writing_to_uevent_emits_one(daemon):
    lines = events_of(daemon, 1, lambda: (daemon.sys / 'class/mdev_bus/mtty/uevent').write_text(
        'change', encoding='ascii'))
    assert lines == [event('change', PARENT, 'mtty', 'SYNTH_UUID=0')] or \
        lines == [event('change', PARENT, 'mtty')]
