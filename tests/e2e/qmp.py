# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""A conversation with QEMU, for tests that plug devices in."""

import json
import socket

LIMIT = 60


class Qmp:
    """A connection to QEMU's QMP socket. Nobody else can talk to that QEMU meanwhile."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(LIMIT)
        self.socket.connect(str(path))
        self.file = self.socket.makefile('rw', encoding='utf-8')
        self.events = []
        assert 'QMP' in self._receive()
        self.execute('qmp_capabilities')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def _receive(self):
        line = self.file.readline()
        assert line, 'QEMU closed the connection'
        return json.loads(line)

    def execute(self, command, **arguments):
        """Run a command that must succeed; return its result."""
        self.file.write(json.dumps({'execute': command, 'arguments': arguments}))
        self.file.flush()
        while True:
            message = self._receive()
            if 'event' not in message:
                assert 'return' in message, f'{command} {arguments}: {message}'
                return message['return']
            self.events.append(message)

    def wait_for(self, name, **data):
        """Wait for an event with these data."""
        while True:
            for event in self.events:
                if event['event'] == name and data.items() <= event.get('data', {}).items():
                    self.events.remove(event)
                    return
            self.events.append(self._receive())
