#!/usr/bin/env bash
# Licences, bans, sources and advisories of the crates (deny.toml), and secrets in the files of the repository.
# Needs the network for crates alone that no build on this machine has asked for. Advisories are looked at where a copy of the RustSec database is at hand; `fetch` gets one.
set -euo pipefail

usage="usage: supply-chain.sh [check|fetch]"
# `no-license-field`: Temporal's crates name a licence file only; its text is recognised all the same.
deny=(cargo-deny --offline check --hide-inclusion-graph --allow no-license-field)

check_crates() {
    # Those of features and platforms that are not built here too: their licences count as well.
    cargo fetch --locked --quiet
    "${deny[@]}" licenses bans sources
}

database_at_hand() {
    compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*/crates" > /dev/null
}

check_advisories() {
    if database_at_hand; then
        # Fails too when the copy is older than deny.toml allows.
        cargo-deny --offline check --hide-inclusion-graph advisories
        return
    fi
    cat >&2 << 'SAID'
################################################################################
NOT CHECKED: known holes in the crates. There is no copy of the RustSec database
on this machine. `make advisories` fetches it (needs github.com) and looks.
################################################################################
SAID
}

fetch_advisories() {
    cargo-deny fetch db || {
        echo "advisories: the RustSec database could not be fetched from github.com: nothing was checked" >&2
        return 1
    }
    check_advisories
}

case ${1:-check} in
    check) check_crates && check_advisories && "$(dirname "$0")/find-secrets.sh" ;;
    fetch) fetch_advisories ;;
    *) echo "$usage" >&2; exit 2 ;;
esac
