#!/usr/bin/env bash
# Installs jaxlm with what its tests need, and runs them. Arguments go to pytest, e.g. ./launch/test.sh -m slow tests/train
set -euo pipefail

# shellcheck source=launch/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
install test
cd "$root"
exec "$venv/bin/python" -m pytest "$@"
