# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
"""Modules as an operator meets them, and devices that are driven from inside. Rows M18, M19."""

import pathlib

import pytest

from daemon import UUID, UUID2, DeviceUser, until


def refcnt(one, module):
    """A module's count in the tree."""
    return int((one.sys / 'module' / module / 'refcnt').read_text(encoding='ascii'))


def loaded(one):
    """The names of the modules, the latest first."""
    return [module['name'] for module in one.json('lsmod')]


def refused(one, *words):
    """Run a command that has to fail; return what it says."""
    done = one.umdev(*words)
    assert done.returncode == 1, f'{words}: {done}'
    return done.stderr


@pytest.fixture
def testmods(make_daemon, programs):
    """A running daemon with the loader's test modules to choose from."""
    folder = pathlib.Path(programs.modules).parent / 'tests/unit/runtime/modules'
    return make_daemon('--module-dir', str(folder)).start()


@pytest.fixture
def plain(make_daemon):
    """A running daemon without a module."""
    return make_daemon().start()


def test_m19_parameters_are_given_shown_changed_and_refused(testmods):
    assert 'number' in refused(testmods, 'modprobe', 'testmod_base', 'number=many')
    assert loaded(testmods) == [] and not (testmods.sys / 'module/testmod_base').exists()

    assert testmods.umdev('modprobe', 'testmod-base', 'number=-17', 'name=two words',
                          'colour=blue').returncode == 0
    assert "unknown parameter 'colour' ignored" in testmods.umdev('dmesg').stdout
    parameters = testmods.sys / 'module/testmod_base/parameters'
    assert (parameters / 'number').read_text(encoding='ascii') == '-17\n'
    assert (parameters / 'name').read_text(encoding='ascii') == 'two words\n'
    (parameters / 'number').write_text('99\n', encoding='ascii')
    with pytest.raises(OSError, match='Invalid argument'):
        (parameters / 'number').write_text('x\n', encoding='ascii')
    assert (parameters / 'number').read_text(encoding='ascii') == '99\n'
    with pytest.raises(PermissionError):
        (parameters / 'flag').write_text('1\n', encoding='ascii')
    assert not (parameters / 'hidden').exists()
    assert 'number:A number' in testmods.json('modinfo', 'testmod_base')['parm']


def test_m19_soft_dependencies_are_loaded_before_and_after(testmods):
    assert testmods.umdev('modprobe', 'testmod_soft').returncode == 0
    journal = testmods.sys / 'module/testmod_base/parameters/journal'
    assert journal.read_text(encoding='ascii').split() == ['base+', 'soft+', 'user+']
    assert 'testmod_missing is not loaded' in testmods.umdev('dmesg').stdout
    # Wishes, not needs: nothing is held by them, nor do they go with it.
    assert refcnt(testmods, 'testmod_user') == 0
    assert testmods.umdev('rmmod', 'testmod_soft').returncode == 0
    assert set(loaded(testmods)) == {'testmod_user', 'testmod_base'}


def test_m19_a_driver_brings_the_bus_and_what_serves_its_users(plain):
    assert plain.umdev('modprobe', 'mtty').returncode == 0
    assert set(loaded(plain)) == {'mtty', 'mdev', 'vfio_mdev'}
    assert plain.json('modinfo', 'mdev')['softdep'] == ['post: vfio_mdev']


def test_m19_counts_and_holders_follow_the_users(daemon, root):
    assert refcnt(daemon, 'mdev') == 2
    assert {path.name for path in (daemon.sys / 'module/mdev/holders').iterdir()} == {
        'mtty', 'vfio_mdev'}
    daemon.create(UUID)
    assert refcnt(daemon, 'mtty') == 0 and refcnt(daemon, 'vfio_mdev') == 0
    user = DeviceUser(root / 'dev/vfio' / UUID)
    assert refcnt(daemon, 'mtty') == 1 and refcnt(daemon, 'vfio_mdev') == 1
    user.close()
    until('the user has let go', lambda: refcnt(daemon, 'mtty') == 0)
    assert refcnt(daemon, 'vfio_mdev') == 0
    message = refused(daemon, 'rmmod', 'mdev')
    assert 'mtty' in message and 'vfio_mdev' in message


