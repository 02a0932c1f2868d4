# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""A guest under QEMU that runs commands for a test."""

import os
import pathlib
import re
import select
import shlex
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BOOT_SECONDS = 60
COMMAND_SECONDS = 60
END_SECONDS = 20


class GuestError(AssertionError):
    """The guest or its QEMU did not do what the test asked of it."""


def qemu_arguments(daemon, *uuids):
    """What QEMU needs to attach these devices, as words."""
    words = []
    for uuid in uuids:
        done = daemon.umdev('qemu-args', uuid)
        assert done.returncode == 0, done.stderr
        words += shlex.split(done.stdout)
    return words


class Guest:
    """A booted guest.

    Its console is a shell that runs one line at a time (scripts/guest/init). Whatever it
    prints is in `console`, for a failing test to show.
    """

    def __init__(self, *arguments, machine='pc'):
        self.console = ''
        self._seen = 0
        self.qemu = subprocess.Popen(
            [TOP / 'scripts/vm', '-M', machine, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.qemu.stdout.fileno(), False)

    def wait_until_up(self, seconds=BOOT_SECONDS):
        """Wait until the guest takes commands, after a boot or a reboot."""
        self.expect(r'\[guest up\]\s', seconds)
        return self

    def expect(self, pattern, seconds=COMMAND_SECONDS):
        """Wait for output that matches, behind what was matched before; return all up to it."""
        deadline = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.console[self._seen:])
            if match:
                begin = self._seen
                self._seen = begin + match.end()
                return self.console[begin:begin + match.start()], match
            left = deadline - time.monotonic()
            if left <= 0:
                raise GuestError(f'no {pattern!r} within {seconds} s; the console:\n{self.console}')
            if not select.select([self.qemu.stdout], [], [], left)[0]:
                continue
            text = self.qemu.stdout.read()
            if text == b'':
                raise GuestError(f'QEMU ended with {self.qemu.wait()} while {pattern!r} was waited '
                                 f'for; the console:\n{self.console}')
            self.console += text.decode(errors='replace').replace('\r', '')

    def start(self, command):
        """Have the guest begin a command; `finish` waits for its end."""
        self.qemu.stdin.write(command.encode() + b'\n')
        self.qemu.stdin.flush()

    def finish(self, seconds=COMMAND_SECONDS):
        """Wait for the command's end; return its output and its status."""
        output, match = self.expect(r'\[guest status (\d+)\]\s', seconds)
        return output, int(match[1])

    def run(self, command, seconds=COMMAND_SECONDS):
        """Run a command that must succeed; return its output."""
        self.start(command)
        output, status = self.finish(seconds)
        if status != 0:
            raise GuestError(f'{command!r} ended with {status} in the guest:\n{output}')
        return output

    def card(self, number=0):
        """The slot of one of the 4348:3253 cards, as lspci -s takes it."""
        return self.run('lspci -d 4348:3253').splitlines()[number].split()[0]

    def ports(self, number=0):
        """The device nodes of one such card's serial ports."""
        return self.run(f'ports {self.card(number)}').split()

    def power_off(self):
        """Have the guest power off; QEMU must then end well."""
        self.start('poweroff -f')
        status = self.qemu.wait(END_SECONDS)
        assert status == 0, f'QEMU ended with {status}:\n{self.console}'

    def kill(self):
        """End QEMU at once, with no chance to say goodbye."""
        self.qemu.kill()
        self.qemu.wait(END_SECONDS)

    def close(self):
        """Leave no QEMU behind, whatever became of the guest."""
        if self.qemu.poll() is None:
            self.kill()
        self.qemu.stdin.close()
        self.qemu.stdout.close()
