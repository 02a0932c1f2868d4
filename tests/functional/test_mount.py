# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""The mounted tree."""

import ctypes
import errno
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest

from daemon import LIMIT, UUID, UUID2, DeviceUser, until


LIBC = ctypes.CDLL(None, use_errno=True)


def refused(path, data):
    """Write to a file that has to refuse; return the errno.

    Without os.write(), which starts again after EINTR, as often as it takes.
    """
    fd = os.open(path, os.O_WRONLY)
    try:
        assert LIBC.write(fd, data, len(data)) == -1
        return ctypes.get_errno()
    finally:
        os.close(fd)


def test_errors_are_those_of_the_driver(daemon):
    create = daemon.types / 'mtty-1/create'
    daemon.create(UUID)
    assert refused(create, UUID.encode()) == errno.EEXIST
    assert refused(create, b'83b8f4f2') == errno.EINVAL
    assert refused(create, UUID.encode()[:-1] + b'Z') == errno.EINVAL
    assert refused(create, UUID2.encode() + b' x') == errno.EINVAL
    assert refused(daemon.device(UUID) / 'remove', b'abc') == errno.EINVAL
    assert os.listdir(daemon.sys / 'bus/mdev/devices') == [UUID]


@pytest.mark.parametrize('number, seen', [
    *[(number, number) for number in (1, 5, 11, 16, 17, 19, 22, 28, 95, 133)],
    (512, errno.EINTR), (516, errno.EINTR), (524, errno.EOPNOTSUPP),
])
def test_each_error_number_reaches_the_writer(waiter, number, seen):
    assert refused(waiter.sys / 'class/waiter/waiter/error', str(number).encode()) == seen


def test_a_file_without_the_read_bit_is_closed_to_root_too(daemon):
    create = daemon.types / 'mtty-1/create'
    assert stat.S_IMODE(create.stat().st_mode) == 0o200
    with pytest.raises(PermissionError):
        os.open(create, os.O_RDONLY)
    with pytest.raises(PermissionError):
        os.open(daemon.types / 'mtty-1/name', os.O_WRONLY)


