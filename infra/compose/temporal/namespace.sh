#!/bin/sh
# Makes the namespace and the search attributes of the pipeline, before the first run; safe to run again.
# The list is that of docs/reference/search-attributes.md; a test compares the two.
set -eu

temporal operator cluster health
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; then
    echo "namespace: $TEMPORAL_NAMESPACE is there"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi

for attribute in ChurnMode=Keyword ChurnAsOf=Keyword ChurnStage=Keyword ChurnDataset=Keyword \
    ChurnModelVersion=Keyword ChurnVerdict=Keyword ChurnDrift=Keyword ChurnPrAuc=Double; do
    # One that is there with this type is no error.
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
        --name "${attribute%=*}" --type "${attribute#*=}"
done
