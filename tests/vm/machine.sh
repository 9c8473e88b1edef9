# shellcheck shell=bash disable=SC2154,SC2034 # run.sh sets some, and reads others
# machine.sh - the virtual machine: QEMU, and commands in it by ssh; sourced by run.sh.
#
# KVM is used if it can boot the kernel, which is tried first: on a virtual machine, /dev/kvm may exist and not work.
# Otherwise the processor is emulated. Then the machine's clock counts instructions, a nanosecond each. So in the time
# of a deadline, the machine does as much work as a processor of that speed, however slow this host is. Deadlines
# outside of the machine use the host's time, and are `outside` times longer.

readonly TRY_SECONDS=40 KILL_SECONDS=10
readonly emulated_time=(-icount shift=0 -rtc clock=vm)
port='' accel=''

# The processor's part of QEMU's words, by accelerator.
processor() {
    case $arch:$1 in
    amd64:kvm | arm64:kvm) echo -accel kvm -cpu host ;;
    # 5-level page tables and pointer authentication cost an emulated processor much, and a real one little.
    amd64:tcg) echo -accel tcg,tb-size=1024 "${emulated_time[@]}" -cpu max,la57=off ;;
    arm64:tcg) echo -accel tcg,tb-size=1024 "${emulated_time[@]}" -cpu max,pauth-impdef=on ;;
    esac
}

qemu() {
    local program=qemu-system-x86_64 machine=q35 console=ttyS0 slow_words=''
    [ "$accel" = kvm ] || slow_words='mitigations=off' # an emulated processor speculates about nothing
    [ "$arch" = amd64 ] || program=qemu-system-aarch64 machine=virt console=ttyAMA0
    # In a session of its own it has one session's share of a busy machine; behind all others it would stand still.
    # shellcheck disable=SC2046 # they are words
    exec setsid --wait nice -n 10 $program -machine $machine $(processor "$accel") -display none -monitor none -nodefaults \
        -kernel "$state/vmlinuz-$suite-$arch" -append "console=$console panic=-1 $slow_words $1" "${@:2}"
}

# Succeed if this accelerator boots our kernel. The kernel panics because it has no root file system, and QEMU ends with
# it.
boots() {
    accel=$1
    (qemu '' -m 512M -no-reboot -serial "file:$run/try.log") &
    local pid=$! deadline=$((SECONDS + TRY_SECONDS))
    while kill -0 $pid 2>/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.2; done
    end_process $pid && wait $pid 2>/dev/null && grep -q 'Unable to mount root' "$run/try.log"
}

choose_accelerator() {
    local wanted=${VM_ACCEL:-auto}
    if [ "$wanted" = auto ]; then
        wanted=tcg
        [ "$arch" != "$host_arch" ] || [ ! -w /dev/kvm ] || ! boots kvm >"$run/try.out" 2>&1 || wanted=kvm
    fi
    accel=$wanted
}

# SIGTERM, then SIGKILL; and it has ended.
end_process() {
    local signal deadline
    for signal in TERM KILL; do
        kill -$signal "$1" 2>/dev/null || return 0
        deadline=$((SECONDS + KILL_SECONDS))
        while kill -0 "$1" 2>/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
    done
    ! kill -0 "$1" 2>/dev/null
}

free_port() {
    local number
    for number in $(shuf -i 20000-30000 -n 50); do
        (exec 3<>"/dev/tcp/127.0.0.1/$number") 2>/dev/null || { echo "$number" && return; }
    done
    die 'no port is free'
}

# More than one takes turns, where time is counted by instructions.
cpus() {
    local least=2
    [ "$accel" = kvm ] || least=1
    echo "${VM_CPUS:-$least}"
}

# It hears nobody but this machine's loopback, and reaches nobody.
start_machine() {
    port=$(free_port)
    qemu-img create -q -f qcow2 -F raw -b "$state/$suite-$arch.raw" "$run/overlay.qcow2"
    (qemu "root=/dev/vda rw ${VM_APPEND:-}" -initrd "$state/initrd-$suite-$arch" -smp "$(cpus)" -m "${VM_MEMORY:-4G}" \
        -drive "file=$run/overlay.qcow2,format=qcow2,if=virtio,cache=unsafe,discard=unmap" \
        -drive "file=$run/checkout.tar,format=raw,if=virtio,readonly=on" \
        -netdev "user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=n0 \
        -device virtio-rng-pci -serial "file:$run/console.log" -pidfile "$run/qemu.pid" >"$run/qemu.log" 2>&1) &
    machine_pid=$!
}

# QEMU itself, below the shell that began it.
machine_runs() {
    [ -n "$machine_pid" ] && kill -0 "$machine_pid" 2>/dev/null
}

in_machine() {
    timeout -k 10 "$1" ssh -q -n -i "$state/key" -p "$port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o BatchMode=yes -o ConnectTimeout=$((20 * outside)) -o ServerAliveInterval=$((20 * outside)) root@127.0.0.1 "${@:2}"
}

boot_id() {
    in_machine $((20 * outside)) cat /proc/sys/kernel/random/boot_id 2>/dev/null
}

# Wait until one logs in to another boot than $1; print that boot's id.
wait_booted() {
    local deadline=$((SECONDS + BOOT_SECONDS)) id
    while machine_runs && [ $SECONDS -lt $deadline ]; do
        id=$(boot_id) || true
        [ -z "$id" ] || [ "$id" = "$1" ] || { echo "$id" && return; }
        sleep 1
    done
    return 1
}

# By its own power switch, else by its pid.
stop_machine() {
    local deadline=$((SECONDS + 60 * outside))
    machine_runs || return 0
    [ "${1:-}" = now ] || in_machine $((20 * outside)) systemctl poweroff 2>/dev/null || true
    while [ "${1:-}" != now ] && machine_runs && [ $SECONDS -lt $deadline ]; do sleep 0.5; done
    [ ! -s "$run/qemu.pid" ] || end_process "$(cat "$run/qemu.pid")"
    wait "$machine_pid" 2>/dev/null || true
    machine_pid=
}
