# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""The removal of a device in use (M12): who is asked, who is told what, and who waits."""

import contextlib
import json
import signal
import socket
import subprocess
import threading

import pytest

from daemon import LIMIT, UUID, DeviceUser, until

GREETING = {'QMP': {'version': {'qemu': {'micro': 0, 'minor': 1, 'major': 11}}, 'capabilities': []}}
READY = [GREETING, 'request', {'return': {}}, 'request']
DELETED = {'event': 'DEVICE_DELETED', 'data': {'device': f'umdev-{UUID}', 'path': '/machine'}}
NOT_FOUND = {'error': {'class': 'DeviceNotFound', 'desc': "Device 'umdev' not found"}}


def answer(message, request):
    """A message with the id of a request, as QEMU's replies have it."""
    return {**message, 'id': request['id']} if {'return', 'error'} & message.keys() else message


class Qemu(threading.Thread):
    """One conversation of a QMP server, by a script: a dict is sent, with the id of the latest
    request in a reply; 'request' waits for one; bytes go out as they are; a function is
    called; 'wait' leaves it to the client to end the conversation. What was asked is in
    `requests`."""

    def __init__(self, path, *script):
        super().__init__()
        self.script = script
        self.requests = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.listener.settimeout(LIMIT)
        self.start()

    def run(self):
        connection, _ = self.listener.accept()
        # Who gets nonsense may hang up before it is all there.
        with connection, self.listener, contextlib.suppress(ConnectionError):
            connection.settimeout(LIMIT)
            for step in self.script:
                if step == 'request':
                    self.requests.append(json.loads(connection.recv(4096)))
                elif step == 'wait':
                    assert connection.recv(4096) == b''
                elif isinstance(step, bytes):
                    connection.sendall(step)
                elif callable(step):
                    step()
                else:
                    request = self.requests[-1] if self.requests else {}
                    connection.sendall(json.dumps(answer(step, request)).encode() + b'\r\n')

    def names(self):
        """The commands that it was asked to carry out, once it is at its end."""
        self.join(LIMIT)
        return [request['execute'] for request in self.requests]


@pytest.fixture(name='path')
def fixture_path(root):
    """Where a QMP socket may be."""
    return root.parent / 'qmp'


def remove(daemon, path, *words):
    """Run umdev remove --qmp."""
    return daemon.umdev('remove', UUID, '--qmp', str(path), *words)


def start_removal(daemon):
    """Begin to remove a device in use; returns once the command says that it waits."""
    remover = subprocess.Popen([daemon.programs.umdev, '--root', str(daemon.root), 'remove', UUID],
                               stderr=subprocess.PIPE, text=True)
    assert f'umdev remove {UUID} --qmp' in remover.stderr.readline()
    return remover


def test_m12_while_it_waits_the_command_shows_what_the_log_says_of_the_device(daemon, root):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    remover = start_removal(daemon)
    line = remover.stderr.readline()
    assert UUID in line and 'unplug the device from its virtual machine' in line
    user.close()
    assert remover.communicate(timeout=LIMIT)[1] == ''
    assert remover.returncode == 0


def test_m12_an_interrupted_command_ends_at_once_and_the_removal_goes_on(daemon, root):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    remover = start_removal(daemon)
    remover.send_signal(signal.SIGINT)
    remover.communicate(timeout=LIMIT)
    assert remover.returncode == -signal.SIGINT
    assert daemon.umdev('wait', '--timeout', '0', 'gone', UUID).returncode == 4
    user.close()
    assert daemon.umdev('wait', '--timeout', str(LIMIT), 'gone', UUID).returncode == 0


def test_m12_a_command_whose_time_is_over_says_that_the_removal_goes_on(daemon, root):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    done = daemon.umdev('remove', UUID, '--timeout', '0')
    assert done.returncode == 4 and 'removal goes on' in done.stderr
    user.close()
    assert daemon.umdev('wait', '--timeout', str(LIMIT), 'gone', UUID).returncode == 0


def test_m12_the_guest_is_asked_first_and_the_device_removed_then(daemon, root, path):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    bound = []

    def let_go():
        bound.append((daemon.device(UUID) / 'driver').exists())
        user.close()

    qemu = Qemu(path, *READY, {'return': {}}, let_go, DELETED, 'wait')
    done = remove(daemon, path)
    assert (done.returncode, done.stderr) == (0, '')
    assert qemu.names() == ['qmp_capabilities', 'device_del']
    assert qemu.requests[1]['arguments'] == {'id': f'umdev-{UUID}'}
    assert bound == [True]
    assert not daemon.device(UUID).exists()


