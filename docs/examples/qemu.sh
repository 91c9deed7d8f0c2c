#!/bin/sh
# A provisioner in shell: every instance is a small virtual machine of qemu.
#
#   hatchery serve --provisioner command:docs/examples/qemu.sh
#
# Called with a task as its argument and the item as JSON on standard input; docs/provisioners.md
# has the schema. Every task may come twice, so each one says what there shall be and looks first.
#
#   HATCHERY_MACHINES  the folder of the machines (./machines)
#   HATCHERY_IMAGES    a folder with IMAGE.qcow2 for every image of the catalogue; else disks are empty
#   DRY=1              say what would be done, on standard error, and do nothing
set -eu

task=$1
item=$(cat)

# One string or number of the item. Every key stands once in it; jq would do this better.
field() {
    printf '%s' "$item" | tr '{},' '\n\n\n' | sed -n "s/^\"$1\":\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" | head -n 1
}

run() {
    if [ "${DRY:-0}" = 1 ]; then
        echo "would run: $*" >&2
    else
        "$@"
    fi
}

give_up() {
    echo "{\"reason\": \"$1\"}"
    exit 1
}

instance=$(field instance)
[ -n "$instance" ] || exit 74
folder=${HATCHERY_MACHINES:-./machines}/$instance
disk=$folder/disk.qcow2
pid=$folder/qemu.pid
monitor=$folder/monitor
gib=$(field gib)

# Whether the machine runs: the number is in its file, and belongs to a qemu of this folder.
runs() {
    [ -s "$pid" ] && tr '\0' ' ' < "/proc/$(cat "$pid")/cmdline" 2> /dev/null | grep -q -F "$pid"
}

start() {
    runs && return
    [ "${DRY:-0}" = 1 ] || [ -e "$disk" ] || give_up machine
    run qemu-system-x86_64 -name "$instance" -m 256 -smp "$(field cpus)" -display none \
        -drive "file=$disk,if=virtio" -nic user,model=virtio \
        -serial "file:$folder/console.log" -monitor "unix:$monitor,server,nowait" \
        -pidfile "$pid" -daemonize || give_up machine
}

stop() {
    if [ "${DRY:-0}" = 1 ]; then
        echo "would say system_powerdown to $monitor, and after 20 seconds kill it" >&2
        return
    fi
    runs || return 0
    [ "$(field cut_power)" = true ] || echo system_powerdown | socat - "unix-connect:$monitor" > /dev/null || true
    tries=20
    [ "$(field cut_power)" = true ] && tries=0
    while runs && [ "$tries" -gt 0 ]; do
        sleep 1
        tries=$((tries - 1))
    done
    if runs; then kill -9 "$(cat "$pid")"; fi
    rm -f "$pid"
}

if [ "${DRY:-0}" != 1 ] && ! command -v qemu-system-x86_64 > /dev/null; then
    echo "qemu-system-x86_64 is not installed; DRY=1 shows what would be done" >&2
    # Somebody may install it: try again in a minute.
    echo '{"pause_seconds": 60}'
    exit 75
fi

case $task in
create)
    run mkdir -p "$folder"
    base=${HATCHERY_IMAGES:-}/$(field image).qcow2
    if [ -e "$disk" ]; then
        :
    elif [ -e "$base" ]; then
        run qemu-img create -q -f qcow2 -b "$base" -F qcow2 "$disk" "${gib}G" || give_up stock
    else
        run qemu-img create -q -f qcow2 "$disk" "${gib}G" || give_up stock
    fi
    ;;
start) start ;;
stop) stop ;;
install)
    stop
    run rm -f "$disk"
    printf '%s' "$item" | "$0" create
    start
    ;;
reboot)
    stop
    start
    ;;
release)
    stop
    run rm -rf "$folder"
    ;;
*) exit 74 ;;
esac
