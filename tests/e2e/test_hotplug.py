# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""Devices come to a running guest and go from it (M23), also for a removal's sake (M12)."""

import collections
import json
import shlex
import subprocess
import uuid

import pytest

from conftest import running_daemon
from guest import Guest
from qmp import Qmp

LIMIT = 60
BYTES = 2048
NPORTS = 4

# The guest has as many serial ports as it is told to have, whatever is plugged in.
APPEND = 'console=ttyS0 quiet panic=-1 8250.nr_uarts=16'


class Machine(collections.namedtuple('Machine', 'daemon guest qmp')):
    """An umdevd with two parents, a guest with empty PCIe root ports, and QEMU's socket."""

    def create(self, kind):
        """Create a device; return its UUID."""
        done = self.daemon.umdev('create', str(uuid.uuid4()), kind)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def plug(self, name, port, nports):
        """Plug a device into a root port, and wait until the guest has its serial ports."""
        device = self.daemon.json('qemu-args', name)['device']
        with Qmp(self.qmp) as qmp:
            qmp.execute('device_add', bus=f'rp{port}', **device)
        self.guest_waits_until(f'[ "$(ports {slot(port)} | wc -l)" = {nports} ]')
        return self.guest.run(f'ports {slot(port)}').split()

    def guest_waits_until(self, condition):
        """Wait until something is true in the guest."""
        self.guest.run(f'for i in $(seq 600); do {condition} && break; sleep 0.1; done; {condition}')

    def guest_waits_until_gone(self, port):
        """Wait until the guest has no device in a root port, nor any serial ports of it."""
        self.guest_waits_until(f'[ -z "$(lspci -s {slot(port)})$(ports {slot(port)})" ]')

    def remove(self, name, *words):
        """Run umdev remove."""
        return self.daemon.umdev('remove', name, *words)

    def is_there(self, name):
        """Whether umdevd has the device and its socket."""
        return name in self.daemon.umdev('list').stdout and (self.daemon.root / 'dev/vfio' / name).exists()


def slot(port):
    """A root port's only slot: the bus behind it has the port's number."""
    return f'{port:02x}:00.0'


@pytest.fixture(scope='module', name='machine')
def fixture_machine():
    """One machine for all tests here, as a boot takes longer than any of them."""
    with running_daemon('--module', 'mtty', '--module', 'mtty2') as daemon:
        socket = daemon.root.parent / 'qmp'
        words = [word for port in range(1, NPORTS + 1) for word in (
            '-device', f'pcie-root-port,id=rp{port},chassis={port},slot={port},io-reserve=4096')]
        guest = Guest(*words, '-qmp', f'unix:{socket},server=on,wait=off', '-append', APPEND, machine='q35')
        try:
            yield Machine(daemon, guest.wait_until_up(), socket)
            guest.power_off()
        finally:
            guest.close()


def test_m23_a_card_is_plugged_into_a_running_guest_and_out_of_it_and_in_again(machine):
    name = machine.create('mtty-2')
    for _ in range(2):
        for port in machine.plug(name, 1, 2):
            machine.guest.run(f'loopback {port} {BYTES}')
        with Qmp(machine.qmp) as qmp:
            qmp.execute('device_del', id=f'umdev-{name}')
            qmp.wait_for('DEVICE_DELETED', device=f'umdev-{name}')
        machine.guest_waits_until_gone(1)
        assert machine.is_there(name)
    assert machine.remove(name).returncode == 0


def test_m23_four_cards_of_two_parents_loop_back_at_once(machine):
    kinds = {'mtty-1': 1, 'mtty-2': 2, 'mtty2-1': 1, 'mtty2-2': 2}
    names = [machine.create(kind) for kind in kinds]
    parents = {one['parent'] for one in machine.daemon.json('list')}
    assert parents == {'mtty', 'mtty2'}
    ports = []
    for number, (name, nports) in enumerate(zip(names, kinds.values()), 1):
        ports += machine.plug(name, number, nports)
    assert len(set(ports)) == 6
    words = ' '.join(map(shlex.quote, ports))
    output = machine.guest.run(f'all=; for port in {words}; do loopback $port {BYTES} & all="$all $!"; done; '
                               'status=0; for one in $all; do wait $one || status=1; done; [ $status = 0 ]')
    assert output.count('got back') == 6
    for number, name in enumerate(names, 1):
        done = machine.remove(name, '--qmp', str(machine.qmp))
        assert (done.returncode, done.stderr) == (0, '')
        machine.guest_waits_until_gone(number)


def test_m12_remove_has_the_guest_let_go_and_the_guest_goes_on(machine):
    name, other = machine.create('mtty-1'), machine.create('mtty-1')
    machine.plug(name, 1, 1)
    port, = machine.plug(other, 2, 1)
    done = machine.remove(name, '--qmp', str(machine.qmp))
    assert (done.returncode, done.stderr) == (0, '')
    assert not machine.is_there(name)
    assert name not in machine.daemon.umdev('list').stdout
    machine.guest_waits_until_gone(1)
    machine.guest.run(f'loopback {port} {BYTES}')
    done = machine.remove(other, '--qmp', str(machine.qmp), '--json')
    assert (done.returncode, json.loads(done.stdout)) == (0, {'removed': other})


def test_m12_a_device_that_qemu_does_not_have_is_left_as_it_is(machine):
    name = machine.create('mtty-1')
    done = machine.remove(name, '--qmp', str(machine.qmp))
    assert done.returncode == 1
    assert f'no device umdev-{name}' in done.stderr and f'umdev remove {name}' in done.stderr
    assert machine.is_there(name)
    assert machine.remove(name).returncode == 0


def test_m12_a_device_that_the_guest_does_not_let_go_of_is_left_as_it_is(machine):
    name = machine.create('mtty-1')
    port, = machine.plug(name, 1, 1)
    with Qmp(machine.qmp) as qmp:
        qmp.execute('stop')
    done = machine.remove(name, '--qmp', str(machine.qmp), '--timeout', '1')
    assert done.returncode == 4
    assert 'has not let go' in done.stderr and 'left as it is' in done.stderr
    assert machine.is_there(name)
    with Qmp(machine.qmp) as qmp:
        qmp.execute('cont')
        # QEMU has not forgotten what it was asked for.
        qmp.wait_for('DEVICE_DELETED', device=f'umdev-{name}')
    machine.guest_waits_until_gone(1)
    assert machine.is_there(name)
    assert machine.plug(name, 1, 1) == [port]
    assert machine.remove(name, '--qmp', str(machine.qmp)).returncode == 0


def test_m12_a_removal_that_waits_already_is_completed_by_unplugging(machine):
    name = machine.create('mtty-1')
    machine.plug(name, 1, 1)
    daemon = machine.daemon
    with subprocess.Popen([daemon.programs.umdev, '--root', str(daemon.root), 'remove', name],
                          stderr=subprocess.PIPE, text=True) as waiting:
        assert f'umdev remove {name} --qmp SOCKET' in waiting.stderr.readline()
        assert 'unplug the device from its virtual machine' in waiting.stderr.readline()
        assert machine.remove(name, '--qmp', str(machine.qmp)).returncode == 0
        assert waiting.wait(LIMIT) == 0
    machine.guest_waits_until_gone(1)
    assert not machine.is_there(name)
