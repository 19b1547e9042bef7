#!/usr/bin/env bash
# Writes what an environment is called in AWS into GITHUB_OUTPUT: repository, cluster, service, lake.
set -euo pipefail

# shellcheck source=scripts/ci/environment.sh
. "$(dirname "$0")/environment.sh"
initialise
for name in repository_url worker_cluster worker_service lake_url; do
    value=$(terraform_in output -no-color -raw "$name")
    echo "$name=$value" >> "${GITHUB_OUTPUT:?}"
done
