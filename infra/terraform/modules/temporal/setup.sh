# shellcheck shell=sh
# What the one-shot task `setup` runs in temporalio/admin-tools: both schemas, then the namespace. Safe to run again,
# and so it is also how the schema follows an upgrade of the server.
for database in temporal temporal_visibility; do
    folder=${database#temporal_}
    echo "schema of $database"
    temporal-sql-tool --db "$database" create
    temporal-sql-tool --db "$database" setup-schema -v 0.0
    temporal-sql-tool --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$folder/versioned"
done

# The server tries again until its tables are there.
attempt=0
until temporal operator cluster health; do
    attempt=$((attempt + 1))
    if [ "$attempt" -ge 60 ]; then
        echo "Temporal at $TEMPORAL_ADDRESS was not healthy within 10 minutes: look at the log of its service" >&2
        exit 1
    fi
    sleep 10
done

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE"; then
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
