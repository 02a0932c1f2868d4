# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""The control socket: JSON-RPC 2.0, one object a line."""

import json
import os
import resource
import socket

import pytest

from daemon import LIMIT, UUID, Rpc, until

WAITER = '/class/waiter/waiter'


def test_the_tree_can_be_managed_without_the_mount(daemon):
    with daemon.rpc() as rpc:
        types = '/class/mdev_bus/mtty/mdev_supported_types'
        assert rpc.write(f'{types}/mtty-2/create', UUID) == 36
        assert rpc.read(f'{types}/mtty-2/available_instances') == '11\n'
        link = rpc.call('sysfs.readlink', path=f'/bus/mdev/devices/{UUID}')
        assert link['target'] == f'../../../devices/virtual/mtty/mtty/{UUID}'
        entries = {entry['name']: entry for entry in
                   rpc.call('sysfs.list', path=f'/bus/mdev/devices/{UUID}')['entries']}
        assert entries['remove'] == {'name': 'remove', 'type': 'file', 'mode': 0o200}
        assert entries['mdev_type']['target'] == '../mdev_supported_types/mtty-2'
        assert entries['vendor']['type'] == 'directory'
        followed = rpc.call('sysfs.stat', path=f'/bus/mdev/devices/{UUID}', follow=True)
        assert followed['path'] == f'/devices/virtual/mtty/mtty/{UUID}'
        assert followed['type'] == 'directory'
        assert rpc.call('sysfs.stat', path=f'/bus/mdev/devices/{UUID}')['type'] == 'link'
        assert rpc.write(f'/bus/mdev/devices/{UUID}/remove', '1') == 1
        assert rpc.error('sysfs.stat', path=f'/bus/mdev/devices/{UUID}') == 'ENOENT'


def test_errors_carry_the_name_of_the_errno(daemon):
    with daemon.rpc() as rpc:
        create = '/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create'
        rpc.write(create, UUID)
        assert rpc.error('sysfs.write', path=create, data=UUID) == 'EEXIST'
        assert rpc.error('sysfs.write', path=create, data='x') == 'EINVAL'
        assert rpc.error('sysfs.write', path=create, data='x' * 5000) == 'EINVAL'
        assert rpc.error('sysfs.read', path=create) == 'EACCES'
        assert rpc.error('sysfs.read', path='/nosuch') == 'ENOENT'
        assert rpc.error('sysfs.read', path='/class') == 'EISDIR'
        assert rpc.error('sysfs.list', path=create) == 'ENOTDIR'
        assert rpc.error('sysfs.list', path='/' + 'x/' * 3000) == 'ENAMETOOLONG'
        assert rpc.error('sysfs.readlink', path=create) == 'EINVAL'
        assert rpc.error('module.load', name='mtty') == 'EEXIST'
        assert rpc.error('module.load', name='nosuch') == 'ENOENT'
        assert rpc.error('module.unload', name='nosuch') == 'ENOENT'
        assert rpc.error('module.info', name='nosuch') == 'ENOENT'
        rpc.call('event.subscribe')
        assert rpc.error('event.subscribe') == 'EALREADY'


def test_a_value_that_is_no_text_is_refused_rather_than_garbled(waiter):
    with waiter.rpc() as rpc:
        assert rpc.error('sysfs.read', path=f'{WAITER}/binary') == 'EILSEQ'
        assert rpc.read(f'{WAITER}/page') == 'x' * 4095


