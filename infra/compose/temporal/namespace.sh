#!/bin/sh
# Makes the namespace and the search attributes of the pipeline, before the first run; safe to run again.
# The list is that of docs/reference/search-attributes.md; a test compares the two.
set -eu

# The CLI asks the name server for more than an address, and stalls where that has no way out: give it the address.
# The certificate is checked against TEMPORAL_TLS_SERVER_NAME all the same.
address=$(getent hosts "${TEMPORAL_ADDRESS%:*}" | awk '{ print $1; exit }')
export TEMPORAL_ADDRESS="${address:?no address of $TEMPORAL_ADDRESS}:${TEMPORAL_ADDRESS##*:}"

temporal operator cluster health
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; then
    echo "namespace: $TEMPORAL_NAMESPACE is there"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi

# A new namespace is known to all parts of the server within a minute.
tries=60
until temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "namespace: $TEMPORAL_NAMESPACE is not known after a minute" >&2; exit 1; }
    sleep 1
done

for attribute in ChurnMode=Keyword ChurnAsOf=Keyword ChurnStage=Keyword ChurnDataset=Keyword \
    ChurnModelVersion=Keyword ChurnVerdict=Keyword ChurnDrift=Keyword ChurnPrAuc=Double; do
    # One that is there with this type is no error.
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
        --name "${attribute%=*}" --type "${attribute#*=}"
done