def test_m19_a_module_whose_device_is_in_use_stays(daemon, root):
    daemon.create(UUID)
    daemon.create(UUID2)
    user = DeviceUser(root / 'dev/vfio' / UUID)
    for module in ('mtty', 'vfio_mdev', 'mdev'):
        assert 'in use' in refused(daemon, 'rmmod', module)
        with daemon.rpc() as rpc:
            assert rpc.error('module.unload', name=module) == 'EBUSY'
    # Nothing has been taken away from anybody.
    assert {device['uuid'] for device in daemon.json('list')} == {UUID, UUID2}
    DeviceUser(root / 'dev/vfio' / UUID2).close()
    user.close()
    until('the users have let go', lambda: refcnt(daemon, 'mtty') == 0)
    assert daemon.umdev('rmmod', 'mtty').returncode == 0
    assert daemon.json('list') == []


def test_m19_idle_devices_go_with_their_module(daemon, root):
    daemon.create(UUID)
    daemon.create(UUID2)
    assert daemon.umdev('rmmod', 'mtty').returncode == 0
    assert loaded(daemon) == ['vfio_mdev', 'mdev']
    assert not (daemon.sys / 'devices/virtual/mtty').exists()
    assert not (daemon.sys / 'module/mtty').exists()
    assert list((daemon.sys / 'bus/mdev/devices').iterdir()) == []
    assert list((daemon.sys / 'kernel/iommu_groups').iterdir()) == []
    assert not (root / 'dev/vfio' / UUID).exists()
    # Nor is anything remembered of them.
    assert daemon.umdev('modprobe', 'mtty').returncode == 0
    daemon.create(UUID)
    DeviceUser(root / 'dev/vfio' / UUID).close()


def test_m19_devices_outlive_the_driver_that_serves_them(daemon, root):
    daemon.create(UUID)
    assert daemon.umdev('rmmod', 'vfio_mdev').returncode == 0
    assert not (daemon.device(UUID) / 'driver').exists()
    assert not (daemon.device(UUID) / 'iommu_group').exists()
    assert not (root / 'dev/vfio' / UUID).exists()
    assert daemon.umdev('modprobe', 'vfio_mdev').returncode == 0
    DeviceUser(root / 'dev/vfio' / UUID).close()


def test_m19_a_module_is_loaded_once(daemon):
    with daemon.rpc() as rpc:
        assert rpc.error('module.load', name='mtty') == 'EEXIST'
        assert rpc.error('module.load', name='mtty', params='max_ports=1') == 'EEXIST'
    # modprobe finds that what it was to do is done, unless it was to be the first.
    assert daemon.umdev('modprobe', 'mtty').returncode == 0
    assert 'already loaded' in refused(daemon, 'modprobe', '--first-time', 'mtty')
    parameters = daemon.sys / 'module/mtty/parameters'
    assert (parameters / 'max_ports').read_text(encoding='ascii') == '24\n'
    assert daemon.umdev('rmmod', 'mtty').returncode == 0
    with daemon.rpc() as rpc:
        assert rpc.error('module.unload', name='mtty') == 'ENOENT'


def test_m19_a_module_that_fails_to_start_leaves_nothing(testmods):
    before = sorted(path.name for path in (testmods.sys / 'module').iterdir())
    assert 'refuses to start' in refused(testmods, 'modprobe', 'testmod_fail', 'text=something')
    assert loaded(testmods) == []
    assert sorted(path.name for path in (testmods.sys / 'module').iterdir()) == before
    # What was there before stays, with the count that it had.
    assert testmods.umdev('modprobe', 'testmod_base').returncode == 0
    refused(testmods, 'modprobe', 'testmod_fail')
    assert loaded(testmods) == ['testmod_base'] and refcnt(testmods, 'testmod_base') == 0
    assert testmods.umdev('rmmod', 'testmod_base').returncode == 0


