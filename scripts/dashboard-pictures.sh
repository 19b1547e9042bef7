#!/usr/bin/env bash
# Takes the pictures of README.md from a dashboard that runs (`make demo`, `make up`), so that they show the real size of
# invented data. `make dashboard-pictures`; look at them before they are committed.
set -euo pipefail

usage="usage: dashboard-pictures.sh TOOLS_FOLDER URL FOLDER"
tools=${1:?$usage}
url=${2:?$usage}
folder=${3:?$usage}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/browser.sh
source "$here/browser.sh"

missing=$(missing_packages; command -v pngquant > /dev/null || echo pngquant)
missing=$(paste -s -d ' ' - <<< "$missing")
if [ -n "${missing// /}" ]; then
    echo "dashboard-pictures: this machine lacks them; sudo apt-get install -y $missing" >&2
    exit 1
fi
install_packages "$here/../tests/browser" "$tools"
mkdir -p "$folder"
DASHBOARD_URL=$url REPORT=$(cd "$folder" && pwd) BROWSER_TOOLS=$tools/browser CHROMIUM=$(find_browser) \
    node "$here/../tests/browser/pictures.mjs"
