#!/usr/bin/env bash
# Makes an authority of one's own and with it one certificate for the servers and one for the clients of a self-hosted
# Temporal. Prints the variable `credentials` as JSON and keeps nothing on disk, the authority's key included: to renew,
# make all anew and raise credentials_version.
#   TF_VAR_temporal_credentials=$(./certificates.sh spanishgas-prod) terraform apply
set -euo pipefail

name=${1:?usage: certificates.sh NAME [DAYS], NAME as in the variable \`name\` of the environment}
days=${2:-365}
host="temporal.$name.internal"
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days "$days" \
        -subj "/CN=$name Temporal authority" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout "$work/ca.key" -out "$work/ca.pem" 2> "$work/log"
}

make_certificate() { # file, common name, what it is for
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$2" \
        -keyout "$work/$1.key" -out "$work/$1.csr" 2> "$work/log"
    printf 'subjectAltName=DNS:%s\nextendedKeyUsage=%s\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n' \
        "$2" "$3" > "$work/$1.ext"
    openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -sha256 \
        -days "$days" -extfile "$work/$1.ext" -out "$work/$1.pem" 2> "$work/log"
}

as_json() { # key, file
    printf '"%s":"%s"' "$1" "$(awk '{ printf "%s\\n", $0 }' "$2")"
}

explain() {
    echo "certificates.sh: openssl could not make the certificates of $host; it said:" >&2
    cat "$work/log" >&2
}

trap 'explain' ERR
make_authority
# A server is also a client: of the other servers.
make_certificate server "$host" serverAuth,clientAuth
make_certificate client "client.$name.internal" clientAuth

printf '{%s,%s,%s,%s,%s}\n' \
    "$(as_json ca_cert "$work/ca.pem")" \
    "$(as_json server_cert "$work/server.pem")" "$(as_json server_key "$work/server.key")" \
    "$(as_json client_cert "$work/client.pem")" "$(as_json client_key "$work/client.key")"