def test_shells_write_with_truncation(daemon):
    done = subprocess.run(['sh', '-c', 'echo "$0" > "$1"', UUID, daemon.types / 'mtty-1/create'],
                          capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stderr) == (0, '')
    done = subprocess.run(['sh', '-c', 'echo "$0" > "$1"', UUID, daemon.types / 'mtty-1/create'],
                          capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode != 0 and done.stderr
    assert os.listdir(daemon.sys / 'bus/mdev/devices') == [UUID]


def test_modes_and_owners_can_be_changed_and_truncation_does_nothing(daemon):
    name = daemon.types / 'mtty-1/name'
    name.chmod(0o400)
    assert stat.S_IMODE(name.stat().st_mode) == 0o400
    os.truncate(name, 0)
    assert name.stat().st_size == 4096
    os.chown(name, os.geteuid(), os.getegid())
    if os.geteuid() == 0:
        os.chown(name, 12, 34)
        assert (name.stat().st_uid, name.stat().st_gid) == (12, 34)


def test_nothing_can_be_made_or_removed_by_hand(daemon):
    devices = daemon.sys / 'bus/mdev/devices'
    daemon.create(UUID)
    for action in (lambda: (devices / 'x').mkdir(),
                   lambda: (devices / 'x').symlink_to('y'),
                   lambda: (devices / 'x').write_text('y', encoding='ascii'),
                   lambda: (devices / UUID).unlink(),
                   lambda: (devices / UUID).rename(devices / 'x'),
                   lambda: (daemon.types / 'mtty-1').rmdir(),
                   lambda: os.link(daemon.types / 'mtty-1/name', devices / 'x')):
        with pytest.raises(PermissionError):
            action()
    with pytest.raises(FileNotFoundError):
        (devices / 'x').read_text(encoding='ascii')


def test_links_lead_where_sysfs_links_lead(daemon):
    daemon.create(UUID)
    device = daemon.device(UUID)
    assert os.readlink(device) == f'../../../devices/virtual/mtty/mtty/{UUID}'
    assert os.readlink(device / 'mdev_type') == '../mdev_supported_types/mtty-1'
    assert os.readlink(device / 'driver') == '../../../../../bus/mdev/drivers/vfio_mdev'
    assert os.readlink(device / 'subsystem') == '../../../../../bus/mdev'
    assert (device / 'iommu_group').resolve().parent.name == 'iommu_groups'
    assert (device / 'mdev_type/name').read_text(encoding='ascii') == 'Single port serial\n'


def test_the_file_system_describes_itself(daemon):
    assert os.statvfs(daemon.sys).f_namemax == 255
    assert daemon.sys.stat().st_uid == os.geteuid()
    text = subprocess.run(['stat', '-f', '-c', '%T', daemon.sys], capture_output=True, text=True,
                          timeout=LIMIT, check=True)
    assert 'fuse' in text.stdout
    with open('/proc/self/mounts', encoding='ascii') as mounts:
        line = next(line for line in mounts if f' {daemon.sys} ' in line)
    assert ' fuse.umdev ' in line and 'allow_other' not in line


def test_allow_other_lets_others_in(make_daemon):
    one = make_daemon('--allow-other')
    one.process = one.popen('--foreground')
    assert one.umdev('wait', '--timeout', str(LIMIT)).returncode == 0
    if os.geteuid() != 0 and not os.path.ismount(one.sys):
        pytest.skip('/etc/fuse.conf does not let users allow others')
    assert stat.S_IMODE(one.root.stat().st_mode) == 0o755
    with open('/proc/self/mounts', encoding='ascii') as mounts:
        assert 'allow_other' in next(line for line in mounts if f' {one.sys} ' in line)


def test_a_whole_page_is_read_in_any_pieces(waiter):
    path = waiter.sys / 'class/waiter/waiter/page'
    assert path.read_bytes() == b'x' * 4095
    fd = os.open(path, os.O_RDONLY)
    pieces = []
    while piece := os.read(fd, 1000):
        pieces.append(len(piece))
    os.close(fd)
    assert pieces == [1000, 1000, 1000, 1000, 95]


def test_a_removed_attribute_answers_enodev_to_who_has_it_open(daemon):
    daemon.create(UUID)
    fds = [os.open(daemon.device(UUID) / 'uevent', os.O_RDONLY),
           os.open(daemon.device(UUID) / 'vendor/sample_mdev_dev', os.O_RDONLY)]
    writer = os.open(daemon.device(UUID) / 'remove', os.O_WRONLY)
    (daemon.device(UUID) / 'remove').write_text('1', encoding='ascii')
    for fd in fds:
        assert os.fstat(fd).st_nlink == 0
        with pytest.raises(OSError) as caught:
            os.read(fd, 100)
        assert caught.value.errno == errno.ENODEV
        os.close(fd)
    with pytest.raises(OSError) as caught:
        os.write(writer, b'1')
    assert caught.value.errno == errno.ENODEV
    os.close(writer)
    assert not daemon.device(UUID).exists()


def test_a_file_can_remove_itself_while_it_is_written(waiter):
    path = waiter.sys / 'class/waiter/waiter/oneself'
    assert path.read_text(encoding='ascii') == 'here\n'
    path.write_text('1', encoding='ascii')
    assert not path.exists()


def test_an_open_directory_of_a_removed_device_is_empty(daemon):
    daemon.create(UUID)
    fd = os.open(daemon.device(UUID), os.O_RDONLY | os.O_DIRECTORY)
    (daemon.device(UUID) / 'remove').write_text('1', encoding='ascii')
    assert os.listdir(fd) == []
    os.close(fd)


def walk(top):
    """Look at everything there is, as find and cat do; count it."""
    count = 0
    for directory, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.join(directory, name)
            count += 1
            try:
                os.lstat(path)
                if os.path.islink(path):
                    os.readlink(path)
                elif name in files and os.stat(path).st_mode & 0o400:
                    with open(path, 'rb') as file:
                        file.read()
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError as error:
                assert error.errno in (errno.ENODEV, errno.EACCES), path
    return count


def test_readers_hold_while_devices_come_and_go(daemon):
    done = threading.Event()
    problems = []

    def read():
        try:
            while not done.is_set():
                assert walk(daemon.sys) > 50
                assert {'mtty-1', 'mtty-2'} == set(os.listdir(daemon.types))
        except BaseException as error:  # pylint: disable=broad-except
            problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(100):
        daemon.create(UUID)
        daemon.create(UUID2, 'mtty-2')
        (daemon.device(UUID) / 'remove').write_text('1', encoding='ascii')
        (daemon.device(UUID2) / 'remove').write_text('1', encoding='ascii')
    done.set()
    for reader in readers:
        reader.join(LIMIT)
    assert not problems
    assert os.listdir(daemon.sys / 'bus/mdev/devices') == []


# Writes to the file it is given, and says how that went.
WRITER = '''
import errno, os, signal, sys
class Interrupted(Exception): pass
def stop(*_): raise Interrupted
signal.signal(signal.SIGUSR1, stop)
fd = os.open(sys.argv[1], os.O_RDWR if sys.argv[2] == "read" else os.O_WRONLY)
print("open", flush=True)
try:
    os.read(fd, 100) if sys.argv[2] == "read" else os.write(fd, b"1")
    print("done", flush=True)
except Interrupted:
    print("EINTR", flush=True)
except OSError as error:
    print(errno.errorcode[error.errno], flush=True)
'''


def start_user(path, what):
    """A process that reads or writes a file; returns once it has it open."""
    process = subprocess.Popen([sys.executable, '-c', WRITER, str(path), what],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == 'open\n'
    return process


def blocked(daemon, count):
    """Wait until so many callbacks block."""
    file = daemon.sys / 'class/waiter/waiter/blocked'
    until(f'{count} callbacks block',
          lambda: file.read_text(encoding='ascii') == f'{count}\n')


def release(daemon):
    """Let all that blocks go on."""
    (daemon.sys / 'class/waiter/waiter/release').write_text('1', encoding='ascii')


@pytest.mark.parametrize('what', ['read', 'write'])
@pytest.mark.parametrize('which, output', [(signal.SIGUSR1, 'EINTR\n'), (signal.SIGKILL, '')])
def test_an_interrupted_user_returns_at_once_and_the_callback_goes_on(waiter, what, which, output):
    process = start_user(waiter.sys / 'class/waiter/waiter/block', what)
    blocked(waiter, 1)
    process.send_signal(which)
    assert process.communicate(timeout=LIMIT)[0] == output
    blocked(waiter, 1)
    release(waiter)
    blocked(waiter, 0)


def test_a_callback_that_is_not_interrupted_answers_its_writer(waiter):
    process = start_user(waiter.sys / 'class/waiter/waiter/block', 'write')
    blocked(waiter, 1)
    release(waiter)
    assert process.communicate(timeout=LIMIT)[0] == 'done\n'


def test_blocked_requests_starve_nobody(waiter):
    block = waiter.sys / 'class/waiter/waiter/block'
    processes = [start_user(block, 'read') for _ in range(40)]
    blocked(waiter, 40)
    assert (waiter.sys / 'class/waiter/waiter/page').stat().st_size == 4096
    assert walk(waiter.sys / 'bus') > 0
    processes[7].send_signal(signal.SIGKILL)
    processes[7].wait(LIMIT)
    release(waiter)
    for number, process in enumerate(processes):
        assert process.communicate(timeout=LIMIT)[0] == ('' if number == 7 else 'done\n')
    blocked(waiter, 0)


def test_threads_go_when_their_requests_are_done(waiter):
    def threads():
        return len(os.listdir(f'/proc/{waiter.process.pid}/task'))

    processes = [start_user(waiter.sys / 'class/waiter/waiter/block', 'read') for _ in range(30)]
    blocked(waiter, 30)
    assert threads() > 30
    release(waiter)
    for process in processes:
        assert process.communicate(timeout=LIMIT)[0] == 'done\n'
    until('threads have gone', lambda: threads() < 12)


def test_interrupts_race_with_answers(waiter):
    """Whichever comes first, there is exactly one answer and nothing is lost."""
    block = waiter.sys / 'class/waiter/waiter/block'
    for _ in range(20):
        process = start_user(block, 'write')
        blocked(waiter, 1)
        killer = threading.Thread(target=process.send_signal, args=(signal.SIGUSR1,))
        killer.start()
        release(waiter)
        killer.join()
        assert process.communicate(timeout=LIMIT)[0] in ('done\n', 'EINTR\n')
        blocked(waiter, 0)


@pytest.mark.parametrize('which, output', [(signal.SIGUSR1, 'EINTR\n'), (signal.SIGKILL, '')])
def test_m12_the_removal_of_a_device_in_use_outlives_its_writer(daemon, root, which, output):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    process = start_user(daemon.device(UUID) / 'remove', 'write')
    until('the removal is under way', lambda: not (daemon.device(UUID) / 'driver').exists())
    process.send_signal(which)
    assert process.communicate(timeout=LIMIT)[0] == output
    assert daemon.umdev('wait', '--timeout', '0', 'gone', UUID).returncode == 4
    user.close()
    assert daemon.umdev('wait', '--timeout', str(LIMIT), 'gone', UUID).returncode == 0


def test_an_unmounted_tree_does_not_end_the_daemon(daemon):
    subprocess.run(['umount' if os.geteuid() == 0 else 'fusermount3',
                    *([] if os.geteuid() == 0 else ['-u']), daemon.sys], check=True)
    until('it has noticed', lambda: 'taken away' in daemon.log)
    assert daemon.umdev('types').returncode == 0
