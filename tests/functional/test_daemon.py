# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""The life of umdevd: start, readiness, one root for one daemon, crashes, the end."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from daemon import LIMIT, UUID, DeviceUser, background_pid, end_background, mounts_below, until


def test_the_background_process_is_ready_when_the_command_ends(make_daemon, root):
    one = make_daemon('--module', 'mtty')
    done = one.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')
    try:
        assert one.umdev('create', UUID, 'mtty-1').returncode == 0
        assert (root / 'dev/vfio' / UUID).is_socket()
        assert root.stat().st_mode & 0o777 == 0o700
        assert (root / 'control').stat().st_mode & 0o777 == 0o600
    finally:
        end_background(root)
    assert not list(root.rglob('*'))


def test_an_error_in_the_background_reaches_who_started_it(make_daemon, root):
    done = make_daemon('--module', 'nosuch').run()
    assert done.returncode == 5
    assert 'nosuch' in done.stderr


def tree_of(root):
    """What is in a root, the mount left out."""
    return sorted((str(path), path.lstat().st_ino) for path in root.rglob('*')
                  if root / 'sys' not in path.parents)


@pytest.mark.parametrize('foreground', [True, False])
def test_a_root_in_use_is_left_alone(daemon, foreground, root):
    daemon.create(UUID)
    before = tree_of(root)
    done = daemon.run(*(['--foreground'] if foreground else []))
    assert done.returncode == 3
    assert str(daemon.process.pid) in done.stderr and str(root) in done.stderr
    assert tree_of(root) == before
    assert daemon.umdev('show', UUID).returncode == 0
    assert (daemon.device(UUID) / 'mdev_type').is_symlink()


def test_a_live_daemon_is_noticed_though_its_pid_file_is_gone(daemon, root):
    (root / 'umdevd.pid').unlink()
    done = daemon.run('--foreground')
    assert done.returncode == 3
    assert str(root) in done.stderr
    assert not (root / 'umdevd.pid').exists()
    assert daemon.umdev('status').returncode == 0
    assert os.path.ismount(daemon.sys)


def test_a_killed_daemon_stops_no_other(daemon, root):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    daemon.kill()
    user.close()
    assert mounts_below(root) == [str(root / 'sys')]
    with pytest.raises(OSError, match='not connected'):
        os.listdir(root / 'sys')
    assert (root / 'dev/vfio' / UUID).is_socket() and (root / 'control').is_socket()
    daemon.start()
    assert mounts_below(root) == [str(root / 'sys')]
    assert os.listdir(root / 'dev/vfio') == []
    assert daemon.json('list') == []
    daemon.create(UUID)
    DeviceUser(root / 'dev/vfio' / UUID).close()


def test_several_stale_mounts_are_detached(daemon, root):
    for _ in range(3):
        daemon.kill()
        (root / 'umdevd.pid').unlink()
        daemon.start()
    assert mounts_below(root) == [str(root / 'sys')]


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can mount')
def test_a_mount_that_is_not_its_own_is_left_alone(make_daemon, root):
    (root / 'sys').mkdir(parents=True)
    root.chmod(0o700)
    subprocess.run(['mount', '-t', 'tmpfs', 'none', root / 'sys'], check=True)
    try:
        done = make_daemon().run('--foreground')
        assert done.returncode == 4
        assert 'tmpfs' in done.stderr and str(root / 'sys') in done.stderr
        assert os.path.ismount(root / 'sys')
    finally:
        subprocess.run(['umount', root / 'sys'], check=True)


