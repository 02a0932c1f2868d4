# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""umdev: each command, for people and for programs."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import threading
import uuid

import pytest

from daemon import LIMIT, UUID, UUID2, DeviceUser, until

TOP = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ['list', 'types', 'create', 'remove', 'show', 'modprobe', 'rmmod', 'lsmod', 'modinfo',
            'monitor', 'dmesg', 'qemu-args', 'wait', 'status']


def rows(text):
    """A table's lines as lists of words."""
    return [line.split() for line in text.splitlines()]


def test_help_lists_each_command_and_the_manual_page_too(make_daemon):
    done = make_daemon().umdev('--help')
    assert done.returncode == 0
    listed = re.findall(r'^  ([a-z-]+) ', done.stdout.split('Options:')[0], re.MULTILINE)
    assert set(COMMANDS) == set(listed)
    page = (TOP / 'docs/man/umdev.1').read_text(encoding='utf-8')
    for command in COMMANDS:
        assert f'.It Cm {command}' in page


@pytest.mark.parametrize('command', COMMANDS)
def test_each_command_has_help_and_its_options_are_in_the_manual_page(make_daemon, command):
    done = make_daemon().umdev(command, '--help')
    assert done.returncode == 0
    assert done.stdout.startswith(f'Usage: umdev {command}')
    page = (TOP / 'docs/man/umdev.1').read_text(encoding='utf-8')
    for option in re.findall(r'^  --([a-z-]+)', done.stdout, re.MULTILINE):
        assert f'Fl Fl {option}' in page


@pytest.mark.parametrize('words', [
    [], ['nosuch'], ['--nosuch', 'list'], ['list', '--nosuch'], ['list', 'extra'], ['create'],
    ['create', UUID], ['create', 'a', 'b', 'c'], ['create', '../x'], ['create', ''],
    ['create', '83b8f4f2', 'mtty-1'], ['create', UUID + 'a', 'mtty-1'], ['create', '--parent'],
    ['remove'], ['remove', 'x'], ['remove', UUID[:-1] + 'Z'], ['show', ''], ['qemu-args', 'x'],
    ['wait', 'nonsense'], ['wait', 'device'], ['wait', 'device', 'x'], ['wait', 'ready', 'x'],
    ['wait', '--timeout', 'soon'], ['wait', '--timeout', '-1'], ['monitor', '--count', '1x'],
    ['modprobe'], ['modprobe', 'mtty', 'novalue'], ['dmesg', '--level', '9'],
    ['remove', UUID, '--qmp'], ['remove', UUID, '--timeout', '1.5'],
])
def test_a_wrong_command_line_is_explained(daemon, words):
    done = daemon.umdev(*words)
    assert done.returncode == 2
    assert done.stderr or not words
    assert daemon.json('list') == []


@pytest.mark.parametrize('words', [
    ['list'], ['types'], ['create', 'mtty-1'], ['remove', UUID], ['show', UUID],
    ['modprobe', 'mtty'], ['rmmod', 'mtty'], ['lsmod'], ['modinfo', 'mtty'], ['monitor'],
    ['dmesg'], ['qemu-args', UUID], ['wait', 'device', UUID], ['status'],
])
def test_without_a_daemon_the_error_says_how_to_start_one(make_daemon, root, words):
    done = make_daemon().umdev(*words)
    assert done.returncode == 3
    assert f'umdevd --root {root}' in done.stderr


