# shellcheck shell=bash
# Sourced by local.sh and test.sh: finds Python, makes the virtual environment and installs into it.
#
#   PYTHON      the interpreter to make the environment with; else the first fitting one of python3.12, 3.11, 3.13, python3
#   JAXLM_VENV  where the environment is; else .venv in the repository

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="${JAXLM_VENV:-$root/.venv}"

stop() {
    echo "jaxlm: error: $*" >&2
    exit 2
}

fits() { # is there such an interpreter, does it start, and is it new enough?
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    if [[ -n "${PYTHON:-}" ]]; then
        fits "$PYTHON" || stop "PYTHON=$PYTHON is not a Python of version 3.11 or newer"
        python="$PYTHON"
        return
    fi
    for python in python3.12 python3.11 python3.13 python3 python; do
        if fits "$python"; then return; fi
    done
    stop "no Python of version 3.11 or newer was found ($(python3 --version 2>&1 || true)):" \
        "install one (python.org, your package manager, or 'uv python install 3.12') or name it: PYTHON=/path/to/python $0"
}

# install EXTRA: the package, with `[EXTRA]` when that is not empty, in editable mode; nothing to do when it was done
# for the same setup.cfg.
install() {
    local extra="$1" stamp wanted
    stamp="$venv/.jaxlm-installed${extra:+-$extra}"
    wanted="$root $(cksum <"$root/setup.cfg")"
    if [[ -x "$venv/bin/python" && -f "$stamp" && "$(<"$stamp")" == "$wanted" ]]; then return; fi
    if [[ -x "$venv/bin/python" ]] && ! fits "$venv/bin/python"; then
        stop "the Python in $venv is older than 3.11 or broken: remove that folder, or set JAXLM_VENV to another one"
    fi
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then # not there, or cut off while it was made
        find_python
        echo "making $venv with $("$python" --version)"
        "$python" -m venv "$venv" || stop "$python cannot make $venv (on Debian and Ubuntu: apt install python3-venv)"
    fi
    echo "installing jaxlm${extra:+[$extra]} and what it needs (once; a few minutes)"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -e "$root${extra:+[$extra]}" ||
        stop "pip could not install the packages (see above): is the package registry within reach?"
    echo "$wanted" >"$stamp"
}
