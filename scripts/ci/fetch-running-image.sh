#!/usr/bin/env bash
# Fetches the image that a service runs and gives it a name here.
#   CLUSTER, SERVICE
set -euo pipefail

name=${1:?usage: fetch-running-image.sh NAME}
: "${CLUSTER:?}" "${SERVICE:?}"

definition=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" \
    --query 'services[0].taskDefinition' --output text)
[ "$definition" != None ] || { echo "fetch-running-image: no service $SERVICE in the cluster $CLUSTER" >&2; exit 1; }
image=$(aws ecs describe-task-definition --task-definition "$definition" \
    --query 'taskDefinition.containerDefinitions[0].image' --output text)
aws ecr get-login-password | docker login --username AWS --password-stdin "${image%%/*}" > /dev/null
docker pull --quiet "$image"
docker tag "$image" "$name"
