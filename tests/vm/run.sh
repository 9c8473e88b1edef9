#!/bin/bash
# run.sh - what `make vm-test` runs: Mayfly on Debian as its users have it, in a virtual machine: Debian's kernel, systemd,
# cgroup v2 with the systemd driver, AppArmor, and Docker as the distribution's service.
#
#   VM_SUITE=bookworm   or trixie, where Mayfly runs in a Debian 12 root that is entered, and by compose
#   VM_ARCH=amd64       or arm64, emulated and cross-built on another machine; bookworm alone
#   VM_PARTS=           of: machine check entries contract leftovers service private units compose podman-rootless reboot;
#                       by default all that the suite has
#   VM_APPEND=          more words for the kernel's command line: ia32_emulation=off, which trixie's knows
#   VM_ACCEL=auto       kvm or tcg (emulated); VM_MEMORY=4G; VM_CPUS=, by default 2, and 1 emulated
#   VM_SLOW=            every deadline in there is so many times longer; by default 1 with KVM, 2 emulated
#   VM_STATE=/var/tmp/mayfly-vm   where roots, images and disks are kept for the next time; delete it to be rid of them
#
# Needs root, and for the first time Debian's archive and npm's registry. Prints a row for each check, and last
# "N passed, N failed". Images and packages come onto the disk before the boot; the machine reaches no network. Each wait
# has a deadline; QEMU is ended by its pid. What a failed machine said stays in $VM_STATE/run until the next run.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=deploy/lib.sh
. deploy/lib.sh

suite=${VM_SUITE:-bookworm} arch=${VM_ARCH:-amd64}
host_arch=$(dpkg --print-architecture)
state=${VM_STATE:-/var/tmp/mayfly-vm}
machine_pid='' step_pid='' slow=1 outside=1
# shellcheck source=tests/vm/disk.sh
. tests/vm/disk.sh
# shellcheck source=tests/vm/cross.sh
. tests/vm/cross.sh
# shellcheck source=tests/vm/machine.sh
. tests/vm/machine.sh

parts() {
    case $suite-$arch in
    bookworm-amd64) echo machine check entries contract leftovers service private units compose reboot ;;
    trixie-amd64) echo machine check entries contract leftovers service private compose podman-rootless reboot ;;
    bookworm-arm64) echo machine check contract ;;
    *) die "there is no machine $suite-$arch" ;;
    esac
}

# Run a function of these files, in a process of its own behind everything else. One line says what and how long it took;
# its output appears only when it fails.
step() {
    local what=$1 started=$EPOCHREALTIME log=$run/step.log status=0
    shift
    tick "  $what"
    "${behind_all[@]}" tests/vm/run.sh step "$@" >"$log" 2>&1 9>&- &
    step_pid=$!
    wait "$step_pid" || status=$?
    step_pid=
    [ $status = 0 ] || {
        say "$(tail -n 40 "$log")"
        die "$what: failed"
    }
    say "$(printf '  %-58s %7s s' "$what" "$(seconds_since "$started")")"
}

# A step is a session, so all its processes are in its process group.
stop_step() {
    local signal deadline
    for signal in TERM KILL; do
        [ -n "$step_pid" ] && kill -$signal -- "-$step_pid" 2>/dev/null || return 0
        deadline=$((SECONDS + KILL_SECONDS))
        while kill -0 -- "-$step_pid" 2>/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
    done
}

clean_up() {
    trap '' INT TERM HUP
    untick
    stop_step
    stop_machine now
    stop_foreign_programs
    rm -f "$run/overlay.qcow2" "$run/checkout.tar"
    rm -rf --one-file-system "$state/tmp" "$state/unpacked"
}

# --- the checks

# A row of the table for each that a part prints: ok or FAILED, the check, what was seen.
table() {
    local how check seen
    while IFS=$'\t' read -r how check seen; do
        printf '%-6s  %-15s  %-52s  %s\n' "$how" "$1" "$check" "$seen"
        echo "$how" >>"$run/rows"
    done
}

failed_row() {
    printf 'FAILED\t%s\t%s\n' "$1" "$2" | table "$part"
}

# A part of tests/vm/inside.py, where Mayfly runs in this suite; two are about the machine's own Debian. Then a command of
# the machine's own. In the background, so that a signal is heard meanwhile.
inside() {
    local enter=''
    case $suite:$1 in
    bookworm:* | *:machine | *:podman-rootless) ;;
    *) enter='tests/vm/enter.sh /srv/debian12' ;;
    esac
    in_machine $PART_SECONDS "cd mayfly && $enter env SLOW=$slow SUITE=$suite APPEND='${VM_APPEND:-}' \
        python3 tests/vm/inside.py $1${2:+; status=\$?; $2; exit \$status}" >"$run/$1.rows" 2>"$run/$1.log" &
    if wait $!; then
        table "$part" <"$run/$1.rows"
        return
    fi
    table "$part" <"$run/$1.rows"
    grep -q '^FAILED' "$run/$1.rows" || failed_row "goes to its end" "$(tail -n 3 "$run/$1.log" | tr '\n' ' ')"
}

# Runs are in progress when the machine reboots.
reboot_part() {
    local id
    id=$(boot_id)
    # In the same breath, since the runs do not last long; two seconds later, so that this part ends well before.
    inside before_reboot 'systemd-run --quiet --on-active=2 systemctl reboot'
    if id=$(wait_booted "$id"); then
        inside after_reboot
    else
        failed_row 'the machine comes back' "not within $BOOT_SECONDS s"
    fi
}

boot_part() {
    local started=$EPOCHREALTIME
    start_machine
    if ! wait_booted '' >/dev/null; then
        failed_row 'it boots' "not within $BOOT_SECONDS s; $run/console.log"
        return 1
    fi
    in_machine $BOOT_SECONDS 'mkdir mayfly && tar -C mayfly -xf /dev/vdb && find mayfly/build -type f -exec touch {} +'
    printf 'ok\tit boots\t%s s to a login, %s\n' "$(seconds_since "$started")" "$accel" | table "$part"
}

main() {
    local started=$EPOCHREALTIME begun chosen=${VM_PARTS:-$(parts)}
    [ "$arch" = "$host_arch" ] || start_foreign_programs
    build_for_machine
    make_disk
    pack_checkout "$run/checkout.tar"
    choose_accelerator
    [ "$accel" = kvm ] || { slow=2 outside=30; }
    slow=${VM_SLOW:-$slow}
    readonly BOOT_SECONDS=$((180 * outside)) PART_SECONDS=$((900 * outside))
    part=boot
    if boot_part; then
        for part in $chosen; do
            begun=$EPOCHREALTIME
            if [ "$part" = reboot ]; then reboot_part; else inside "$part"; fi
            printf '%-6s  %-15s  %s s\n' '' "$part" "$(seconds_since "$begun")"
        done
        stop_machine
    fi
    say "$suite-$arch, $accel: $(seconds_since "$started") s in all"
}

run=$state/run
if [ "${1:-}" = step ]; then
    shift
    "$@"
    exit
fi
[ "$(id -u)" = 0 ] || die 'needs root'
parts >/dev/null
mkdir -p "$state"
exec 9>"$state/.lock"
flock -n 9 || die "another run uses $state"
rm -rf "$run" && mkdir "$run"
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
deploy/setup.sh build web engine image vm
main 9>&-
passed=$(grep -cx ok "$run/rows") || true
failed=$(grep -cvx ok "$run/rows") || true
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
