/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef TESTS_UNIT_VFIO_USER_VUT_PRIVATE_H
#define TESTS_UNIT_VFIO_USER_VUT_PRIVATE_H

int vut_bus_up(void);
void vut_bus_down(void);

#endif /* TESTS_UNIT_VFIO_USER_VUT_PRIVATE_H */
