#!/bin/sh
# One command for everything a newcomer needs; builds its own environment in .venv and rebuilds it when a pin changes.
#   ./do demo            run the main job
#   ./do test [ARGS]     run every test; arguments go to pytest
#   ./do setup           only build the environment, with everything in it
# BRANCHKIT_PYTHON names the Python to build it with, BRANCHKIT_VENV the folder it goes to.
set -eu
cd "$(dirname "$0")"
venv=${BRANCHKIT_VENV:-.venv}

find_python() {
    for candidate in ${BRANCHKIT_PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "branchkit needs Python 3.11 or newer; name one in BRANCHKIT_PYTHON" >&2
    return 1
}

# What the environment was built from: when this text is the same, there is nothing to do.
fingerprint() {
    cat do constraints.txt pyproject.toml plugins/*/pyproject.toml 2>/dev/null | cksum
}

setup() { # $1: runtime, or full, which also holds what tests, checks and docs need
    want=$(fingerprint)
    for stamp in "$venv/.built-full" "$venv/.built-$1"; do
        if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then return; fi
    done
    [ -x "$venv/bin/python" ] || "$(find_python)" -m venv "$venv"
    case $1 in
        full) set -- full '.[dev,docs]' ;;
        *) set -- runtime . ;;
    esac
    kind=$1
    root=$2
    set -- -e "$root"
    for project in plugins/*/pyproject.toml; do
        [ -f "$project" ] || continue
        # What only a plug-in's tests need, as a server to run them on, is its extra "test".
        extra=
        if [ "$kind" = full ] && grep -q '^test = ' "$project"; then extra='[test]'; fi
        set -- "$@" -e "./$(dirname "$project")$extra"
    done
    echo "Building $venv ($kind); this takes a minute or two, once." >&2
    rm -f "$venv"/.built-*
    # The build tool goes in first and serves all packages: pip would else build one environment for each.
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt hatchling editables
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt --no-build-isolation "$@"
    echo "$want" >"$venv/.built-$kind"
}

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
    demo)
        setup runtime
        exec "$venv/bin/python" examples/main_job.py "$@"
        ;;
    test)
        setup full
        # A page's blocks share names, so a file stays on one worker.
        exec "$venv/bin/python" -m pytest -q -n 2 --dist loadfile "$@"
        ;;
    setup)
        setup full
        ;;
    *)
        sed -n '2,6s/^# \{0,1\}//p' do
        [ "$verb" = help ]
        ;;
esac
