# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""The command line of umdevd: bad input gets a clear error and changes nothing."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

MAN = pathlib.Path(__file__).resolve().parents[2] / 'docs/man'


def test_help_names_each_option_and_the_manual_page_too(make_daemon):
    done = make_daemon().run('--help')
    assert done.returncode == 0
    options = re.findall(r'^  --([a-z-]+)', done.stdout, re.MULTILINE)
    assert {'root', 'module', 'module-dir', 'foreground', 'log-level', 'allow-other', 'udev', 'version',
            'help'} == set(options)
    page = (MAN / 'umdevd.8').read_text(encoding='utf-8')
    for option in options:
        assert f'Fl Fl {option}' in page


def test_version_is_printed(make_daemon):
    done = make_daemon().run('--version')
    assert done.returncode == 0
    assert re.fullmatch(r'umdevd \d+\.\d+\.\d+\n', done.stdout)


@pytest.mark.parametrize('arguments, words', [
    (['--nonsense'], ['nonsense', '--help']),
    (['--log-level', 'loud'], ['loud', 'debug']),
    (['--log-level', '8'], ['8', '0 to 7']),
    (['--module', ''], ['--module', 'NAME']),
    (['--module', ',a=1'], [',a=1', 'NAME']),
    (['extra'], ['extra', 'options only']),
])
def test_a_wrong_command_line_is_explained(make_daemon, root, arguments, words):
    done = make_daemon().run('--foreground', *arguments)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert not root.exists()


def test_a_root_too_long_for_sockets_is_refused(make_daemon, root):
    one = make_daemon()
    long_root = root.parent / ('x' * 80)
    one.root = long_root
    done = one.run('--foreground')
    assert done.returncode == 4
    assert 'too long' in done.stderr and '107' in done.stderr and '61' in done.stderr
    assert not long_root.exists()


def test_a_root_of_exactly_the_longest_length_works(make_daemon, root):
    one = make_daemon('--module', 'mtty')
    one.root = root.parent / ('x' * (61 - len(str(root.parent)) - 1))
    assert len(str(one.root)) == 61
    one.start()
    uuid = one.umdev('create', 'mtty-1').stdout.strip()
    assert (one.root / 'dev/vfio' / uuid).is_socket()


def test_a_root_without_a_parent_directory_is_refused(make_daemon, root):
    one = make_daemon()
    one.root = root / 'missing' / 'r'
    done = one.run('--foreground')
    assert done.returncode == 4
    assert str(one.root) in done.stderr and 'No such file' in done.stderr


def test_a_root_that_is_a_file_is_refused(make_daemon, root):
    root.write_text('precious', encoding='ascii')
    done = make_daemon().run('--foreground')
    assert done.returncode == 4
    assert 'Not a directory' in done.stderr
    assert root.read_text(encoding='ascii') == 'precious'


def test_a_root_that_others_may_write_in_is_refused(make_daemon, root):
    root.mkdir()
    root.chmod(0o777)
    done = make_daemon().run('--foreground')
    assert done.returncode == 4
    assert 'others may write' in done.stderr
    assert list(root.iterdir()) == []


def test_a_file_in_the_way_of_the_control_socket_stays(make_daemon, root):
    root.mkdir(mode=0o700)
    (root / 'control').write_text('precious', encoding='ascii')
    done = make_daemon().run('--foreground')
    assert done.returncode == 4
    assert 'in the way' in done.stderr
    assert [path.name for path in root.iterdir()] == ['control']


@pytest.mark.parametrize('foreground', [True, False])
def test_a_missing_module_directory_is_named(make_daemon, root, foreground):
    one = make_daemon('--module-dir', '/nonexistent/modules')
    done = one.run(*(['--foreground'] if foreground else []))
    assert done.returncode == 5
    assert '/nonexistent/modules' in done.stderr
    assert not list(root.rglob('*'))


def test_a_missing_module_is_named_with_where_it_was_looked_for(make_daemon, programs, root):
    done = make_daemon('--module', 'nosuch').run('--foreground')
    assert done.returncode == 5
    assert 'nosuch' in done.stderr and programs.modules in done.stderr
    assert not list(root.rglob('*'))


def test_modules_loaded_before_a_missing_one_are_unloaded(make_daemon, root):
    done = make_daemon('--module', 'mtty', '--module', 'nosuch').run('--foreground')
    assert done.returncode == 5
    assert not list(root.rglob('*'))


def test_a_file_that_is_no_module_is_refused(make_daemon, root):
    modules = root.parent / 'modules'
    modules.mkdir()
    (modules / 'text.so').write_text('not an ELF file', encoding='ascii')
    done = make_daemon('--module-dir', str(modules), '--module', 'text').run('--foreground')
    assert done.returncode == 5
    assert 'text' in done.stderr
    assert not list(root.rglob('*'))


def test_a_bad_parameter_is_named(make_daemon, root):
    done = make_daemon('--module', 'mtty,max_ports=many').run('--foreground')
    assert done.returncode == 5
    assert 'max_ports' in done.stderr or 'many' in done.stderr
    assert not list(root.rglob('*'))


def test_parameters_reach_the_module(make_daemon):
    one = make_daemon('--module', 'mtty,max_ports=3').start()
    assert (one.sys / 'module/mtty/parameters/max_ports').read_text(encoding='ascii') == '3\n'
    assert [entry['available_instances'] for entry in one.json('types')] == [3, 1]


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can become somebody else')
def test_an_unreadable_module_directory_is_named(make_daemon, programs, root):
    if shutil.which('setpriv') is None:
        pytest.skip('there is no setpriv')
    probe = subprocess.run(['setpriv', '--reuid=65534', '--clear-groups', programs.umdevd,
                            '--version'], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip('others may not enter the build directory')
    root.parent.chmod(0o755)
    modules = root.parent / 'modules'
    modules.mkdir(mode=0o700)
    home = root.parent / 'home'
    home.mkdir()
    os.chown(home, 65534, 65534)
    done = subprocess.run(['setpriv', '--reuid=65534', '--clear-groups', programs.umdevd, '--root',
                           str(home / 'r'), '--module-dir', str(modules), '--foreground'],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 5
    assert str(modules) in done.stderr and 'ermission' in done.stderr
