# shellcheck shell=bash disable=SC2034
# common.sh - what ./run, ./check, ./bench and .ci/run share: words with elapsed time, missing
# packages, Node, the build. Sourced by bash scripts in strict mode; the caller stands in the project.

LOGS=${MINAR_LOGS:-build/log}
STARTED=$SECONDS

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "$(basename "$0"): $*"
    exit 1
}

# step WORDS COMMAND... : one line with the time it took; its output goes to a log that is shown when
# it fails.
step() {
    local words=$1 log from=$SECONDS code=0
    shift
    mkdir -p "$LOGS"
    log=$LOGS/$(tr -c 'a-z0-9\n' '-' <<<"${words,,}").log
    printf '  %-46s' "$words" >&2
    if [[ -t 2 ]]; then with_clock "$from" "$@" >"$log" 2>&1 || code=$?; else "$@" >"$log" 2>&1 || code=$?; fi
    if ((code == 0)); then
        printf '%4d s\n' $((SECONDS - from)) >&2
        return 0
    fi
    printf 'failed after %d s\n' $((SECONDS - from)) >&2
    tail -n 40 "$log" | sed 's/^/    /' >&2
    fail "$words failed; all of what it said is in $log"
}

# On a terminal the seconds count while a step works.
with_clock() {
    local from=$1 ticker code=0
    shift
    (while sleep 1; do printf '%4d s\b\b\b\b\b\b' $((SECONDS - from)) >/dev/tty; done) 2>/dev/null &
    ticker=$!
    "$@" || code=$?
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    return $code
}

# As root: at once, through sudo, or not at all.
as_root() {
    if ((EUID == 0)); then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n true 2>/dev/null || sudo -v || return 1
        sudo DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# The names in package lists that are not installed, one a line. A second word in a list is a command
# that does as well, wherever it comes from.
missing_packages() {
    local name command
    while read -r name command; do
        [[ -z $name || $name == \#* ]] && continue
        [[ -n $command ]] && command -v "$command" >/dev/null && continue
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || printf '%s\n' "$name"
    done < <(cat "$@") | sort -u
}

# Whether packages of this machine's lists can be had at all.
lists_known() {
    local name
    for name in "$@"; do
        apt-cache show --no-all-versions "$name" >/dev/null 2>&1 || return 1
    done
}

install_quietly() { as_root apt-get install -y -q --no-install-recommends --no-remove "$@"; }

# Servers that packages bring (PostgreSQL) are not started: tests make their own.
without_services() {
    local guard=/usr/sbin/policy-rc.d code=0
    if [[ -e $guard ]]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
    as_root chmod 755 "$guard"
    "$@" || code=$?
    as_root rm -f "$guard"
    return $code
}

install_or_refresh() { without_services install_quietly "$@" || { as_root apt-get update -q && without_services install_quietly "$@"; }; }

# need_packages LIST... : installs what is missing of these lists.
need_packages() {
    local missing
    command -v dpkg-query >/dev/null || fail "this is not Debian: install what $* name by hand"
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || command -v sudo >/dev/null ||
        fail "these packages are missing, and this is neither root nor is sudo here: ${missing[*]}"
    lists_known "${missing[@]}" || step "reading Debian's package lists" as_root apt-get update -q
    step "installing ${#missing[@]} packages" install_or_refresh "${missing[@]}"
}

# need_build DIR [MESON-OPTION...] : sets up and builds DIR, console included.
need_build() {
    local dir=$1
    shift
    [[ -f $dir/build.ninja ]] || step "preparing $dir (libraries from npm)" meson setup "$dir" "$@"
    step "building $dir" ninja -C "$dir"
}