def test_m19_a_module_without_exit_function_stays(testmods):
    assert testmods.umdev('modprobe', 'testmod_noexit').returncode == 0
    assert 'no exit function' in refused(testmods, 'rmmod', 'testmod_noexit')
    assert loaded(testmods) == ['testmod_noexit']


def test_m18_a_virtio_device_is_driven_from_inside(plain):
    assert plain.umdev('modprobe', 'mvrng').returncode == 0
    assert set(loaded(plain)) == {'mdev', 'vfio_mdev', 'virtio', 'virtio_mdev', 'virtio_rng',
                                  'mvrng'}
    assert plain.umdev('create', UUID, 'mvrng-rng').returncode == 0
    device = plain.device(UUID)
    assert (device / 'driver').resolve().name == 'virtio_mdev'
    assert (device / 'virtio0/driver').resolve().name == 'virtio_rng'
    assert not (device / 'iommu_group').exists()
    assert not (plain.root / 'dev/vfio' / UUID).exists()
    assert (plain.sys / 'class/misc/hw_random/rng_current').read_text() == 'virtio_rng.0\n'
    # The driver has asked for what it keeps in stock, and got all of it.
    until('the buffers are filled', lambda: (device / 'counts/buffers').read_text() == '4\n')
    assert (device / 'counts/bytes').read_text() == '256\n'
    assert plain.umdev('remove', UUID).returncode == 0
    assert list((plain.sys / 'bus/virtio/devices').iterdir()) == []
    assert (plain.sys / 'class/misc/hw_random/rng_current').read_text() == 'none\n'


def test_m18_the_alias_in_a_uevent_loads_the_driver_of_that_class(plain):
    assert plain.umdev('modprobe', 'mvrng').returncode == 0
    for module in ('virtio_rng', 'virtio_mdev', 'virtio'):
        assert plain.umdev('rmmod', module).returncode == 0
    with plain.rpc() as rpc:
        rpc.write('/class/mdev_bus/mvrng/mdev_supported_types/mvrng-rng/create', UUID)
    device = plain.device(UUID)
    assert not (device / 'driver').exists()
    alias = (device / 'uevent').read_text().strip().removeprefix('MODALIAS=')
    assert alias == 'mdev:c02'
    assert plain.json('modinfo', 'virtio_mdev')['alias'] == ['mdev:c02']
    assert plain.umdev('modprobe', alias).returncode == 0
    assert (device / 'driver').resolve().name == 'virtio_mdev'
    alias = (device / 'virtio0/modalias').read_text().strip()
    assert plain.umdev('modprobe', alias).returncode == 0
    assert (device / 'virtio0/driver').resolve().name == 'virtio_rng'


def test_m19_a_driver_inside_goes_with_its_idle_devices(plain):
    assert plain.umdev('modprobe', 'mvrng').returncode == 0
    assert plain.umdev('create', UUID, 'mvrng-rng').returncode == 0
    assert 'virtio_mdev' in refused(plain, 'rmmod', 'virtio')
    assert plain.umdev('rmmod', 'mvrng').returncode == 0
    assert list((plain.sys / 'bus/mdev/devices').iterdir()) == []
    for module in ('virtio_rng', 'virtio_mdev', 'virtio', 'vfio_mdev', 'mdev'):
        assert plain.umdev('rmmod', module).returncode == 0
    assert loaded(plain) == []


def test_m19_what_is_built_in_shows_its_parameters(plain):
    folder = plain.sys / 'module/vfio_iommu_type1'
    assert sorted(path.name for path in folder.iterdir()) == ['parameters', 'uevent']
    limit = folder / 'parameters/dma_entry_limit'
    assert limit.stat().st_mode & 0o777 == 0o644
    assert limit.read_text(encoding='ascii') == '65535\n'
    limit.write_text('100\n', encoding='ascii')
    assert limit.read_text(encoding='ascii') == '100\n'
    with pytest.raises(OSError, match='Invalid argument'):
        limit.write_text('many\n', encoding='ascii')
    assert limit.read_text(encoding='ascii') == '100\n'
    assert loaded(plain) == []
    assert refused(plain, 'rmmod', 'vfio_iommu_type1')
