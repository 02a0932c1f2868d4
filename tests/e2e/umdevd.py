# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""An umdevd of a test's own."""

import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile

from guest import TOP

BUILD = pathlib.Path(os.environ.get('UMDEV_BUILD', TOP / 'build')).resolve()
START_SECONDS = 30
END_SECONDS = 30


class Umdevd:
    """An umdevd with the mtty sample loaded, below a root of its own.

    It can be killed and started again on the same root.
    """

    def __init__(self):
        # A short name, as a socket's path holds no more than 107 bytes.
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='umdev.', dir='/tmp'))
        self.log = self.root.with_suffix(self.root.suffix + '.log')
        self.process = None

    def start(self):
        """Start it and wait until it answers."""
        with self.log.open('ab') as log:
            self.process = subprocess.Popen(
                [BUILD / 'umdevd', '--root', self.root, '--module-dir', BUILD / 'modules',
                 '--module', 'mtty', '--foreground'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.umdev('wait', '--timeout', str(START_SECONDS))
        return self

    def umdev(self, *words):
        """Run the umdev command; return what it prints."""
        done = subprocess.run([BUILD / 'umdev', '--root', self.root, *words], text=True,
                              capture_output=True, timeout=2 * START_SECONDS, check=False)
        assert done.returncode == 0, (f'umdev {" ".join(words)} ended with {done.returncode}: '
                                      f'{done.stderr}\nthe log of umdevd:\n{self.log.read_text()}')
        return done.stdout

    def qemu_arguments(self, uuid):
        """What QEMU needs to attach a device, as words."""
        return shlex.split(self.umdev('qemu-args', uuid))

    @property
    def sys(self):
        """The mounted tree."""
        return self.root / 'sys'

    def device(self, uuid):
        """A device's directory."""
        return self.sys / 'bus/mdev/devices' / uuid

    def create(self, kind, uuid):
        """Make a device of a type."""
        types = self.sys / 'class/mdev_bus/mtty/mdev_supported_types'
        (types / kind / 'create').write_text(uuid)

    def remove(self, uuid):
        """Remove a device."""
        (self.device(uuid) / 'remove').write_text('1')

    def kill(self):
        """End it at once, with no chance to clean up."""
        self.process.kill()
        self.process.wait(END_SECONDS)

    def stop(self):
        """Have it end; it must do so well, and leave neither mount nor socket."""
        self.process.terminate()
        status = self.process.wait(END_SECONDS)
        assert status == 0, f'umdevd ended with {status}; its log:\n{self.log.read_text()}'
        left = [str(path) for path in self.root.rglob('*') if not path.is_dir()]
        assert not left, f'umdevd left behind: {left}'
        assert not os.path.ismount(self.sys), 'umdevd left its mount behind'

    def close(self):
        """Leave nothing behind, whatever became of it."""
        if self.process.poll() is None:
            self.kill()
        subprocess.run(['fusermount3', '-u', '-q', '-z', self.sys], check=False)
        shutil.rmtree(self.root, ignore_errors=True)
        self.log.unlink()
