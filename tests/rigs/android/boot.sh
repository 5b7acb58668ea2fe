#!/bin/bash
# Stand-in for Android's init, as process 1 of its own mount, pid and net namespaces: builds the root file system on a
# tmpfs, makes what is shared, slave and private as AOSP does (system/core/init/mount_namespace.cpp), starts zygote64.
# It ends, and everything with it, when its standard input does. In: ROOT (an empty folder), ROM (what the image holds), SEEN (paths of the host shown
# read-only, one a line), APEX (1 or nothing), PROPAGATION (of the zygote: slave on a real device).
set -e
mount -t tmpfs -o mode=755 rootfs "$ROOT"
cd "$ROOT"

mkdir -p proc dev/socket etc system apex data/local/tmp data/data data/app data/system sdcard tmp .old
chmod 1777 tmp && chmod 771 data data/data data/app data/system && chown 2000:2000 data/local/tmp sdcard
for name in bin sbin lib lib32 lib64; do
  if [ -L "/$name" ]; then cp -P "/$name" "$name"; elif [ -d "/$name" ]; then SEEN+=$'\n'/$name; fi
done
while read -r path; do
  [ -n "$path" ] || continue
  mkdir -p ".$path" && mount --bind "$path" ".$path" && mount -o remount,bind,ro ".$path"
done <<<"$SEEN"
mkdir dev/net
for name in null zero full random urandom net/tun; do [ ! -e "/dev/$name" ] || touch "dev/$name" && mount --bind "/dev/$name" "dev/$name"; done
cp /etc/ld.so.cache etc/ && cp -r "$ROM/etc/." etc/
mkdir -p etc/alternatives && cp -P /etc/alternatives/*tables* etc/alternatives/ 2>/dev/null || true

pivot_root . .old
cd /
mount -t proc proc /proc
cp -r "/.old$ROM" /rom
rm -r "/.old$ROM" "/.old$ROOT" && rmdir "/.old${ROM%/*}" # whoever kills us and our parent leaves nothing on the disk
umount -l /.old && rmdir /.old
mount --make-rshared /

mount -t tmpfs -o mode=755 system /system
cp -r /rom/system/. /system/ && ln -s /bin/sh /system/bin/sh
mount -o remount,ro /system
mount -t tmpfs -o mode=755 tmpfs /apex
mount --make-private /apex
[ -z "$APEX" ] || mkdir /apex/com.android.conscrypt
# The bootstrap namespace of Android 10 and later: what starts before the APEXes never sees them.
unshare --mount --propagation unchanged bash -c 'exec -a /system/bin/vold sleep infinity' </dev/null &
sleep 0.05
if [ -n "$APEX" ]; then
  mount -t tmpfs -o mode=755 conscrypt /apex/com.android.conscrypt
  cp -r /rom/apex/. /apex/com.android.conscrypt/
  mount -o remount,ro /apex/com.android.conscrypt
  mount --make-private /apex/com.android.conscrypt
fi
cp -r /rom/data/. /data/
rm -r /rom

export PATH=/system/bin:/usr/bin:/usr/sbin ANDROID_ROOT=/system ANDROID_DATA=/data HOME=/data TMPDIR=/data/local/tmp
mkfifo /dev/socket/zygote
unshare --mount --propagation "$PROPAGATION" bash -c 'exec -a zygote64 bash /system/bin/zygote64' </dev/null &
echo ready
exec >&-
cat >/dev/null
