#!/usr/bin/env bash
# Asks github.com whether each action's commit is that of the version in its comment: a digest can be mistyped, or be of
# a fork. Needs the network.
set -euo pipefail
cd "$(dirname "$0")/.."

pins() { # "owner/name commit version", each once
    grep -rhoE 'uses: [^./][^@ ]*@[0-9a-f]{40} # v[0-9.]+$' .github \
        | sed -E 's|uses: ([^/]+/[^/@]+)[^@]*@([0-9a-f]{40}) # (v.*)|\1 \2 \3|' | sort -u
}

failed=0
while read -r action commit version; do
    # An annotated tag has a second line, `^{}`, with the commit.
    if ! tags=$(git ls-remote "https://github.com/$action" "refs/tags/$version" "refs/tags/$version^{}"); then
        echo "action-pins: NOT CHECKED: github.com/$action does not answer" >&2
        failed=1
    elif ! grep -q "^$commit" <<< "$tags"; then
        echo "action-pins: $action@$commit is not its $version, which is:" "${tags:-no tag of that name}" >&2
        failed=1
    else
        echo "ok $action $version"
    fi
done < <(pins)
exit "$failed"
