#!/usr/bin/env bash
# Looks for keys, tokens and passwords in every file that git would take, with trivy's rules (trivy-secret.yaml).
# Proves first, with keys invented on the spot, that a key would be found.
set -euo pipefail

top=$(git rev-parse --show-toplevel)
cd "$top"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

found=3 # trivy's exit code for a secret, unlike those of its own failures
scan() { # folder
    trivy fs --quiet --scanners secret --secret-config "$top/trivy-secret.yaml" --skip-version-check \
        --disable-telemetry --exit-code "$found" "$1"
}

invented() { # length, characters
    LC_ALL=C tr -dc "$2" < <(head -c 8192 /dev/urandom) | cut -c "1-$1"
}

prove_that_it_finds() {
    mkdir -p "$copy/proof/tests"
    printf 'key = AK%s%s\n' IA "$(invented 16 A-Z2-7)" > "$copy/proof/main.tf"
    printf 'token: gh%s_%s\n' p "$(invented 36 A-Za-z0-9)" > "$copy/proof/tests/main.rs"
    local file
    for file in main.tf tests/main.rs; do
        local answer=0
        scan "$copy/proof/$file" > /dev/null || answer=$?
        if [ "$answer" -ne "$found" ]; then
            echo "find-secrets: trivy answers $answer for an invented key in $file, not $found: its word is worth nothing" >&2
            return 1
        fi
    done
}

# Tracked files and those that `git add` would take; what is ignored (builds, lakes, states) is left out.
copy_what_git_sees() {
    mkdir "$copy/files"
    git ls-files --cached --others --exclude-standard -z \
        | while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done \
        | tar --create --null --files-from - | tar --extract --directory "$copy/files"
}

prove_that_it_finds
copy_what_git_sees
answer=0
scan "$copy/files" > "$copy/report.txt" || answer=$?
case $answer in
    0) echo "secrets ok: none in $(find "$copy/files" -type f | wc -l) files" ;;
    "$found")
        cat "$copy/report.txt"
        echo "find-secrets: take the secret out and make it void where it came from (SECURITY.md): git keeps what was" \
            "committed" >&2
        exit 1
        ;;
    *)
        echo "find-secrets: trivy failed with $answer, nothing was checked" >&2
        exit 1
        ;;
esac
