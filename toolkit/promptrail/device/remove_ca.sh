#!/system/bin/sh
# Take away what inject_ca.sh mounted, in every mount namespace: the store below shows again as it always was.
# usage: remove_ca.sh      as root. It says one line "clean|left PID PROCESS WHY" a namespace, and "end".
MARK=promptrail-ca SYSTEM=/system/etc/security/cacerts APEX=/apex/com.android.conscrypt/cacerts

[ "$(id -u)" = 0 ] || { echo "refused this is not root"; exit 1; }
ours() { grep -q "^$MARK $2 " "$1/mounts" 2>/dev/null; }
uncover() { # PROCESS-FOLDER DIRECTORY; a program that reads the store at this moment does not keep it
  ours "$1" "$2" || return 0
  nsenter --mount="$1/ns/mnt" -- umount "$2" 2>&1 || nsenter --mount="$1/ns/mnt" -- umount -l "$2" 2>&1
}
look() {
  process=$(tr '\0' ' ' <"$1/cmdline" 2>/dev/null)
  process="${1#/proc/} ${process%% *}"
  why=$(uncover "$1" $APEX; uncover "$1" $SYSTEM)
  [ -d "$1/root/" ] || return 1
  if ours "$1" $APEX || ours "$1" $SYSTEM; then echo "left $process $(echo "$why" | head -n 1)"; else echo "clean $process"; fi
}
! ours /proc/self $SYSTEM || umount $SYSTEM 2>/dev/null || umount -l $SYSTEM # reaches those that follow this one
seen=
for round in 1 2; do # what was started during the first round is found in the second
  for pid in $(ls /proc | grep '^[0-9]' | sort -n); do
    space=$(readlink "/proc/$pid/ns/mnt" 2>/dev/null) || continue
    case "$seen" in *"$space"*) continue ;; esac
    look "/proc/$pid" && seen="$seen $space" # a process that has ended meanwhile says nothing of its namespace
  done
done
echo end
