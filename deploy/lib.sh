# shellcheck shell=bash
# lib.sh - functions that the scripts of this folder share; it is sourced, never run.

say() {
    untick
    printf '%s\n' "$*" >&2
}

# --- what takes long: on a terminal a line that tells for how long already, else one that says that it has begun

ticker='' ticker_owner=''

is_terminal() {
    [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]
}

# Runs in the background, and ends with the shell that began it, even if that is killed: read waits on a pipe into which
# nobody writes. It has no descriptor of a pipe that another process reads to its end.
draw_elapsed() {
    local begun=$SECONDS idle
    exec {idle}<> <(:) >/dev/null
    while kill -0 "$ticker_owner" 2>/dev/null; do
        printf '\r\033[K%s %d s' "$1" $((SECONDS - begun)) >&2
        read -rt 1 -u "$idle" || true
    done
}

# Begin a step with this name. untick ends it, and so does say.
tick() {
    if is_terminal; then
        untick
        ticker_owner=$BASHPID
        draw_elapsed "$1" &
        ticker=$!
    else
        say "$1 ..."
    fi
}

# Only the shell that began the step may end it: a subshell whose output is captured has a copy of its variables.
untick() {
    [ -n "$ticker" ] && [ "$BASHPID" = "$ticker_owner" ] || return 0
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    ticker=
    printf '\r\033[K' >&2
}

# ---

# The purposes that `make run` needs.
# shellcheck disable=SC2034 # read by those who source this
readonly run_purposes='build web engine image'

# The file by which host.sh's root is recognised.
# shellcheck disable=SC2034 # read by those who source this
readonly root_mark=/etc/mayfly-root

# Put this before a command that should run at the lowest priority. A kernel may give each session an equal share of the
# CPUs, and use niceness only within a session. So the command gets a session of its own, with a low priority for the
# whole session.
# shellcheck disable=SC2016,SC2034 # it is that shell's; read by those who source this
readonly behind_all=(setsid --wait bash -c 'echo 19 2>/dev/null >/proc/self/autogroup; exec nice -n 19 "$@"' behind)

die() {
    say "$(basename "$0"): $*"
    exit 1
}

# The Debians that the boxes' images can be built from; MAYFLY_BASE_SUITE chooses one.
# shellcheck disable=SC2034 # read by those who source this
readonly base_suites='bookworm trixie'

# The tag of the images that are built from the suite $1: latest for the default suite, else the version of its Python.
image_tag() {
    case $1 in
    bookworm) echo latest ;;
    trixie) echo 3.13 ;;
    *) die "MAYFLY_BASE_SUITE is one of $base_suites, not $1" ;;
    esac
}

readonly base_suite=${MAYFLY_BASE_SUITE:-bookworm}
base_tag=$(image_tag "$base_suite") || exit

# The runtimes that runner-image/build.sh builds. Boxes of python-data are large: two are kept.
readonly our_runtimes='python python-data=2'

# Their names, one on each line.
our_runtime_names() {
    tr ' ' '\n' <<<"$our_runtimes" | cut -d = -f 1
}

# All of them, from images with the tag $1, as MAYFLY_RUNTIMES.
runtimes_setting() {
    local each setting=
    for each in $our_runtimes; do
        setting+=,${each%%=*}=mayfly-${each%%=*}:$1${each#"${each%%=*}"}
    done
    echo "${setting#,}"
}

all_runtimes=$(runtimes_setting "$base_tag")
# shellcheck disable=SC2034 # read by those who source this
readonly base_tag all_runtimes

# Run a command as root: itself, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo --preserve-env=DEBIAN_FRONTEND "$@"
    else
        die "needs root for: $*. Run it as root, or install sudo."
    fi
}

# Run a command as the calling user: host.sh enters its root as root, but the built files belong to that user.
as_caller() {
    if [ -n "${HOST_CALLER:-}" ]; then
        setpriv --reuid="${HOST_CALLER%:*}" --regid="${HOST_CALLER#*:}" --clear-groups "$@"
    else
        "$@"
    fi
}

