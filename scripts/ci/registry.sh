# shellcheck shell=bash
# Shared by find-image.sh and push-image.sh: what the registry says of an image.

digest_of() { # imageTag=... or imageDigest=...
    aws ecr describe-images --repository-name "${REPOSITORY#*/}" --image-ids "$1" \
        --query 'imageDetails[0].imageDigest' --output text
}
