# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""A real guest uses mtty devices (M20)."""

import re
import subprocess
import threading

import pytest

from guest import TOP, qemu_arguments

UUID1 = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001'
UUID2 = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1002'
BYTES = 8192

# Linux's documentation of the sample shows this configuration space. What the guest chooses is
# left out, and so is where umdev's mtty tells of its MSI capability, which that one hides.
DOCUMENTED_CONFIG = """\
00: 48 43 53 32 .. .. .. 02 10 02 00 07 00 00 00 00
10: .. .. 00 00 .. .. 00 00 00 00 00 00 00 00 00 00
20: 00 00 00 00 00 00 00 00 00 00 00 00 48 43 53 32
30: 00 00 00 00 .. 00 00 00 00 00 00 00 .. 01 00 00
"""


def remove(daemon, uuid):
    """Remove a device, once its user lets go of it."""
    (daemon.device(uuid) / 'remove').write_text('1', encoding='ascii')


@pytest.mark.parametrize('machine', ['pc', 'q35'])
def test_a_guest_sees_the_documented_card_and_both_ports_loop_back(daemon, boot, machine):
    daemon.create(UUID1, 'mtty-2')
    guest = boot(UUID1, machine=machine)
    slot = guest.card()

    lspci = guest.run(f'lspci -s {slot} -xxvv')
    for pattern in [r'Serial controller: Device 4348:3253 \(rev 10\) \(prog-if 02 \[16550\]\)',
                    r'Subsystem: Device 4348:3253', r'Control: I/O\+', r'MSI: Enable- Count=1/1',
                    r'DEVSEL=medium', r'Interrupt: pin A routed to IRQ \d+',
                    r'Region 0: I/O ports at [0-9a-f]+ \[size=8\]',
                    r'Region 1: I/O ports at [0-9a-f]+ \[size=8\]',
                    r'Kernel driver in use: serial', DOCUMENTED_CONFIG]:
        assert re.search(pattern, lspci), f'no {pattern!r} in:\n{lspci}'
    assert 'Region 2' not in lspci

    ports = guest.ports()
    assert ports == ['/dev/ttyS1', '/dev/ttyS2']
    dmesg = guest.run('dmesg | grep ttyS')
    for port in ports:
        name = port.removeprefix('/dev/')
        assert re.search(rf'{name} at I/O 0x[0-9a-f]+ \(irq = [1-9]\d*, .*is a 16550A', dmesg), dmesg
        setserial = guest.run(f'setserial -g {port}')
        assert re.match(rf'{port}, UART: 16550A, Port: 0x[0-9a-f]+, IRQ: [1-9]\d*', setserial)

    for port in ports:
        guest.run(f'loopback {port} {BYTES}')
    guest.run(f'loopback {ports[0]} {BYTES} & a=$!; loopback {ports[1]} {BYTES} & wait $! && wait $a')
    guest.power_off()

    remove(daemon, UUID1)
    assert not daemon.device(UUID1).exists()


def test_the_ports_interrupt_instead_of_being_polled(daemon, boot):
    daemon.create(UUID1, 'mtty-1')
    guest = boot(UUID1)
    port, = guest.ports()
    irq = re.search(r'IRQ: (\d+)', guest.run(f'setserial -g {port}'))[1]

    def interrupts():
        line = guest.run(f"sed -n 's/^ *{irq}: *\\([0-9]*\\).*/\\1/p' /proc/interrupts")
        return int(line or 0)

    # Its line in /proc/interrupts is there while the port is open.
    guest.run(f'exec 4<>{port}')
    before = interrupts()
    guest.run(f'loopback {port} {BYTES}')
    raised = interrupts() - before
    # How many is up to the guest, which does all there is to do at each of them.
    assert raised > 0
    guest.power_off()


def test_cards_of_both_types_work_in_one_guest(daemon, boot):
    daemon.create(UUID1, 'mtty-1')
    daemon.create(UUID2, 'mtty-2')
    guest = boot(UUID1, UUID2)
    ports = guest.ports(0) + guest.ports(1)
    assert len(set(ports)) == 3
    for port in ports:
        guest.run(f'loopback {port} {BYTES}')
    guest.power_off()


def test_a_guest_that_reboots_finds_the_device_reset(daemon, boot):
    daemon.create(UUID1, 'mtty-1')
    guest = boot(UUID1)
    port, = guest.ports()
    # Nobody but us uses a UART's scratch register, number 7.
    scratch = int(re.search(r'Port: (0x[0-9a-f]+)', guest.run(f'setserial -g {port}'))[1], 16) + 7
    read_scratch = f'dd if=/dev/port bs=1 count=1 skip={scratch} 2>/dev/null | hexdump -v -e \'/1 "%d"\''
    guest.run(f"printf '\\132' | dd of=/dev/port bs=1 count=1 seek={scratch} 2>/dev/null")
    assert guest.run(read_scratch) == '90'

    guest.start('reboot -f')
    guest.wait_until_up()
    assert guest.ports() == [port]
    assert guest.run(read_scratch) == '0'
    guest.run(f'loopback {port} {BYTES}')
    guest.power_off()


def test_when_qemu_is_killed_in_the_middle_the_next_one_can_use_the_device(daemon, boot):
    daemon.create(UUID1, 'mtty-2')
    guest = boot(UUID1)
    port = guest.ports()[0]
    # Kill it while data are on their way in both directions.
    guest.start(f'stty -F {port} raw -echo; exec 4<>{port}; cat /dev/zero >&4 & head -c 4096 <&4 >/dev/null; '
                'echo moving; sleep 100')
    guest.expect('moving')
    guest.kill()

    guest = boot(UUID1)
    for port in guest.ports():
        guest.run(f'loopback {port} {BYTES}')
    guest.power_off()
    remove(daemon, UUID1)


def test_a_device_in_use_is_refused_to_a_second_qemu(daemon, boot):
    daemon.create(UUID1, 'mtty-1')
    guest = boot(UUID1)
    port, = guest.ports()

    second = subprocess.run([TOP / 'scripts/vm', *qemu_arguments(daemon, UUID1)], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode != 0, second.stdout
    assert 'vfio-user' in second.stderr

    guest.run(f'loopback {port} {BYTES}')
    guest.power_off()


def test_removing_a_device_waits_for_the_guest_that_uses_it(daemon, boot):
    daemon.create(UUID1, 'mtty-1')
    guest = boot(UUID1)
    port, = guest.ports()

    remover = threading.Thread(target=remove, args=[daemon, UUID1])
    remover.start()
    # The device is still the guest's: it works as before, after the removal has begun.
    guest.run(f'loopback {port} {BYTES}')
    assert remover.is_alive()
    guest.power_off()
    remover.join(30)
    assert not remover.is_alive()
    assert not daemon.device(UUID1).exists()


def test_after_umdevd_was_killed_the_next_one_serves_guests(daemon, boot):
    daemon.create(UUID1, 'mtty-1')
    guest = boot(UUID1)
    daemon.kill()
    guest.kill()

    daemon.start()
    assert not daemon.device(UUID1).exists()
    daemon.create(UUID1, 'mtty-1')
    guest = boot(UUID1)
    port, = guest.ports()
    guest.run(f'loopback {port} {BYTES}')
    guest.power_off()
