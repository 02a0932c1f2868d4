#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""What an umdevd costs with very many devices, and how fast it makes and removes them.

usage: bench_daemon.py BUILD-DIRECTORY

Prints a line of JSON for each figure, as the programs beside it do.
"""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'tests/functional'))
from daemon import Daemon, Programs  # noqa: E402  pylint: disable=wrong-import-position

DEVICES = 10000
BATCH = 100
FILL_ROUNDS = 3
CLI_BATCH = 20
RATE_ROUNDS = 7
RATE_DEVICES = 200
WRITERS = 4
RATIO_MAX = 1.5
BYTES_MAX = 16384
# What umdevd and its mount need beside the listening socket of each device.
SPARE_FDS = 200

CREATE = 'class/mtty/mtty/mdev_supported_types/mtty-1/create'
DEVICES_DIR = 'bus/mdev/devices'
# An attribute of the same mount that does next to nothing when it is written.
TRIVIAL = 'bus/mdev/drivers_autoprobe'

WRITE_LOOP = 'while read -r u; do echo "$u" >"$1"; echo 1 >"$1"; done'
DEVICE_LOOP = 'while read -r u; do echo "$u" >"$1"; echo 1 >"$2/$u/remove"; done'


class Figures:
    """What was measured: values by bench, name and unit, in the order of the first of each."""

    def __init__(self):
        self.values = {}
        self.limits = {}

    def add(self, bench, name, unit, value, limit=None):
        """Add the value of one more round."""
        self.values.setdefault((bench, name, unit), []).append(value)
        self.limits[bench, name, unit] = limit

    def print(self):
        """Print all as lines of JSON."""
        for key, values in self.values.items():
            line = dict(zip(('bench', 'name', 'unit'), key))
            line |= {'min': min(values), 'median': statistics.median(values), 'max': max(values),
                     'rounds': len(values)}
            if self.limits[key]:
                line['limit'] = self.limits[key]
            print(json.dumps(line), flush=True)


def seconds(work, *arguments):
    """How long it takes, and what it returned."""
    start = time.perf_counter()
    result = work(*arguments)
    return time.perf_counter() - start, result


def write(path, text):
    """Write as a shell would: open, write, close."""
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def names(count):
    """So many UUIDs."""
    return [str(uuid.uuid4()) for _ in range(count)]


@contextlib.contextmanager
def running(build, max_ports):
    """An umdevd with mtty on a root of its own."""
    # As /run, where the default root is: a disk's file system has costs of its own for sockets.
    top = pathlib.Path(tempfile.mkdtemp(prefix='umdev.', dir='/dev/shm'))
    programs = Programs(umdevd=str(build / 'umdevd'), umdev=str(build / 'umdev'),
                        modules=str(build / 'modules'), test_modules=None)
    daemon = Daemon(programs, top / 'r', '--module', f'mtty,max_ports={max_ports}')
    try:
        yield daemon.start()
    finally:
        daemon.finish()
        shutil.rmtree(top, ignore_errors=True)


def state(daemon):
    """Resident bytes, threads and descriptors of a daemon."""
    proc = pathlib.Path('/proc', str(daemon.process.pid))
    status = dict(line.split(':', 1) for line in (proc / 'status').read_text().splitlines())
    return (int(status['VmRSS'].split()[0]) * 1024, int(status['Threads']),
            len(os.listdir(proc / 'fd')))


def ways_to_create(daemon, rpc):
    """How a device can be made, by name: functions of its UUID."""
    create = str(daemon.sys / CREATE)
    return {'mount': lambda name: write(create, name),
            'control socket': lambda name: rpc.write('/' + CREATE, name)}


def reference_ways(daemon, rpc):
    """The same way to an attribute behind which next to nothing happens."""
    trivial = str(daemon.sys / TRIVIAL)
    return {'mount': lambda: write(trivial, '1'),
            'control socket': lambda: rpc.write('/' + TRIVIAL, '1')}


def fill(daemon, rpc, way, count, figures):
    """Make so many devices, and find out whether the last are as fast as the first."""
    create = ways_to_create(daemon, rpc)[way]
    reference = reference_ways(daemon, rpc)[way]
    took, reference_took = [], []
    for name in names(count):
        took.append(seconds(create, name)[0])
        reference_took.append(seconds(reference)[0])

    def median(values, batch):
        return statistics.median(values[batch]) * 1e6

    first, last = slice(0, BATCH), slice(-BATCH, None)
    figures.add('daemon', f'{way}: create, one of the first {BATCH}', 'us', median(took, first))
    figures.add('daemon', f'{way}: create, one of the last {BATCH}', 'us', median(took, last))
    figures.add('daemon', f'{way}: create / write of a trivial attribute', 'x',
                statistics.median(took) / statistics.median(reference_took))
    figures.add('daemon', f'{way}: create, last {BATCH} / first {BATCH}', 'x',
                median(took, last) / median(took, first) *
                median(reference_took, first) / median(reference_took, last), RATIO_MAX)


def umdev(daemon, *words):
    """Run umdev, which has to succeed, and return what it printed."""
    done = daemon.umdev(*words)
    if done.returncode:
        sys.exit(f'bench: umdev {" ".join(words)}: {done.stderr}{daemon.log}')
    return done.stdout


def list_mount(daemon):
    """Each device with its type, through the mount."""
    top = str(daemon.sys / DEVICES_DIR)
    return [os.readlink(f'{top}/{name}/mdev_type') for name in os.listdir(top)]


def list_all(daemon, count, figures):
    """List all devices in each way."""
    ways = {'ls in the mount': lambda: os.listdir(daemon.sys / DEVICES_DIR),
            'ls and readlink of each mdev_type in the mount': lambda: list_mount(daemon),
            'umdev list': lambda: umdev(daemon, 'list', '--quiet').splitlines(),
            'umdev list --json': lambda: json.loads(umdev(daemon, 'list', '--json'))}
    for name, way in ways.items():
        took, found = seconds(way)
        if len(found) != count:
            sys.exit(f'bench: {name} gave {len(found)} devices, expected {count}')
        figures.add('daemon', f'{name}, all', 'ms', took * 1e3)


def measure_cli(daemon, count, figures):
    """Create and remove by umdev, beside the devices that there are; and a command that asks little."""
    for name in names(CLI_BATCH):
        idle = seconds(umdev, daemon, 'status')[0]
        create = seconds(umdev, daemon, 'create', name, 'mtty-1')[0]
        remove = seconds(umdev, daemon, 'remove', name)[0]
        beside = f'beside {count}'
        figures.add('daemon', f'umdev create, {beside}', 'ms', create * 1e3)
        figures.add('daemon', f'umdev create, {beside} / umdev status', 'x', create / idle)
        figures.add('daemon', f'umdev remove, {beside}', 'ms', remove * 1e3)


def remove_all(daemon, figures):
    """Remove all devices through the mount."""
    top = str(daemon.sys / DEVICES_DIR)
    took = [seconds(write, f'{top}/{name}/remove', '1')[0] for name in os.listdir(top)]
    for what, batch in ('first', took[:BATCH]), ('last', took[-BATCH:]):
        figures.add('daemon', f'mount: remove, one of the {what} {BATCH}', 'us',
                    statistics.median(batch) * 1e6)


def measure_many(build, figures):
    """Very many devices at once, as often as FILL_ROUNDS says and in both ways."""
    count = min(DEVICES, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE_FDS)
    for way in ('mount', 'control socket') * FILL_ROUNDS:
        with running(build, count + 1) as daemon, daemon.rpc() as rpc:
            measure_cli(daemon, 0, figures)
            before = state(daemon)
            fill(daemon, rpc, way, count, figures)
            after = state(daemon)
            rss, threads, fds = (now - then for now, then in zip(after, before))
            figures.add('daemon', 'devices at once', '', count)
            figures.add('daemon', 'resident memory of an idle device', 'bytes', rss / count,
                        BYTES_MAX)
            figures.add('daemon', 'threads of all', '', threads)
            figures.add('daemon', 'descriptors of one', '', fds / count)
            list_all(daemon, count, figures)
            measure_cli(daemon, count, figures)
            remove_all(daemon, figures)
            figures.add('daemon', 'resident memory kept after removal, per device', 'bytes',
                        (state(daemon)[0] - before[0]) / count)


def shells(script, arguments, writers):
    """Run a script in so many shells at once, each with RATE_DEVICES UUIDs to read; seconds."""
    lists = [('\n'.join(names(RATE_DEVICES)) + '\n').encode() for _ in range(writers)]
    start = time.perf_counter()
    processes = [subprocess.Popen(['sh', '-ec', script, 'sh', *map(str, arguments)],
                                  stdin=subprocess.PIPE) for _ in range(writers)]
    for process, text in zip(processes, lists):
        process.stdin.write(text)
        process.stdin.close()
    if any([process.wait() for process in processes]):
        sys.exit('bench: a shell failed (see above)')
    return time.perf_counter() - start


def measure_rates(build, figures):
    """Create and remove from shell loops, against loops that write as often, but trivial things."""
    with running(build, 1000) as daemon, tempfile.NamedTemporaryFile(dir='/dev/shm') as plain:
        for _ in range(RATE_ROUNDS):
            rates = {}
            for writers in (1, WRITERS):
                who = 'one writer' if writers == 1 else f'{writers} writers'
                total = RATE_DEVICES * writers
                file = total / shells(WRITE_LOOP, [plain.name], writers)
                trivial = total / shells(WRITE_LOOP, [daemon.sys / TRIVIAL], writers)
                rates[writers] = total / shells(
                    DEVICE_LOOP, [daemon.sys / CREATE, daemon.sys / DEVICES_DIR], writers)
                figures.add('rate', f'{who}: create and remove', '1/s', rates[writers])
                figures.add('rate', f'{who}: two writes of a trivial attribute', '1/s', trivial)
                figures.add('rate', f'{who}: two writes of a tmpfs file', '1/s', file)
                figures.add('rate', f'{who}: create and remove / trivial attribute', 'x',
                            rates[writers] / trivial)
                figures.add('rate', f'{who}: create and remove / tmpfs file', 'x',
                            rates[writers] / file)
            figures.add('rate', f'{WRITERS} writers / one', 'x', rates[WRITERS] / rates[1])


def main():
    """Measure all."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    figures = Figures()
    measure_rates(build, figures)
    measure_many(build, figures)
    figures.print()


if __name__ == '__main__':
    main()