# Print $1 seconds, multiplied by the factor by which MAYFLY_ENGINE_TIMEOUT_MS is above its default. So a slow machine
# needs only this one setting.
patience() {
    local ms=${MAYFLY_ENGINE_TIMEOUT_MS:-}
    [[ $ms =~ ^[1-9][0-9]{4,5}$ ]] || ms=10000
    echo $((($1 * ms + 9999) / 10000))
}

# Succeed if a Docker engine answers on this Unix socket.
engine_answers() {
    curl -fsS --max-time "$(patience 2)" --unix-socket "$1" http://engine/_ping >/dev/null 2>&1
}

# Mayfly's version. The Makefile and tests/kubernetes/source.mjs read the same line.
version() {
    sed -n 's/^#define MAYFLY_VERSION "\(.*\)"$/\1/p' gateway/common/version.h
}

# The Docker command line client. Debian's comes first: it speaks the API of Debian's engine, while a newer client
# found earlier on PATH may refuse it.
docker_client() {
    if [ -x /usr/bin/docker ]; then
        echo /usr/bin/docker
    else
        command -v docker || die "there is no docker command; deploy/setup.sh engine installs it"
    fi
}

# Seconds since a moment of $EPOCHREALTIME, with a decimal.
seconds_since() {
    awk -v start="$1" -v now="$EPOCHREALTIME" 'BEGIN { printf "%.1f", now - start }'
}

# Succeed if the engine works with Debian 12's Docker client, whose API is 1.41. Docker 29 needs at least 1.44.
engine_speaks() {
    curl -fsS --max-time "$(patience 2)" --unix-socket "$1" http://engine/v1.41/version >/dev/null 2>&1
}

# Print the DOCKER_HOST of an engine that answers: the one set, else the standard one; nothing when there is none. Fails
# when DOCKER_HOST is set and does not answer, because the user has chosen that engine.
find_engine() {
    local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
    [ "${host#unix:///}" != "$host" ] ||
        die "DOCKER_HOST is $host, and must be unix:///path/of/a/socket: run this on the engine's own host"
    if engine_answers "${host#unix://}"; then
        if [ -e "$root_mark" ] && ! engine_speaks "${host#unix://}"; then
            [ -z "${DOCKER_HOST:-}" ] || die "the engine at $host is too new for the Docker client of the Debian 12 root"
            say "engine: the one at $host is too new for the Docker client of the Debian 12 root: a private one is used"
            return
        fi
        echo "$host"
    elif [ -n "${DOCKER_HOST:-}" ]; then
        die "no engine answers at DOCKER_HOST=$DOCKER_HOST; unset it to use the standard or a private one"
    fi
}

# Set DOCKER_HOST to an engine that answers; start a private one if there is none. Sets our_engine=yes if it was started
# here: the caller must then stop it.
use_engine() {
    local found
    found=$(find_engine) || return
    if [ -z "$found" ]; then
        eval "$(deploy/engine.sh env)"
        # shellcheck disable=SC2034 # read by those who source this
        engine_answers "${DOCKER_HOST#unix://}" || our_engine=yes
        deploy/engine.sh start || return
        found=$DOCKER_HOST
    fi
    export DOCKER_HOST=$found
}

# Print the files of a commit that was made now: tracked and new files, without deleted and ignored ones. This also
# works in a checkout of another user.
files() {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done | sort -u
}

# Install the packages of package-lock.json in the folder $1 into its node_modules. Does nothing if they are there. No
# package may run a script while it is installed.
npm_packages() (
    exec 9<"$1/package-lock.json"
    flock 9
    installed=$1/node_modules/installed-lock.json
    ! cmp -s "$1/package-lock.json" "$installed" || exit 0
    command -v npm >/dev/null || die "there is no npm here; deploy/setup.sh web installs it, and node"
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || exit
    cp "$1/package-lock.json" "$installed"
)

# Prepare everything for a run on real boxes, from the packages to the image. An engine that is started here is stopped
# at exit.
prepare_boxes() {
    our_engine=
    deploy/setup.sh build web runtime engine image test
    make -s all
    trap '[ -z "$our_engine" ] || deploy/engine.sh stop' EXIT
    use_engine
    runner-image/build.sh python
}
