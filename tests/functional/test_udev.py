# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""umdevd --udev: udev sees umdev's uevents as the kernel's (M11)."""

import ast
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import time

import pytest

from daemon import LIMIT, UUID, Daemon, until

PARENT = '/devices/virtual/mtty/mtty'
NETLINK_KOBJECT_UEVENT = '15'


@pytest.fixture(name='enter')
def fixture_enter():
    """The words that run a command in a network namespace of the test's own."""
    as_root = os.geteuid() == 0
    if not shutil.which('udevadm'):
        pytest.skip('udevadm is missing (Debian: package udev)')
    holder = subprocess.Popen(
        ['unshare', '--net', *([] if as_root else ['--map-root-user']), 'sh', '-c', 'echo made; exec cat'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if holder.stdout.readline() != 'made\n':
        pytest.skip(f'no network namespace can be made here: {holder.communicate()[1]}')
    yield ['nsenter', f'--target={holder.pid}', '--net',
           *([] if as_root else ['--user', '--preserve-credentials'])]
    holder.communicate(timeout=LIMIT)


@pytest.fixture(name='make_udev_daemon')
def fixture_make_udev_daemon(programs, root):
    """A function that makes a Daemon, not started, which some words start."""
    made = []

    def make(*words):
        wrapper = root.parent / 'umdevd'
        wrapper.write_text(f'#!/bin/sh\nexec {" ".join(words)} {programs.umdevd} "$@"\n', encoding='utf-8')
        wrapper.chmod(0o700)
        made.append(Daemon(programs._replace(umdevd=str(wrapper)), root, '--module', 'mtty', '--udev'))
        return made[-1]

    yield make
    for one in made:
        one.finish()


# Prints the first uevent that tells of what it is given, with its sender.
LISTENER = '''
import socket, sys
one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_KOBJECT_UEVENT)
one.bind((0, 1))
print("listening", flush=True)
while True:
    data, sender = one.recvfrom(65536)
    if sys.argv[1].encode() in data:
        print(repr((data, sender)))
        break
'''


class Udevadm:
    """A running "udevadm monitor", and what it has printed of events that tell of umdev."""

    def __init__(self, enter):
        self.process = subprocess.Popen(
            [*enter, 'udevadm', 'monitor', '--kernel', '--property'],
            # It would do nothing in a chroot, for fear of being in an installer.
            env={**os.environ, 'SYSTEMD_IGNORE_CHROOT': '1'}, stdout=subprocess.PIPE)
        self.text = ''
        until('udevadm listens', self.listens)

    def listens(self):
        """Whether some socket in its namespace gets the kernel's uevents."""
        assert self.process.poll() is None
        table = pathlib.Path(f'/proc/{self.process.pid}/net/netlink').read_text(encoding='ascii')
        rows = [line.split() for line in table.splitlines()]
        return any(row[1] == NETLINK_KOBJECT_UEVENT and row[3] == '00000001' for row in rows)

    def events(self, last):
        """All events up to one, as lists of properties."""
        end = time.monotonic() + LIMIT
        os.set_blocking(self.process.stdout.fileno(), False)
        while not re.search(rf'^{last}\n(.+\n)*\n', self.text, re.MULTILINE):
            left = end - time.monotonic()
            assert left > 0, f'no {last} in:\n{self.text}'
            if select.select([self.process.stdout], [], [], left)[0]:
                self.text += self.process.stdout.read().decode()
        self.process.terminate()
        self.process.communicate(timeout=LIMIT)
        blocks = [block.splitlines() for block in self.text.strip().split('\n\n')]
        # The host's own devices may come and go meanwhile.
        return [block[1:] for block in blocks if re.search(r'/mtty|/vfio/', block[0])]


def event(action, path, subsystem, *more):
    """An event as events_of() tells it."""
    return [f'ACTION={action}', f'DEVPATH={path}', f'SUBSYSTEM={subsystem}', *more]


def without_numbers(events):
    """The same without the kernel's sequence numbers and vfio's major number."""
    return [[re.sub(r'MAJOR=\d+', 'MAJOR=N', line) for line in properties if not line.startswith('SEQNUM=')]
            for properties in events]


def test_m11_udevadm_sees_the_uevents_of_a_devices_life_as_the_kernels(enter, make_udev_daemon):
    daemon = make_udev_daemon(*enter).start()
    monitor = Udevadm(enter)
    assert daemon.umdev('create', UUID, 'mtty-1').returncode == 0
    assert daemon.umdev('remove', UUID).returncode == 0
    events = monitor.events(f'ACTION=remove\nDEVPATH={PARENT}/{UUID}')
    group = ['DEVNAME=/dev/vfio/0', 'MAJOR=N', 'MINOR=0']
    assert [sorted(properties) for properties in without_numbers(events)] == [
        sorted(properties) for properties in (
            event('add', f'{PARENT}/{UUID}', 'mdev'),
            event('add', '/devices/virtual/vfio/0', 'vfio', *group),
            event('bind', f'{PARENT}/{UUID}', 'mdev', 'DRIVER=vfio_mdev'),
            event('remove', '/devices/virtual/vfio/0', 'vfio', *group),
            event('unbind', f'{PARENT}/{UUID}', 'mdev'),
            event('remove', f'{PARENT}/{UUID}', 'mdev'))]
    numbers = [int(line.removeprefix('SEQNUM=')) for properties in events for line in properties
               if line.startswith('SEQNUM=')]
    assert len(numbers) == len(events) and numbers == sorted(set(numbers)), numbers


def test_m11_the_messages_are_the_kernels_byte_for_byte(enter, make_udev_daemon):
    daemon = make_udev_daemon(*enter).start()
    with subprocess.Popen([*enter, sys.executable, '-c', LISTENER.replace('NETLINK_KOBJECT_UEVENT',
                                                                          NETLINK_KOBJECT_UEVENT), UUID],
                          stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout.readline() == 'listening\n'
        assert daemon.umdev('create', UUID, 'mtty-1').returncode == 0
        data, sender = ast.literal_eval(listener.communicate(timeout=LIMIT)[0])
    assert sender == (0, 1)
    path = f'{PARENT}/{UUID}'.encode()
    assert re.fullmatch(b'add@' + path + b'\0ACTION=add\0DEVPATH=' + path + b'\0SUBSYSTEM=mdev\0SEQNUM=\\d+\0',
                        data), data


def test_m11_udevadm_sees_what_comes_while_the_daemon_starts_and_ends(enter, make_udev_daemon):
    monitor = Udevadm(enter)
    daemon = make_udev_daemon(*enter).start()
    assert daemon.terminate() == 0
    lines = [' '.join(properties[:3]) for properties in monitor.events('ACTION=remove\nDEVPATH=/module/mtty')]
    for action, path, subsystem in [('add', PARENT, 'mtty'), ('add', '/module/mtty', 'module'),
                                    ('remove', PARENT, 'mtty'), ('remove', '/module/mtty', 'module')]:
        assert ' '.join(event(action, path, subsystem)) in lines, lines


def test_m11_without_the_permission_to_send_uevents_the_daemon_says_what_it_needs(make_udev_daemon):
    words = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'] if os.geteuid() == 0 else []
    done = make_udev_daemon(*words).run('--foreground')
    assert done.returncode == 1
    assert '--udev: this process may not send uevents; CAP_SYS_ADMIN is needed' in done.stderr
