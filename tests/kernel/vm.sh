# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh disable=SC2154
#
# An emulated machine with a Debian release's kernel, our modules and busybox. Sourced
# after common.sh with "$top" and "$release" set; builds the modules.
"$top/scripts/vm-setup"
"$top/tests/kernel/build" "$release" >&2
root=$top/build/vm/kernel-$release/root
version=$(ls "$root/usr/lib/modules")
out=$top/build/kernel/$version
# More than one machine may be in the making.
tree=$out/guest.$$
initramfs=$out/initramfs.$$
trap 'rm -rf "$tree" "$initramfs"' EXIT

# The kernel's place differs between releases.
kernel=$root/boot/vmlinuz-$version
[ -f "$kernel" ] || kernel=$root/usr/lib/modules/$version/vmlinuz

# Not by its name in lib64, which may be an absolute link, and so to the host's.
release_loader=$root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2

# release_kmod NAME [ARGUMENT]...: the release's own modprobe, depmod and so on.
release_kmod()
{
	name=$1
	shift
	"$release_loader" --library-path "$root/usr/lib/x86_64-linux-gnu" \
		--argv0 "$name" "$root/usr/bin/kmod" "$@"
}

# VFIO, KVM, virtio's entropy device and what they need, the kernel's own mdev module, and ours.
add_modules()
{
	mkdir -p "$tree/lib/modules/$version/updates"
	for dir in drivers/vfio drivers/iommu/iommufd virt/lib arch/x86/kvm drivers/crypto/ccp \
		drivers/virtio drivers/char/hw_random; do
		# What is built into one kernel is a module of another.
		find "$root/usr/lib/modules/$version/kernel/$dir" -name '*.ko*' 2>/dev/null || true
	done | while read -r module; do
		case $module in
		*.xz) xz -dc "$module" >"$tree/lib/modules/$version/$(basename "$module" .xz)" ;;
		*) cp "$module" "$tree/lib/modules/$version" ;;
		esac
	done
	cp "$out"/*.ko "$tree/lib/modules/$version/updates"
	# As whoever asks for them has just built them; by the same names as ours, so not where
	# modprobe would look.
	if [ -n "${UMDEV_LINUX_SAMPLES-}" ]; then
		mkdir -p "$tree/tests/linux"
		cp "$out/linux"/*.ko "$tree/tests/linux"
	fi
	cp "$root/usr/lib/modules/$version"/modules.order \
		"$root/usr/lib/modules/$version"/modules.builtin \
		"$root/usr/lib/modules/$version"/modules.builtin.modinfo "$tree/lib/modules/$version"
	release_kmod depmod -b "$tree" "$version"
}

# busybox does for everything but modules: its modprobe knows no soft dependencies.
add_programs()
{
	mkdir -p "$tree/bin" "$tree/sbin" "$tree/lib64" "$tree/lib/x86_64-linux-gnu"
	install -m 755 "$top/scripts/guest/init" "$tree/init"
	cp "$root/usr/bin/busybox" "$tree/bin"
	cp "$root/usr/bin/kmod" "$tree/sbin"
	for name in modprobe insmod rmmod; do
		ln -s kmod "$tree/sbin/$name"
	done
	cp "$release_loader" "$tree/lib64"
	"$release_loader" --library-path "$root/usr/lib/x86_64-linux-gnu" \
		--list "$root/usr/bin/kmod" | sed -n 's/.* => \(\/.*\) (0x.*/\1/p' |
		while read -r library; do
			cp -L "$library" "$tree/lib/x86_64-linux-gnu"
		done
	# Of a release that has headers for programs, too, those of its kernel know more.
	uapi=
	if [ -d "$root/usr/include/linux" ]; then
		uapi=$out/uapi
		mkdir -p "$uapi"
		ln -sfn "$root/usr/include/linux" "$uapi/linux"
		ln -sfn "$root/usr/include/asm-generic" "$uapi/asm-generic"
		ln -sfn "$root/usr/include/x86_64-linux-gnu/asm" "$uapi/asm"
	fi
	"${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror ${uapi:+-isystem "$uapi"} -static \
		-o "$tree/bin/vfio_abi" "$top"/tests/kernel/vfio_*.c
}

# begin_tree: the root file system of the machine in $tree, to be added to.
begin_tree()
{
	mkdir -p "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp" "$tree/tests"
	add_programs
	add_modules
	cp -r "$top/tests/conformance" "$tree/tests"
	cp -r "$top/tests/kernel/guest" "$tree/tests/kernel"
}

# boot PROGRAM MEGABYTES SECONDS: boot with $tree, run PROGRAM and print one TAP stream of what
# it says. Fails if a check does, or if it takes longer.
boot()
{
	(cd "$tree" && find . | sort | cpio --quiet -o -H newc -R 0:0) >"$initramfs"
	rm -rf "$tree"
	say "Booting Linux $version" >&2
	timeout "$3" "$top/build/vm/bin/qemu-system-x86_64" -nodefaults -no-user-config \
		-display none -vga none -accel tcg,thread=multi -smp 2 -cpu max -m "$2" \
		-serial stdio -no-reboot -kernel "$kernel" -initrd "$initramfs" \
		-append "console=ttyS0 quiet panic=-1 umdev.run=$1" </dev/null |
		sed -u 's/\r$//' | tee "$out/console" | awk -v limit="$3" '
		/^\[guest done / { ended = 1 }
		/^\[guest/ || /^1\.\./ { next }
		/^(not )?ok / {
			count++
			failed += /^not/
			sub(/ok( [0-9]+)?/, "ok " count)
		}
		{ print; fflush() }
		END {
			if (!ended) {
				count++
				failed++
				print "not ok " count " - the guest runs to its end within " limit " s"
			}
			print "1.." count + 0
			printf "# %d passed, %d failed\n", count - failed, failed
			exit failed > 0 || count == 0
		}'
}
