// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* What a module's file says of itself, read with libelf before anything of it is run. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>
#include <unistd.h>
#include "modules.h"

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv)
#define MACHINE EM_RISCV
#else
#define MACHINE EM_NONE
#endif

static int not_a_module(const struct module_image *image, struct umdev_error *err, const char *why)
{
	return umdev_error_set(err, -ENOEXEC, "%s is not a umdev module: %s", image->path, why);
}

static int check_header(const struct module_image *image, Elf *elf, struct umdev_error *err)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return not_a_module(image, err, "it is not an ELF file");
	if (gelf_getclass(elf) != ELFCLASS64 || (MACHINE != EM_NONE && header.e_machine != MACHINE))
		return not_a_module(image, err, "it is built for another kind of machine");
	if (header.e_type != ET_DYN)
		return not_a_module(image, err, "it is not a shared object");
	return 0;
}

/* The section's bytes with a NUL behind; strings in it may be padded with NULs. */
static int copy_modinfo(struct module_image *image, Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);

	if (!data || !data->d_buf || !data->d_size)
		return 0;
	image->modinfo = kvmalloc(data->d_size + 1, GFP_KERNEL);
	if (!image->modinfo)
		return -ENOMEM;
	memcpy(image->modinfo, data->d_buf, data->d_size);
	image->modinfo[data->d_size] = '\0';
	image->modinfo_len = data->d_size;
	return 0;
}

/* Adds LIBRARY of LIBRARY.so; names with more behind ".so" or "lib" in front are no modules. */
static int add_dependency(struct module_image *image, const char *library)
{
	size_t len = strlen(library);
	char *depends;

	if (str_has_prefix(library, "lib") || len <= 3 || strcmp(library + len - 3, ".so"))
		return 0;
	if (image->depends)
		depends = kasprintf(GFP_KERNEL, "%s,%.*s", image->depends, (int)len - 3, library);
	else
		depends = kasprintf(GFP_KERNEL, "%.*s", (int)len - 3, library);
	if (!depends)
		return -ENOMEM;
	kfree(image->depends);
	image->depends = depends;
	return 0;
}

static int read_dynamic(struct module_image *image, Elf *elf, Elf_Scn *section,
			const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++) {
		const char *library;
		GElf_Dyn entry;

		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		library = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		if (library)
			ret = add_dependency(image, library);
	}
	return ret;
}

static int read_sections(struct module_image *image, Elf *elf)
{
	Elf_Scn *section = NULL;
	size_t names;
	int ret = 0;

	if (elf_getshdrstrndx(elf, &names))
		return 0;
	while (!ret && (section = elf_nextscn(elf, section))) {
		const char *name;
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (header.sh_type == SHT_DYNAMIC)
			ret = read_dynamic(image, elf, section, &header);
		else if (name && !strcmp(name, ".modinfo") && !image->modinfo)
			ret = copy_modinfo(image, section);
	}
	return ret;
}

/* The memory that the file's segments take. */
static size_t loaded_size(Elf *elf)
{
	size_t count, size = 0;
	GElf_Phdr header;

	if (elf_getphdrnum(elf, &count))
		return 0;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_LOAD)
			size = max(size, (size_t)(header.p_vaddr + header.p_memsz));
	return size;
}

static int read_elf(struct module_image *image, Elf *elf, struct umdev_error *err)
{
	int ret = check_header(image, elf, err);

	if (ret)
		return ret;
	ret = read_sections(image, elf);
	if (ret)
		return umdev_error_set(err, ret, "no memory to read %s", image->path);
	if (!image->modinfo)
		return not_a_module(image, err,
				    "it has no .modinfo section (MODULE_LICENSE() and the like)");
	image->size = loaded_size(elf);
	return 0;
}

static int open_regular(const char *path, struct umdev_error *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return umdev_error_set(err, -errno, "cannot open module %s: %s", path,
				       strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return umdev_error_set(err, -ENOEXEC,
				       "%s is not a umdev module: it is not a regular file", path);
	}
	return fd;
}

int module_image_read(struct module_image *image, const char *path, struct umdev_error *err)
{
	int fd, ret;
	Elf *elf;

	*image = (struct module_image){ .path = kstrdup(path, GFP_KERNEL) };
	if (!image->path)
		return umdev_error_set(err, -ENOMEM, "no memory to read %s", path);
	fd = open_regular(path, err);
	if (fd < 0) {
		ret = fd;
		goto free_image;
	}
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf) {
		ret = not_a_module(image, err, "it cannot be read as an ELF file");
		goto close_fd;
	}
	ret = read_elf(image, elf, err);
	elf_end(elf);
close_fd:
	close(fd);
free_image:
	if (ret)
		module_image_free(image);
	return ret;
}

void module_image_free(struct module_image *image)
{
	kfree(image->path);
	kvfree(image->modinfo);
	kfree(image->depends);
	*image = (struct module_image){ .path = NULL };
}

static const char *skip_nuls(const struct module_image *image, const char *p)
{
	const char *end = image->modinfo + image->modinfo_len;

	while (p < end && !*p)
		p++;
	return p < end ? p : NULL;
}

const char *module_image_next(const struct module_image *image, const char *key, const char *last)
{
	size_t len = key ? strlen(key) : 0;
	const char *p = last ? last + strlen(last) : image->modinfo;

	while ((p = skip_nuls(image, p))) {
		if (!key)
			return p;
		if (!strncmp(p, key, len) && p[len] == '=')
			return p + len + 1;
		p += strlen(p);
	}
	return NULL;
}
