#!/usr/bin/env bash
# Installs jaxlm and runs the micro-web experiment from end to end; the last line says where the report is.
# Arguments go to `python -m jaxlm`, e.g. ./launch/local.sh --workdir=/tmp/run --config.seed=1;
# another experiment is run by giving --config=... first.
set -euo pipefail

# shellcheck source=launch/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
install ""
cd "$root"
case "${1:-}" in
    --config=*) ;;
    *) set -- --config=experiments/microweb.py "$@" ;;
esac
exec "$venv/bin/python" -m jaxlm "$@"