@pytest.mark.parametrize('which', [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_though_files_are_open_and_devices_in_use(make_daemon, root, which):
    one = make_daemon('--module', 'mtty').start()
    one.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    attribute = os.open(one.device(UUID) / 'uevent', os.O_RDONLY)
    directory = os.open(one.sys, os.O_RDONLY)
    one.process.send_signal(which)
    assert one.process.wait(LIMIT) == 0, one.log
    one.process = None
    assert mounts_below(root) == []
    assert not list(root.rglob('*'))
    with pytest.raises(OSError):
        os.read(attribute, 100)
    os.close(attribute)
    os.close(directory)
    user.close()


def test_a_removal_that_waits_does_not_hold_up_the_end(make_daemon, root):
    one = make_daemon('--module', 'mtty').start()
    one.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    remover = subprocess.Popen([one.programs.umdev, '--root', str(root), 'remove', UUID],
                               stderr=subprocess.PIPE, text=True)
    assert 'in use' in remover.stderr.readline()
    assert one.terminate() == 0, one.log
    remover.communicate(timeout=LIMIT)
    user.close()


def test_a_second_signal_forces_the_end(make_daemon, programs, root):
    waiter = make_daemon('--module-dir', programs.test_modules, '--module', 'waiter')
    # It is to leave its threads as they are.
    options = os.environ.get('TSAN_OPTIONS', '')
    waiter.env['TSAN_OPTIONS'] = f'{options}:report_thread_leaks=0'
    waiter.start()
    rpc = waiter.rpc()
    rpc.send('sysfs.write', path='/class/waiter/waiter/block', data='1')
    with waiter.rpc() as other:
        until('the write blocks',
              lambda: other.read('/class/waiter/waiter/blocked') == '1\n')
    waiter.process.terminate()
    until('it is shutting down', lambda: 'shutting down' in waiter.log)
    waiter.process.terminate()
    assert waiter.process.wait(LIMIT) == 6
    waiter.process = None
    rpc.close()
    assert mounts_below(root) == []
    assert not (root / 'control').exists()


def test_service_managers_are_notified(make_daemon, root):
    path = root.parent / 'notify'
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(path))
    manager.settimeout(LIMIT)
    one = make_daemon()
    one.env['NOTIFY_SOCKET'] = str(path)
    one.process = one.popen('--foreground')
    assert manager.recv(1000) == b'READY=1'
    assert one.umdev('status').returncode == 0
    assert one.terminate() == 0
    assert manager.recv(1000) == b'STOPPING=1'
    manager.close()


def test_wait_returns_when_the_daemon_becomes_ready(make_daemon, root):
    one = make_daemon('--module', 'mtty')
    results = []
    waiters = [threading.Thread(target=lambda: results.append(
        one.umdev('wait', '--timeout', str(LIMIT)).returncode)) for _ in range(3)]
    for each in waiters:
        each.start()
    one.process = one.popen('--foreground')
    for each in waiters:
        each.join(LIMIT)
    assert results == [0, 0, 0]
    assert one.umdev('types').returncode == 0


def test_the_journal_gets_levels_it_understands(make_daemon):
    one = make_daemon()
    one.log_path.touch()
    status = one.log_path.stat()
    one.env['JOURNAL_STREAM'] = f'{status.st_dev}:{status.st_ino}'
    one.start()
    assert '<6>umdevd: ready' in one.log


def test_log_levels_choose_what_is_written(make_daemon):
    one = make_daemon('--module', 'mtty', '--log-level', 'err').start()
    assert 'ready' not in one.log
    assert 'ready' in one.umdev('dmesg').stdout


# Runs the rest of its words in a mount namespace whose /dev, made at $0, lacks fuse.
WITHOUT_FUSE = '''
mkdir "$0" && mount -t tmpfs none "$0" &&
for node in null zero random urandom; do cp -a /dev/$node "$0"; done &&
mount --move "$0" /dev && exec "$@"
'''


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can hide /dev/fuse')
@pytest.mark.skipif(shutil.which('unshare') is None, reason='there is no unshare')
def test_it_goes_on_without_dev_fuse(make_daemon, programs, root):
    one = make_daemon('--module', 'mtty')
    with one.log_path.open('wb') as log:
        one.process = subprocess.Popen(
            ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', WITHOUT_FUSE,
             str(root.parent / 'dev'), programs.umdevd, '--root', str(root), *one.arguments,
             '--foreground'], stdin=subprocess.DEVNULL, stderr=log)
    assert one.umdev('wait', '--timeout', str(LIMIT)).returncode == 0
    assert '/dev/fuse' in one.log and 'without the mount' in one.log
    status = one.json('status')
    assert status['mount'] is None and '/dev/fuse' in status['mount_error']
    assert one.umdev('create', UUID, 'mtty-2').stdout == UUID + '\n'
    assert one.json('list')[0]['type'] == 'mtty-2'
    assert one.umdev('remove', UUID).returncode == 0


def test_the_pid_file_names_the_process(daemon, root):
    assert background_pid(root) == daemon.process.pid


def test_devices_leave_descriptors_to_everybody_else(make_daemon):
    """Where the limit is too low for all their sockets, the log says so and the rest works."""
    daemon = make_daemon('--module', 'mtty,max_ports=150')
    daemon.process = daemon.popen(
        '--foreground', preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (120, 120)))
    done = daemon.umdev('wait', '--timeout', str(LIMIT))
    assert done.returncode == 0, f'{done.stderr}{daemon.log}'
    for i in range(150):
        daemon.create(f'83b8f4f2-509f-382f-3c1e-{i:012x}')
    assert len(daemon.json('list')) == 150
    sockets = len(os.listdir(daemon.root / 'dev/vfio'))
    assert 50 < sockets < 120, f'{sockets} sockets, expected some of 120'
    assert daemon.log.count('no socket, so no client') == 150 - sockets
    for path in list((daemon.sys / 'bus/mdev/devices').iterdir()):
        (path / 'remove').write_text('1', encoding='ascii')
    assert daemon.json('list') == []
