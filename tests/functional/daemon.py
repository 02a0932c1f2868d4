# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""An umdevd under test, and how to talk to it."""

import collections
import json
import os
import pathlib
import re
import select
import signal
import socket
import stat
import struct
import subprocess
import time

# Nothing here takes that long unless it hangs.
LIMIT = 60

UUID = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001'
UUID2 = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1002'

Programs = collections.namedtuple('Programs', 'umdevd umdev modules test_modules')


def mounts_below(path):
    """Mount points at or below a path."""
    text = pathlib.Path('/proc/self/mounts').read_text(encoding='utf-8')
    points = [line.split()[1] for line in text.splitlines()]
    return [point for point in points if (point + '/').startswith(f'{path}/')]


def processes_of(path):
    """Processes whose command line names a path, zombies aside: command lines by id."""
    found = {}
    for file in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
        try:
            words = file.read_bytes().split(b'\0')
        except OSError:
            continue
        if str(path).encode() in words:
            found[int(file.parent.name)] = b' '.join(words).decode()
    return found


def sockets_below(path):
    """UNIX sockets at or below a path, the mount left out."""
    found = []
    for top, dirs, files in os.walk(path):
        if pathlib.Path(top) == path:
            dirs[:] = [name for name in dirs if name != 'sys']
        for name in files:
            full = os.path.join(top, name)
            if stat.S_ISSOCK(os.lstat(full).st_mode):
                found.append(full)
    return found


def until(what, condition):
    """Wait for a condition that no event tells of, with a limit."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f'waited in vain until {what}'
        select.select([], [], [], 0.01)


class Rpc:
    """A connection to a control socket."""

    def __init__(self, root):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(LIMIT)
        self.socket.connect(str(root / 'control'))
        self.file = self.socket.makefile('rb')
        self.last_id = 0
        self.notifications = collections.deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Hang up."""
        self.file.close()
        self.socket.close()

    def send_raw(self, data):
        """Send bytes as they are."""
        self.socket.sendall(data)

    def receive(self):
        """The next object; None at the end of the conversation."""
        line = self.file.readline()
        return json.loads(line) if line else None

    def send(self, method, **params):
        """Send a request; return its id."""
        self.last_id += 1
        self.send_raw(json.dumps({'jsonrpc': '2.0', 'id': self.last_id, 'method': method,
                                  'params': params}).encode() + b'\n')
        return self.last_id

    def answer(self):
        """The next answer; notifications are kept."""
        while True:
            message = self.receive()
            if message is None or 'id' in message:
                return message
            self.notifications.append(message)

    def call(self, method, **params):
        """Call a method; return its result."""
        self.send(method, **params)
        answer = self.answer()
        assert answer is not None and 'result' in answer, f'{method} {params}: {answer}'
        return answer['result']

    def error(self, method, **params):
        """Call a method that has to fail; return the errno's name."""
        self.send(method, **params)
        answer = self.answer()
        assert 'error' in answer, f'{method} {params}: expected an error, got {answer}'
        assert answer['error']['message'], answer
        return answer['error']['data']['errno']

    def read(self, path):
        """The value of an attribute."""
        return self.call('sysfs.read', path=path)['data']

    def write(self, path, data):
        """Write an attribute."""
        return self.call('sysfs.write', path=path, data=data)['written']

    def notification(self):
        """The next notification."""
        return self.notifications.popleft() if self.notifications else self.receive()


class DeviceUser:
    """A vfio-user client that has agreed on a version and does nothing more."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(LIMIT)
        self.socket.connect(str(path))
        payload = struct.pack('=HH', 0, 0) + b'{"capabilities":{}}\0'
        self.socket.sendall(struct.pack('=HHIII', 1, 1, 16 + len(payload), 0, 0) + payload)
        reply = self.socket.recv(65536)
        flags, error = struct.unpack_from('=II', reply, 8)
        assert flags & 0x20 == 0, f'VERSION was answered with error {error}'

    def close(self):
        """Let the device go."""
        self.socket.close()


class Daemon:
    """An umdevd in the foreground on a root of its own."""

    def __init__(self, programs, root, *arguments):
        self.programs = programs
        self.root = root
        self.arguments = [*arguments]
        if '--module-dir' not in arguments:
            self.arguments += ['--module-dir', programs.modules]
        self.log_path = root.parent / 'log'
        self.process = None
        self.env = {}

    def popen(self, *arguments, **keywords):
        """Start the program with stderr in the log."""
        with self.log_path.open('ab') as log:
            keywords.setdefault('stderr', log)
            keywords.setdefault('env', {**os.environ, **self.env})
            return subprocess.Popen(
                [self.programs.umdevd, '--root', str(self.root), *self.arguments, *arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **keywords)

    def start(self):
        """Start it and wait until it answers."""
        self.process = self.popen('--foreground')
        done = self.umdev('wait', '--timeout', str(LIMIT))
        assert done.returncode == 0, f'{done.stderr}{self.log}'
        return self

    def run(self, *arguments, **keywords):
        """Run the program to its end; return the finished process."""
        return subprocess.run(
            [self.programs.umdevd, '--root', str(self.root), *self.arguments, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False,
            **keywords)

    def umdev(self, *words, **keywords):
        """Run umdev; return the finished process."""
        return subprocess.run([self.programs.umdev, '--root', str(self.root), *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT, check=False, **keywords)

    def json(self, *words):
        """Run umdev --json; return what it printed."""
        done = self.umdev('--json', *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def rpc(self):
        """A connection to the control socket."""
        return Rpc(self.root)

    @property
    def log(self):
        """What it has logged."""
        return self.log_path.read_text(encoding='utf-8', errors='replace')

    @property
    def sys(self):
        """The mounted tree."""
        return self.root / 'sys'

    @property
    def types(self):
        """The types of mtty."""
        return self.sys / 'class/mdev_bus/mtty/mdev_supported_types'

    def device(self, uuid):
        """A device's directory."""
        return self.sys / 'bus/mdev/devices' / uuid

    def create(self, uuid, kind='mtty-1'):
        """Create a device through the tree."""
        (self.types / kind / 'create').write_text(uuid, encoding='ascii')

    def kill(self):
        """End it as a crash would."""
        self.process.kill()
        self.process.wait(LIMIT)
        self.process = None

    def terminate(self):
        """Ask it to end; return its exit code."""
        self.process.terminate()
        code = self.process.wait(LIMIT)
        self.process = None
        return code

    def finish(self):
        """At the end of each test: it must end well, and no sanitizer have complained."""
        if self.process is not None:
            code = self.terminate()
            assert code == 0, f'umdevd ended with {code}\n{self.log}'
        if not self.log_path.exists():
            return
        reports = re.findall(r'.*(?:Sanitizer|runtime error).*', self.log)
        assert not reports, f'{reports}\n{self.log}'


def background_pid(root):
    """The process of a daemon in the background."""
    return int((root / 'umdevd.pid').read_text(encoding='ascii'))


def end_background(root):
    """End a daemon in the background, and wait for it."""
    pid = background_pid(root)
    fd = os.pidfd_open(pid)
    os.kill(pid, signal.SIGTERM)
    ready, _, _ = select.select([fd], [], [], LIMIT)
    os.close(fd)
    assert ready, f'process {pid} did not end'
