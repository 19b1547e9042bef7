#!/usr/bin/env bash
# For cron, on the server of `docker compose up production`: renews the certificates in their last month, restarts
# what has read the old ones, and says when they end. It fails, and says why, when one ends within 30 days all the same.
set -euo pipefail
cd "$(dirname "$0")/../.."
compose=${COMPOSE:-docker compose}

said=$($compose run --rm --no-deps -T certificates) || { echo "$said"; exit 1; }
echo "$said"
if grep -q RENEWED <<< "$said"; then
    $compose restart temporal-server temporal-ui worker-production
fi
