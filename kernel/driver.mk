# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# For the Kbuild file of a driver out of tree: it finds <linux/mdev.h> and the rest of the
# driver API of Linux 5.10, and the symbols of umdev's modules, which have been built for
# this kernel before:
#
#	include /usr/src/umdev-0.1.0/kernel/driver.mk
#	obj-m := mydrv.o

# Said when something is compiled, not when it is cleaned.
umdev-error = $(if $(filter %/Makefile.build,$(MAKEFILE_LIST)),$(error umdev: $(1)))

ifneq ($(filter 1 2 3 4 5,$(VERSION))$(filter 6.0,$(VERSION).$(PATCHLEVEL)),)
$(call umdev-error,Linux 6.1 or newer is needed and this is $(KERNELRELEASE))
endif

# Umdev's own Kbuild file has this set. The symbols are yet to be made there.
ifndef umdev-top
umdev-top := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
umdev-symbols := $(umdev-top)/build/kernel/$(KERNELRELEASE)/Module.symvers
ifeq ($(wildcard $(umdev-symbols)),)
$(call umdev-error,its modules have to be built for Linux $(KERNELRELEASE) first: make -C \
	$(abspath $(objtree)) M=$(umdev-top)/kernel modules)
endif
# Also where more are named on the command line.
override KBUILD_EXTRA_SYMBOLS += $(umdev-symbols)
endif

# The compat headers come before the kernel's and include those. Of include/ they take what
# no kernel has, as the rest of it stands for the kernel's in user space.
LINUXINCLUDE := -I$(umdev-top)/kernel/compat/include $(LINUXINCLUDE)
