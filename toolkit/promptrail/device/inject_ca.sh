#!/system/bin/sh
# Put the certificate CERT as NAME into the system's store, in every mount namespace, and look whether each shows it.
# usage: inject_ca.sh CERT NAME [check]      as root; with "check" it only looks. Nothing of it survives a restart.
# It says: store DIRECTORY, one line "shown|failed|without PID PROCESS WHY" a namespace, and "end". A namespace is
# "without" if it has no such store, as that of the services that start before the APEXes (Android 10 and later).
CERT=$1 NAME=$2 CHECK=$3 MARK=promptrail-ca
SYSTEM=/system/etc/security/cacerts APEX=/apex/com.android.conscrypt/cacerts AREA=/data/local/tmp/promptrail-ca.area

refuse() { echo "refused $*"; exit 1; }
[ "$(id -u)" = 0 ] || refuse "this is not root"
# By the directory, not by the version: an update can bring the APEX's store to Android 13 (AOSP SystemCertificateSource).
STORE=$SYSTEM
[ -z "$(ls $APEX 2>/dev/null)" ] || STORE=$APEX

fill() { # the certificates that are there now, on a tmpfs beside; only when it is whole, it covers the store
  mkdir -p $AREA && mount -t tmpfs -o mode=755 $MARK $AREA || refuse "no tmpfs could be mounted on $AREA"
  cp $STORE/* $AREA/ && cp "$CERT" "$AREA/$NAME" && chown 0:0 $AREA $AREA/* && chmod 644 $AREA/* &&
    [ "$(ls $AREA | wc -l)" -gt "$(ls $STORE | wc -l)" ]
}
label() { # SELinux: as the files of the image; a kernel without it has nothing to say
  chcon u:object_r:system_security_cacerts_file:s0 "$@" 2>/dev/null ||
    chcon u:object_r:system_file:s0 "$@" 2>/dev/null || true
}
if [ -n "$CHECK" ] || cmp -s "$CERT" "$STORE/$NAME"; then
  : # nothing to put anywhere; the namespaces are looked at all the same
elif ! grep -q "^$MARK $SYSTEM " /proc/mounts; then
  if fill && label $AREA $AREA/* && mount --bind $AREA $SYSTEM; then whole=1; else whole=; fi
  umount $AREA 2>/dev/null || umount -l $AREA
  rmdir $AREA
  [ -n "$whole" ] || refuse "the store could not be copied and covered; it is as it was"
else
  cp "$CERT" "$SYSTEM/$NAME" && chown 0:0 "$SYSTEM/$NAME" && chmod 644 "$SYSTEM/$NAME" || refuse "$SYSTEM/$NAME cannot be written"
  label "$SYSTEM/$NAME"
fi

echo "store $STORE"
look() { # PROCESS-FOLDER: one line about its namespace
  process=$(tr '\0' ' ' <"$1/cmdline" 2>/dev/null)
  process="${1#/proc/} ${process%% *}" why=
  [ -d "$1/root/" ] || return 1
  if [ -z "$(ls "$1/root$STORE" 2>/dev/null)" ]; then echo "without $process"; return; fi
  if ! cmp -s "$CERT" "$1/root$STORE/$NAME" && [ -z "$CHECK" ] && [ $STORE = $APEX ]; then
    if grep -q "^$MARK $SYSTEM " "$1/mounts"; then
      why=$(nsenter --mount="$1/ns/mnt" -- mount --bind $SYSTEM $APEX 2>&1)
    else why="the mount on $SYSTEM does not reach it"; fi
  fi
  if cmp -s "$CERT" "$1/root$STORE/$NAME"; then echo "shown $process"
  elif [ -d "$1/root/" ]; then echo "failed $process $(echo "$why" | head -n 1)"
  else return 1; fi
}
seen=
for round in 1 2; do # what was started during the first round is found in the second
  for pid in $(ls /proc | grep '^[0-9]' | sort -n); do
    space=$(readlink "/proc/$pid/ns/mnt" 2>/dev/null) || continue
    case "$seen" in *"$space"*) continue ;; esac
    look "/proc/$pid" && seen="$seen $space" # a process that has ended meanwhile says nothing of its namespace
  done
done
echo end