def test_the_environment_names_the_root(daemon, root):
    command = [daemon.programs.umdev, 'status', '--json']
    done = subprocess.run(command, env={**os.environ, 'UMDEV_ROOT': str(root)}, timeout=LIMIT,
                          capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)['root'] == str(root)
    done = subprocess.run(command, cwd=root, env={**os.environ, 'UMDEV_ROOT': '.'}, timeout=LIMIT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 or 'No such file' not in done.stderr


def test_types_are_listed(daemon):
    assert rows(daemon.umdev('types').stdout) == [
        ['TYPE', 'PARENT', 'AVAILABLE', 'API', 'NAME'],
        ['mtty-1', 'mtty', '24', 'vfio-pci', 'Single', 'port', 'serial'],
        ['mtty-2', 'mtty', '12', 'vfio-pci', 'Dual', 'port', 'serial'],
    ]
    assert daemon.umdev('types', '--quiet').stdout == 'mtty-1\nmtty-2\n'
    first = daemon.json('types')[0]
    assert first['type'] == 'mtty-1' and first['parent'] == 'mtty'
    assert first['available_instances'] == 24 and first['device_api'] == 'vfio-pci'
    assert first['name'] == 'Single port serial'


def test_devices_are_created_listed_shown_and_removed(daemon, root):
    assert daemon.umdev('create', UUID.upper(), 'mtty-1').stdout == UUID + '\n'
    assert daemon.json('create', UUID2, 'mtty-2', '--parent', 'mtty') == {
        'uuid': UUID2, 'type': 'mtty-2', 'parent': 'mtty'}
    table = rows(daemon.umdev('list').stdout)
    assert table[0] == ['UUID', 'TYPE', 'PARENT', 'DRIVER', 'IOMMU-GROUP']
    assert [row[:4] for row in table[1:]] == [[UUID, 'mtty-1', 'mtty', 'vfio_mdev'],
                                              [UUID2, 'mtty-2', 'mtty', 'vfio_mdev']]
    assert daemon.umdev('list', '--quiet').stdout == f'{UUID}\n{UUID2}\n'
    listed = daemon.json('list')
    assert listed[0]['uuid'] == UUID and listed[1]['type'] == 'mtty-2'
    assert pathlib.Path(listed[0]['socket']).is_socket()
    shown = daemon.json('show', UUID)
    assert shown['path'] == f'/devices/virtual/mtty/mtty/{UUID}'
    assert 'vendor/sample_mdev_dev' in shown['attributes']
    assert 'vendor/sample_mdev_dev' in daemon.umdev('show', UUID).stdout
    assert daemon.umdev('remove', UUID).returncode == 0
    assert daemon.json('remove', UUID2) == {'removed': UUID2}
    assert daemon.json('list') == []
    assert os.listdir(root / 'dev/vfio') == []


def test_a_uuid_is_made_up_and_printed(daemon):
    made = [daemon.umdev('create', 'mtty-1').stdout.strip() for _ in range(3)]
    assert len({uuid.UUID(one) for one in made}) == 3
    assert sorted(made) == daemon.umdev('list', '--quiet').stdout.split()


def test_a_uuid_that_is_taken_is_told_with_its_holder(daemon):
    daemon.create(UUID, 'mtty-2')
    done = daemon.umdev('create', UUID, 'mtty-1')
    assert done.returncode == 1
    assert UUID in done.stderr and 'mtty-2' in done.stderr and 'parent mtty' in done.stderr


def test_no_instances_left_is_told(make_daemon):
    one = make_daemon('--module', 'mtty,max_ports=1').start()
    assert one.umdev('create', 'mtty-1').returncode == 0
    done = one.umdev('create', 'mtty-1')
    assert done.returncode == 1
    assert 'no instances of mtty-1 are left on mtty' in done.stderr
    assert len(one.json('list')) == 1


def test_unknown_types_parents_and_devices_are_told(daemon):
    for words, told in [(['create', 'mtty-3'], 'no type mtty-3'),
                        (['create', 'mtty-1', '--parent', 'nosuch'], 'nosuch offers no type'),
                        (['remove', UUID], f'no device {UUID}'),
                        (['show', UUID], f'no device {UUID}'),
                        (['qemu-args', UUID], f'no device {UUID}')]:
        done = daemon.umdev(*words)
        assert done.returncode == 1 and told in done.stderr, done.stderr
    assert daemon.json('list') == []


def test_without_a_driver_create_says_what_to_load(make_daemon):
    one = make_daemon().start()
    assert one.json('types') == [] and one.json('list') == []
    done = one.umdev('create', 'mtty-1')
    assert done.returncode == 1 and 'umdev modprobe' in done.stderr


def test_qemu_gets_an_argument_ready_to_paste(daemon, root):
    daemon.create(UUID)
    done = daemon.umdev('qemu-args', UUID)
    assert done.returncode == 0
    words = shlex.split(done.stdout)
    assert words[0] == '-device' and len(words) == 2
    assert json.loads(words[1]) == {
        'driver': 'vfio-user-pci', 'id': f'umdev-{UUID}',
        'socket': {'type': 'unix', 'path': str(root / 'dev/vfio' / UUID)}}
    assert '10.1' in done.stderr and 'share=on' in done.stderr
    assert daemon.json('qemu-args', UUID)['device'] == json.loads(words[1])


def test_a_device_without_vfio_mdev_is_not_for_qemu(daemon):
    daemon.umdev('rmmod', 'vfio_mdev')
    done = daemon.umdev('create', UUID, 'mtty-1')
    assert done.returncode == 0 and 'umdev modprobe vfio_mdev' in done.stderr
    done = daemon.umdev('qemu-args', UUID)
    assert done.returncode == 1 and 'umdev modprobe vfio_mdev' in done.stderr
    assert daemon.umdev('wait', '--timeout', '0', 'device', UUID).returncode == 4
    assert daemon.umdev('modprobe', 'vfio_mdev').returncode == 0
    assert daemon.umdev('wait', '--timeout', str(LIMIT), 'device', UUID).returncode == 0
    assert daemon.umdev('qemu-args', UUID).returncode == 0


def test_wait_is_told_of_devices(daemon):
    results = {}

    def wait(what):
        results[what] = daemon.umdev('wait', '--timeout', str(LIMIT), what, UUID).returncode

    for what, action in [('device', lambda: daemon.create(UUID)),
                         ('gone', lambda: daemon.umdev('remove', UUID))]:
        thread = threading.Thread(target=wait, args=(what,))
        thread.start()
        action()
        thread.join(LIMIT)
    assert results == {'device': 0, 'gone': 0}
    assert daemon.umdev('wait', '--timeout', '0', 'device', UUID).returncode == 4
    assert daemon.umdev('wait', 'gone', UUID).returncode == 0


def test_wait_for_a_daemon_that_does_not_come_times_out(make_daemon):
    done = make_daemon().umdev('wait', '--timeout', '0')
    assert done.returncode == 4
    assert 'in time' in done.stderr


def test_modules_are_loaded_listed_described_and_unloaded(make_daemon, programs):
    one = make_daemon().start()
    assert one.json('lsmod') == []
    assert one.umdev('modprobe', 'mtty', 'max_ports=4').returncode == 0
    assert one.umdev('modprobe', 'mtty').returncode == 0
    done = one.umdev('modprobe', '--first-time', 'mtty')
    assert done.returncode == 1 and 'mtty' in done.stderr
    assert {module['name'] for module in one.json('lsmod')} == {'mtty', 'mdev', 'vfio_mdev'}
    table = rows(one.umdev('lsmod').stdout)
    assert table[0] == ['MODULE', 'SIZE', 'USED', 'BY']
    assert 'mtty' in next(row for row in table if row[0] == 'mdev')[3]
    assert set(one.umdev('lsmod', '--quiet').stdout.split()) == {'mtty', 'mdev', 'vfio_mdev'}
    info = one.json('modinfo', 'mtty')
    assert info['filename'] == [f'{programs.modules}/mtty.so'] and info['depends'] == ['mdev']
    assert 'filename:' in one.umdev('modinfo', f'{programs.modules}/mtty.so').stdout
    done = one.umdev('rmmod', 'mdev')
    assert done.returncode == 1 and 'mtty' in done.stderr
    assert one.umdev('rmmod', 'mtty').returncode == 0
    done = one.umdev('rmmod', 'mtty')
    assert done.returncode == 1 and 'mtty' in done.stderr
    done = one.umdev('modprobe', 'mtty', 'max_ports=many')
    assert done.returncode == 1 and 'max_ports' in done.stderr
    done = one.umdev('modprobe', 'nosuch')
    assert done.returncode == 1 and programs.modules in done.stderr


def test_the_log_is_printed_and_followed(daemon, root):
    lines = daemon.umdev('dmesg').stdout.splitlines()
    assert any(re.fullmatch(r'\[ *\d+\.\d{6}\] umdevd: ready, root .*', line) for line in lines)
    records = [json.loads(line) for line in daemon.umdev('dmesg', '--json').stdout.splitlines()]
    assert [record['seq'] for record in records] == list(range(len(records)))
    assert daemon.umdev('dmesg', '--level', '2').stdout == ''
    follower = subprocess.Popen([daemon.programs.umdev, '--root', str(root), 'dmesg', '--follow'],
                                stdout=subprocess.PIPE, text=True)
    for line in follower.stdout:
        if 'ready' in line:
            break
    daemon.create(UUID)
    assert UUID in follower.stdout.readline()
    follower.terminate()
    follower.communicate(timeout=LIMIT)


def test_status_tells_of_the_daemon(daemon, root):
    daemon.create(UUID)
    status = daemon.json('status')
    assert status['pid'] == daemon.process.pid and status['root'] == str(root)
    assert status['mount'] == str(daemon.sys)
    assert (status['parents'], status['devices']) == (1, 1)
    assert ['devices', '1'] in rows(daemon.umdev('status').stdout)


def test_a_hundred_devices_are_listed(make_daemon):
    one = make_daemon('--module', 'mtty,max_ports=100').start()
    with one.rpc() as rpc:
        for _ in range(100):
            rpc.write('/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create',
                      str(uuid.uuid4()))
    assert len(one.json('list')) == 100
    assert len(rows(one.umdev('list').stdout)) == 101


def complete(daemon, *words):
    """What bash completes the last of the words to."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; '
              '_umdev; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(['bash', '-c', script, 'bash', TOP / 'cli/completion/umdev.bash',
                           daemon.programs.umdev, '--root', str(daemon.root), *words],
                          capture_output=True, text=True, timeout=LIMIT, check=True)
    assert done.stderr == ''
    return set(done.stdout.split())


def test_completion_knows_commands_options_and_what_is_there(daemon):
    daemon.create(UUID)
    assert complete(daemon, '') == set(COMMANDS)
    assert complete(daemon, 'mo') == {'modprobe', 'modinfo', 'monitor'}
    assert '--timeout' in complete(daemon, 'monitor', '--')
    assert '--qmp' in complete(daemon, 'remove', '--')
    assert str(daemon.root) in complete(daemon, 'remove', '--qmp', str(daemon.root)[:-1])
    assert complete(daemon, 'create', '') == {'mtty-1', 'mtty-2'}
    assert complete(daemon, 'create', '--parent', '') == {'mtty'}
    assert complete(daemon, 'remove', '') == {UUID}
    assert complete(daemon, 'wait', 'gone', '') == {UUID}
    assert complete(daemon, 'rmmod', 'mt') == {'mtty'}


def test_commands_work_while_another_one_waits(daemon, root):
    daemon.create(UUID)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    remover = subprocess.Popen([daemon.programs.umdev, '--root', str(root), 'remove', UUID],
                               stderr=subprocess.DEVNULL)
    until('the removal is under way', lambda: not (daemon.device(UUID) / 'driver').exists())
    assert daemon.umdev('create', UUID2, 'mtty-1').returncode == 0
    assert UUID2 in daemon.umdev('list').stdout
    done = daemon.umdev('create', UUID, 'mtty-1')
    assert done.returncode == 1 and UUID in done.stderr
    user.close()
    assert remover.wait(LIMIT) == 0
