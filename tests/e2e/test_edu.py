# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""A real guest uses medu devices as it does the device of QEMU that they take after (M15, M16)."""

import re
import subprocess

import pytest

from conftest import BUILD
from guest import TOP, Guest, qemu_arguments

UUID1 = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001'
UUID2 = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1002'
# What edu_test looks at on each device.
CHECKS = 15
TYPES = 'devices/platform/medu/mdev_supported_types'


@pytest.fixture
def create(daemon):
    """A function that creates a medu; all are removed in the end."""
    uuids = []
    done = daemon.umdev('modprobe', 'medu')
    assert done.returncode == 0, done.stderr

    def create_one(uuid, kind):
        (daemon.sys / TYPES / kind / 'create').write_text(uuid, encoding='ascii')
        uuids.append(uuid)

    yield create_one
    for uuid in uuids:
        (daemon.device(uuid) / 'remove').write_text('1', encoding='ascii')


@pytest.fixture
def initramfs(tmp_path):
    """The guest's file system with edu_test in it."""
    tree = tmp_path / 'tree'
    (tree / 'bin').mkdir(parents=True)
    (tree / 'bin/edu_test').write_bytes((BUILD / 'tests/guest/edu_test').read_bytes())
    (tree / 'bin/edu_test').chmod(0o755)
    archive = subprocess.run(['cpio', '--quiet', '-o', '-H', 'newc', '-R', '0:0'], cwd=tree,
                             input=b'bin/edu_test\n', stdout=subprocess.PIPE, check=True).stdout
    path = tmp_path / 'initramfs'
    path.write_bytes((TOP / 'build/vm/guest/initramfs').read_bytes() + archive)
    return path


@pytest.fixture
def boot_with(daemon, initramfs, create):
    """A function that boots a guest with QEMU's arguments and the devices given."""
    guests = []

    def boot_one(*uuids, arguments=()):
        guest = Guest('-initrd', initramfs, *arguments, *qemu_arguments(daemon, *uuids))
        guests.append(guest)
        return guest.wait_until_up()

    yield boot_one
    for guest in guests:
        guest.close()


def run_edu_test(guest, devices):
    """Run the program; it must have passed on that many devices."""
    guest.start('edu_test')
    output, status = guest.finish()
    assert status == 0, output
    assert len(re.findall(r'^ok ', output, re.M)) == CHECKS * devices, output
    assert f'1..{CHECKS * devices}' in output


def test_the_program_passes_on_the_device_of_qemu(boot_with):
    guest = boot_with(arguments=['-device', 'edu'])
    run_edu_test(guest, 1)
    guest.power_off()


@pytest.mark.parametrize('kind', ['medu-vendor', 'medu-iommu'])
def test_the_program_passes_on_medu(create, boot_with, kind):
    create(UUID1, kind)
    guest = boot_with(UUID1)
    run_edu_test(guest, 1)
    # Again, as nothing that it left may stand in the way.
    run_edu_test(guest, 1)
    guest.power_off()


def test_the_program_passes_on_all_of_them_in_one_guest(daemon, create, boot_with):
    create(UUID1, 'medu-vendor')
    create(UUID2, 'medu-iommu')
    guest = boot_with(UUID1, UUID2, arguments=['-device', 'edu'])
    run_edu_test(guest, 3)
    guest.power_off()
    faults = daemon.sys / 'class/iommu/soft-iommu/soft-iommu/faults'
    assert faults.read_text(encoding='ascii') == '0\n'


def test_when_qemu_is_killed_in_the_middle_the_next_one_can_use_the_devices(create, boot_with):
    create(UUID1, 'medu-vendor')
    create(UUID2, 'medu-iommu')
    guest = boot_with(UUID1, UUID2)
    guest.start('while edu_test; do :; done')
    guest.expect(f'ok {CHECKS + 10} ')
    guest.kill()

    guest = boot_with(UUID1, UUID2)
    run_edu_test(guest, 2)
    guest.power_off()
