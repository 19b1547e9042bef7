#!/usr/bin/env bash
# Names the Debian packages that `make browser-test` wants and this machine lacks:
#   packages=$(scripts/browser-needs.sh); [ -z "$packages" ] || sudo apt-get install -y $packages
set -euo pipefail
# shellcheck source=scripts/browser.sh
source "$(dirname "$0")/browser.sh"
missing_packages | paste -s -d ' ' -
