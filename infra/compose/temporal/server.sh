#!/bin/sh
# The server reads its password from the environment alone: it is put there from the secret's file.
set -eu
POSTGRES_PWD=$(cat /run/secrets/postgres_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
