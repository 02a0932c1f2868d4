/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_BUG_H
#define UMDEV_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/printk.h>

void __noreturn umdev_bug(const char *file, int line, const char *func);
void umdev_warn(const char *file, int line, const char *func);
__printf(4, 5) void umdev_warn_fmt(const char *file, int line, const char *func, const char *fmt,
				   ...);

/* The state is beyond repair: log where and abort. */
#define BUG() umdev_bug(__FILE__, __LINE__, __func__)
#define BUG_ON(condition)                \
	do {                             \
		if (unlikely(condition)) \
			BUG();           \
	} while (0)

/* Something that must not happen did: log where and go on. The value is the condition. */
#define WARN_ON(condition)                                        \
	({                                                        \
		bool __warn_on = !!(condition);                   \
                                                                  \
		if (unlikely(__warn_on))                          \
			umdev_warn(__FILE__, __LINE__, __func__); \
		unlikely(__warn_on);                              \
	})
#define WARN(condition, format...)                                            \
	({                                                                    \
		bool __warn_on = !!(condition);                               \
                                                                              \
		if (unlikely(__warn_on))                                      \
			umdev_warn_fmt(__FILE__, __LINE__, __func__, format); \
		unlikely(__warn_on);                                          \
	})
#define WARN_ON_ONCE(condition)                                              \
	({                                                                   \
		static bool __warned;                                        \
		bool __warn_once = !!(condition);                            \
                                                                             \
		if (unlikely(__warn_once) &&                                 \
		    !__atomic_exchange_n(&__warned, true, __ATOMIC_RELAXED)) \
			umdev_warn(__FILE__, __LINE__, __func__);            \
		unlikely(__warn_once);                                       \
	})
#define WARN_ONCE(condition, format...)                                       \
	({                                                                    \
		static bool __warned;                                         \
		bool __warn_once = !!(condition);                             \
                                                                              \
		if (unlikely(__warn_once) &&                                  \
		    !__atomic_exchange_n(&__warned, true, __ATOMIC_RELAXED))  \
			umdev_warn_fmt(__FILE__, __LINE__, __func__, format); \
		unlikely(__warn_once);                                        \
	})

#endif /* UMDEV_LINUX_BUG_H */
