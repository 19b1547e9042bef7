# shellcheck shell=bash
# Shared by what looks at the dashboard in a browser: where the browser is, what is missing, the packages of the tests.

# Debian's, or another of the same kind; CHROMIUM names one that is elsewhere.
find_browser() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

# Debian packages, one a line; nothing when all is there.
missing_packages() {
    find_browser > /dev/null || echo chromium
    command -v node > /dev/null || echo nodejs
    command -v npm > /dev/null || echo npm
    command -v pdftotext > /dev/null || echo poppler-utils
}

# Why the tests cannot run here though no package is missing, or nothing.
too_old() {
    local version
    version=$(node --version)
    version=${version#v}
    [ "${version%%.*}" -ge 20 ] || echo "node is $version, and 20 or newer is needed"
}

# What package-lock.json names, with its hashes and without its scripts; nothing when it is there.
install_packages() { # folder of the tests, TOOLS
    local folder=$2/browser wanted
    wanted=$(cat "$1/package.json" "$1/package-lock.json")
    [ -f "$folder/installed.txt" ] && [ "$(cat "$folder/installed.txt")" = "$wanted" ] && return 0
    echo "browser-test: installing the packages of tests/browser into $folder"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$1/package.json" "$1/package-lock.json" "$folder/"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    printf '%s\n' "$wanted" > "$folder/installed.txt"
}