@pytest.mark.parametrize('script', [
    [DELETED, {'return': {}}],
    [{'event': 'SHUTDOWN'}, {'event': 'DEVICE_DELETED', 'data': {'path': '/machine'}},
     {'event': 'DEVICE_DELETED', 'data': {'device': 'umdev-other'}}, {'return': {}}, DELETED],
    [b'{"return": {}, "id": 4711}\r\n', {'return': {}}, DELETED],
    [json.dumps(DELETED, indent=4).encode()[:50], json.dumps(DELETED, indent=4).encode()[50:],
     {'return': {}}],
], ids=['before the answer', 'among others', 'behind a stale answer', 'in pieces'])
def test_m12_events_may_come_in_any_order_and_form(daemon, path, script):
    daemon.create(UUID)
    qemu = Qemu(path, *READY, *script, 'wait')
    assert remove(daemon, path).returncode == 0
    qemu.join(LIMIT)
    assert not daemon.device(UUID).exists()


@pytest.mark.parametrize('script, code, told', [
    ([*READY, NOT_FOUND], 1, f'no device umdev-{UUID}'),
    ([*READY, {'error': {'class': 'GenericError', 'desc': 'no hotplug here'}}], 1, 'no hotplug here'),
    ([*READY, {'return': {}}, {'event': 'DEVICE_UNPLUG_GUEST_ERROR', 'data': DELETED['data']}], 1,
     'guest refuses'),
    ([*READY, {'return': {}}], 1, 'closed the connection'),
    ([*READY, {'return': {}}, 'wait'], 4, 'has not let go'),
    ([], 1, 'closed the connection'),
    (['wait'], 1, 'does not answer in time'),
    ([b'SSH-2.0-OpenSSH_9.2\r\n'], 1, 'not QMP'),
    ([b'[' * 5000], 1, 'not QMP'),
    ([b' ' * (2 << 20)], 1, 'not QMP'),
    ([b'{"jsonrpc": "2.0"}'], 1, 'not QMP'),
    ([GREETING, 'request', {'error': {}}], 1, 'no reason given'),
    ([*READY, {'return': {}}, b'\xff\x00'], 1, 'not QMP'),
], ids=['not there', 'refused', 'guest refuses', 'QEMU ends', 'guest sleeps', 'end at once',
        'silence', 'ssh', 'deep', 'long', 'no greeting', 'no capabilities', 'garbage'])
def test_m12_a_device_that_cannot_be_unplugged_is_left_as_it_is(daemon, root, path, script, code, told):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    qemu = Qemu(path, *script)
    done = remove(daemon, path, '--timeout', '1')
    qemu.join(LIMIT)
    assert done.returncode == code and told in done.stderr, done.stderr
    assert 'left as it is' in done.stderr and done.stderr.count('\n') == 1
    assert (daemon.device(UUID) / 'driver').exists()
    user.close()


def test_m12_without_a_qemu_the_device_is_left_as_it_is_and_told_how_to_have_one(daemon, path):
    daemon.create(UUID)
    done = remove(daemon, path)
    assert done.returncode == 1 and f'-qmp unix:{path}' in done.stderr
    done = remove(daemon, 'x' * 200)
    assert done.returncode == 1 and '107 bytes' in done.stderr
    assert (daemon.device(UUID) / 'driver').exists()


def test_m12_a_device_that_does_not_exist_is_not_asked_for(daemon, path):
    done = remove(daemon, path)
    assert done.returncode == 1 and f'no device {UUID}' in done.stderr


def test_m12_a_removal_that_waits_is_completed_by_unplugging(daemon, root, path):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    remover = start_removal(daemon)
    until('the removal is under way', lambda: not (daemon.device(UUID) / 'driver').exists())
    qemu = Qemu(path, *READY, {'return': {}}, user.close, DELETED, 'wait')
    done = remove(daemon, path)
    assert (done.returncode, done.stderr) == (0, '')
    qemu.join(LIMIT)
    remover.communicate(timeout=LIMIT)
    assert remover.returncode == 0
