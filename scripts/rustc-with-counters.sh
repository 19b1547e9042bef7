#!/usr/bin/env bash
# Cargo's wrapper (RUSTC_WORKSPACE_WRAPPER) for coverage: our crates are compiled with counters, what they depend on
# is not, so that the dependencies of the everyday build serve. Cargo keeps what a wrapper makes apart.
# The names stay uncompressed for an llvm-cov that is built without zlib.
exec "$@" -C instrument-coverage -C llvm-args=-enable-name-compression=false