@pytest.mark.parametrize('line, code', [
    (b'{', -32700),
    (b'\x00', -32700),
    (b'\xff\xfe', -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"version"', -32700),
    (b'[' * 5000, -32700),
    (b'{"a":' * 5000, -32700),
    (b'[]', -32600),
    (b'17', -32600),
    (b'{"jsonrpc":"2.0","id":1}', -32600),
    (b'{"jsonrpc":"2.0","id":{},"method":"version"}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"no.such"}', -32601),
    (b'{"jsonrpc":"2.0","id":1,"method":"' + b'm' * 60000 + b'"}', -32601),
    (b'{"jsonrpc":"2.0","id":1,"method":"sysfs.read"}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"sysfs.read","params":[]}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"sysfs.read","params":{"path":5}}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"sysfs.read","params":{"path":"a\\u0000"}}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"log.read","params":{"from":-1}}', -32602),
    (b'{"jsonrpc":"2.0","id":1,"method":"version","params":{"x":1}}', -32602),
])
def test_malformed_input_is_answered_and_harms_nobody(daemon, line, code):
    with daemon.rpc() as rpc:
        rpc.send_raw(line + b'\n')
        answer = rpc.answer()
        assert answer['error']['code'] == code, answer
        assert answer['jsonrpc'] == '2.0'
        assert rpc.call('version')['version']


def test_a_line_too_long_ends_that_conversation_only(daemon):
    with daemon.rpc() as rpc, daemon.rpc() as other:
        rpc.send_raw(b'x' * 70000)
        answer = rpc.answer()
        assert answer['error']['code'] == -32600 and '65536' in answer['error']['message']
        try:
            assert rpc.receive() is None
        except ConnectionResetError:
            pass
        assert other.call('version')['version']


def test_the_longest_line_is_taken(daemon):
    request = b'{"jsonrpc":"2.0","id":1,"method":"version"}'
    with daemon.rpc() as rpc:
        rpc.send_raw(request + b' ' * (65536 - len(request)) + b'\n')
        assert rpc.answer()['result']['version']


def test_requests_may_come_in_pieces_or_at_once(daemon):
    request = b'{"jsonrpc":"2.0","id":"x","method":"version"}\n'
    with daemon.rpc() as rpc:
        for byte in request:
            rpc.send_raw(bytes([byte]))
        assert rpc.answer()['id'] == 'x'
        rpc.send_raw(b'\n\r\n' + request * 3)
        assert [rpc.answer()['id'] for _ in range(3)] == ['x'] * 3
        rpc.send_raw(request.rstrip())
        rpc.socket.shutdown(socket.SHUT_WR)
        assert rpc.answer()['id'] == 'x'
        assert rpc.receive() is None


def test_a_notification_is_carried_out_and_not_answered(daemon):
    with daemon.rpc() as rpc:
        rpc.send_raw(json.dumps({
            'jsonrpc': '2.0', 'method': 'sysfs.write',
            'params': {'path': '/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create',
                       'data': UUID}}).encode() + b'\n')
        assert rpc.call('sysfs.stat', path=f'/bus/mdev/devices/{UUID}')['type'] == 'link'


def test_a_blocking_write_holds_up_its_own_connection_only(waiter):
    with waiter.rpc() as writer, waiter.rpc() as other:
        writer.send('sysfs.write', path=f'{WAITER}/block', data='1')
        until('the write blocks', lambda: other.read(f'{WAITER}/blocked') == '1\n')
        other.write(f'{WAITER}/release', '1')
        assert writer.answer()['result'] == {'written': 1}


def test_a_client_that_goes_leaves_its_request_to_finish(waiter):
    with waiter.rpc() as other:
        writer = waiter.rpc()
        writer.send('sysfs.write', path=f'{WAITER}/block', data='1')
        until('the write blocks', lambda: other.read(f'{WAITER}/blocked') == '1\n')
        writer.close()
        other.write(f'{WAITER}/release', '1')
        until('the write is done', lambda: other.read(f'{WAITER}/blocked') == '0\n')


def test_too_many_connections_are_turned_away_and_others_stay(daemon):
    connections = [daemon.rpc() for _ in range(256)]
    assert all(rpc.call('version') for rpc in connections)
    with daemon.rpc() as one_more:
        assert 'too many' in one_more.receive()['error']['message']
    for rpc in connections[1:]:
        rpc.close()
    assert connections[0].call('version')
    connections[0].close()


def test_without_descriptors_connections_are_turned_away_and_others_stay(daemon):
    pid = daemon.process.pid
    with daemon.rpc() as rpc:
        assert rpc.call('version')
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        taken = {int(fd) for fd in os.listdir(f'/proc/{pid}/fd')}
        free = [fd for fd in range(len(taken) + 10) if fd not in taken]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (free[9] + 1, limits[1]))
        # Each of them takes two or is told so, the last one for sure.
        connections = [daemon.rpc() for _ in range(20)]
        for one in connections[12:]:
            assert 'descriptor' in one.receive()['error']['message']
            assert one.receive() is None
        assert 'sent away: no file descriptor' in daemon.log
        assert rpc.call('version')
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        for one in connections:
            one.close()
    with daemon.rpc() as rpc:
        assert rpc.call('version')


