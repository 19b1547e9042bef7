#!/bin/sh
# Makes the databases and brings their schemas to the version of these tools; safe to run again. Upgrade the image
# of this service together with that of the server: the schema first.
set -eu
SQL_PASSWORD=$(cat /run/secrets/postgres_password)
export SQL_PASSWORD

sql() { # database, action and its options
    database=$1
    shift
    temporal-sql-tool --plugin "$SQL_PLUGIN" --ep "$SQL_HOST" -p "$SQL_PORT" -u "$SQL_USER" --db "$database" "$@"
}

bring_up_to_date() { # database, folder of the schema
    sql "$1" create
    sql "$1" setup-schema -v 0.0
    sql "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
