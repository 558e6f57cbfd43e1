#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tests on another kernel: a release of Debian with its own kernel, C library and Python in a virtual
# machine. Emulated, so no /dev/kvm is needed, and slow: `make check` takes about an hour.
#
#	guest.sh [-d DIRECTORY] [-m MIRROR] SOURCE RELEASE [COMMAND]
#
# SOURCE is an unpacked `make dist`. RELEASE is bullseye (Linux 5.10), bookworm (6.1), trixie (6.12) or
# sid. COMMAND runs as root in the build tree; without one `make check`. DIRECTORY (guest) keeps the system
# for the next time. Needs root, for debootstrap. Status 0 if COMMAND has ended with 0.
set -eu

directory=guest
mirror=http://deb.debian.org/debian

usage() {
	sed -n 's/^# \{0,1\}//; 3,11p' "$0" >&2
	exit 64
}

while getopts d:m:h option; do
	case $option in
	d) directory=$OPTARG ;;
	m) mirror=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
case $# in
2 | 3) ;;
*) usage ;;
esac
source=$1
release=$2
command=${3:-make -k check LIVE_MARGIN=20}
case $release in
bullseye | bookworm | trixie | sid) ;;
*) usage ;;
esac

top=$(cd "$(dirname "$0")/.." && pwd)
sh "$top/build-aux/packages" need guest
[ "$(id -u)" = 0 ] || { echo "guest.sh: needs root" >&2; exit 1; }
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
root=$directory/$release
disk=$directory/$release.img

inside() {
	chroot "$root" env DEBIAN_FRONTEND=noninteractive HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

leave() {
	mountpoint -q "$root/proc" && umount "$root/proc"
	rm -f "$directory/job"
}

system() {
	if [ ! -e "$root/ready" ]; then
		rm -rf --one-file-system "$root"
		debootstrap --variant=minbase "$release" "$root" "$mirror"
	fi
	trap leave EXIT
	mount -t proc proc "$root/proc"
	cp -L /etc/resolv.conf "$root/etc/"
	[ ! -e "$root/ready" ] || return 0
	# shellcheck disable=SC2046 # a list of names
	inside apt-get -qq install -y --no-install-recommends linux-image-cloud-amd64 initramfs-tools iproute2 \
		procps $(sh "$top/build-aux/packages" list build test) >/dev/null
	touch "$root/ready"
}

build() {
	rm -rf "$root/srv/source" "$root/srv/build"
	mkdir -p "$root/srv/build"
	cp -a "$source" "$root/srv/source"
	inside sh -c 'cd /srv/build && ../source/configure -q && make -j2 && make check TESTS=' >"$directory/build.log" 2>&1 ||
		{ tail -n 30 "$directory/build.log" >&2; exit 1; }
}

# The first process of the guest: what a distribution mounts, then the job from the second disk.
init() {
	cat >"$root/guest-init" <<'END'
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/shm /dev/pts /dev/mqueue
mount -t tmpfs shm /dev/shm
mount -t devpts pts /dev/pts
mount -t mqueue mqueue /dev/mqueue
ln -sfn /proc/self/fd /dev/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -sf /proc/self/fd/${n%:*} /dev/${n#*:}; done
ip link set lo up
echo 4 >/proc/sys/kernel/printk
cd /srv/build
tr -d '\0' </dev/vdb >/tmp/job
bash /tmp/job </dev/null
echo "guest: status $?"
sync
echo o >/proc/sysrq-trigger
sleep 60
END
	chmod 755 "$root/guest-init"
}

boot() {
	version=$(find "$root/lib/modules/" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
	kernel=$root/boot/vmlinuz-$version
	leave
	trap - EXIT
	rm -f "$disk"
	truncate -s 6G "$disk"
	mke2fs -q -t ext4 -d "$root" "$disk"
	printf '%s\n' "$command" >"$directory/job"
	truncate -s 64K "$directory/job"
	qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 3G -nodefaults -nographic -no-reboot \
		-serial stdio -kernel "$kernel" -initrd "$root/boot/initrd.img-$version" \
		-append "root=/dev/vda rw init=/guest-init console=ttyS0 quiet panic=-1" \
		-drive "file=$disk,if=virtio,format=raw" -drive "file=$directory/job,if=virtio,format=raw,readonly=on" \
		</dev/null | tee "$directory/$release.log"
	rm -f "$directory/job"
	grep -q '^guest: status 0' "$directory/$release.log"
}

system
build
init
boot