def emit(rpc, count):
    """Have uevents emitted."""
    for _ in range(count):
        rpc.write('/devices/virtual/mtty/mtty/uevent', 'change')


def test_a_subscriber_gets_events_in_order_between_its_answers(daemon):
    with daemon.rpc() as rpc:
        start = rpc.call('event.subscribe')['seqnum']
        emit(rpc, 20)
        events = [rpc.notification() for _ in range(20)]
        assert [event['params']['seqnum'] for event in events] == \
            list(range(start + 1, start + 21))
        properties = events[0]['params']['properties']
        assert properties['ACTION'] == 'change'
        assert properties['DEVPATH'] == '/devices/virtual/mtty/mtty'
        assert list(properties)[:2] == ['ACTION', 'DEVPATH']


def test_a_subscriber_that_does_not_read_is_cut_off_and_blocks_nobody(daemon):
    deaf = daemon.rpc()
    deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.call('event.subscribe')
    with daemon.rpc() as rpc:
        requests = b''.join(
            json.dumps({'jsonrpc': '2.0', 'method': 'sysfs.write',
                        'params': {'path': '/devices/virtual/mtty/mtty/uevent',
                                   'data': 'change'}}).encode() + b'\n' for _ in range(1000))
        for _ in range(100):
            rpc.send_raw(requests)
        assert rpc.call('version')['version']
        received = 0
        deaf.socket.settimeout(LIMIT)
        try:
            while data := deaf.socket.recv(1 << 20):
                received += len(data)
        except ConnectionResetError:
            pass
        assert 0 < received < 16 << 20
    deaf.close()


def test_the_log_can_be_read_from_any_line_and_followed(daemon):
    with daemon.rpc() as rpc:
        first = rpc.call('log.read')
        texts = [record['text'] for record in first['records']]
        assert any('ready' in text for text in texts)
        assert [record['seq'] for record in first['records']] == list(range(len(texts)))
        assert first['next'] == len(texts)
        assert rpc.call('log.read', **{'from': first['next']})['records'] == []
        assert rpc.call('log.read', **{'from': 2})['records'] == first['records'][2:]
        followed = rpc.call('log.read', follow=True, **{'from': first['next']})
        assert followed['records'] == []
        rpc.write('/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create', UUID)
        message = rpc.notification()
        assert message['method'] == 'log.record'
        assert message['params']['seq'] == first['next']
        assert UUID in message['params']['text']


def test_modules_can_be_loaded_and_unloaded(daemon):
    with daemon.rpc() as rpc:
        modules = {module['name']: module for module in rpc.call('module.list')['modules']}
        assert set(modules) == {'mtty', 'mdev', 'vfio_mdev'}
        assert 'mtty' in modules['mdev']['holders'] and modules['mtty']['refcnt'] == 0
        rpc.call('module.unload', name='mtty')
        assert rpc.error('sysfs.stat', path='/class/mtty') == 'ENOENT'
        rpc.call('module.load', name='mtty', params='max_ports=2')
        assert rpc.read('/module/mtty/parameters/max_ports') == '2\n'
        info = rpc.call('module.info', name='mtty')['info']
        assert info[0][0] == 'filename' and info[0][1].endswith('/mtty.so')


def test_an_answer_does_not_wait_for_other_clients(daemon):
    """Several clients at once, each with many requests."""
    clients = [Rpc(daemon.root) for _ in range(8)]
    for _ in range(50):
        for client in clients:
            client.send('sysfs.list', path='/')
    for client in clients:
        for _ in range(50):
            assert client.answer()['result']['entries']
        client.close()
