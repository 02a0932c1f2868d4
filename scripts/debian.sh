# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
# shellcheck shell=sh
#
# Packages of any Debian release, fetched and unpacked below a directory of ours
# without root: nothing is installed and the packages' own scripts do not run.
# Sourced after common.sh.

# debian_mirror: the address apt gets Debian from on this machine.
debian_mirror()
{
	if [ -n "${UMDEV_DEBIAN_MIRROR-}" ]; then
		echo "$UMDEV_DEBIAN_MIRROR"
		return
	fi
	have apt-get || die "there is no apt here to find a Debian mirror with; set UMDEV_DEBIAN_MIRROR"
	# shellcheck disable=SC2016  # apt fills these in
	# The label is known once apt has fetched the lists; until then, go by the suites' names.
	mirror=$(apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
		sed -n 's/^Debian|//p' | head -n 1)
	# shellcheck disable=SC2016
	[ -n "$mirror" ] ||
		mirror=$(apt-get indextargets --format '$(RELEASE)|$(REPO_URI)' 'Created-By: Packages' |
			sed -nE 's/^(bookworm|trixie|stable|oldstable|testing|sid)\|//p' | head -n 1)
	[ -n "$mirror" ] || die "apt's configuration names no Debian mirror; set UMDEV_DEBIAN_MIRROR"
	echo "$mirror"
}

# debian_configure DIR SUITE...: an apt configuration below DIR/apt. It shares the machine's
# proxies and the like, but neither its sources, nor its lists, nor its idea of what is
# installed. Packages come from the first suite unless DIR/apt/preferences says otherwise.
debian_configure()
{
	dir=$1
	shift
	mirror=$(debian_mirror)
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
	mkdir -p "$dir/apt/lists/partial" "$dir/debs/partial"
	: >"$dir/apt/status"
	touch "$dir/apt/preferences"
	for suite; do
		echo "deb [arch=amd64 signed-by=$keyring] $mirror $suite main"
	done >"$dir/apt/sources.list"
	cat >"$dir/apt/apt.conf" <<-END
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Pre-Install-Pkgs;
		#clear APT::Architectures;
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Default-Release "";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		Dir::Etc::sourcelist "$dir/apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "$dir/apt/preferences";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State "$dir/apt";
		Dir::State::lists "$dir/apt/lists";
		Dir::State::status "$dir/apt/status";
		Dir::State::extended_states "$dir/apt/extended_states";
		Dir::Cache "$dir/apt";
		Dir::Cache::archives "$dir/debs";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
	END
}

# debian_fetch DIR PACKAGE...: them and all they depend on into DIR/debs; the files' names,
# a line each, into DIR/files. debian_configure comes first.
debian_fetch()
{
	dir=$1
	shift
	apt-get -qq -c "$dir/apt/apt.conf" update || die "apt-get update failed (see above): is the network there?"
	apt-get -q -y -c "$dir/apt/apt.conf" -o Dir::Cache::archives="$dir/apt" --print-uris \
		install --no-install-recommends "$@" >"$dir/apt/uris" ||
		die "apt cannot find what is needed: $(tail -n 3 "$dir/apt/uris")"
	sed -n "s/^'[^']*' \([^ ]*\) .*/\1/p" "$dir/apt/uris" >"$dir/files"
	# Of apt's chatter, the large files are progress enough. A file gets its name when it is whole.
	apt-get -q -y -c "$dir/apt/apt.conf" -o APT::Keep-Downloaded-Packages=true \
		install --download-only --no-install-recommends "$@" | sed -un '/^Get:.* MB\]$/p; /^Fetched/p'
	while read -r file; do
		[ -f "$dir/debs/$file" ] || die "$file could not be fetched (see above)"
	done <"$dir/files"
}

# debian_unpack DIR TREE: the packages named in DIR/files into the new directory TREE.
debian_unpack()
{
	mkdir -p "$2/usr/bin" "$2/usr/sbin" "$2/usr/lib" "$2/usr/lib64"
	for name in bin sbin lib lib64; do
		ln -s "usr/$name" "$2/$name"
	done
	while read -r file; do
		dpkg-deb --fsys-tarfile "$1/debs/$file" |
			tar -x -C "$2" --no-same-owner --no-same-permissions --keep-directory-symlink ||
			die "cannot unpack $1/debs/$file; remove it and try again"
	done <"$1/files"
}
