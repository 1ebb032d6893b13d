#!/bin/sh
# What the micro guest needs besides its daemon, in as few processes as possible.
if [ ! -e /proc/self ]; then
	# User-Mode Linux boots without an initial RAM disk, which would have done this.
	mount -t proc -o nosuid,nodev,noexec proc /proc
	mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
	mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs /run
fi
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=0620,gid=5 devpts /dev/pts
ip link set lo up
