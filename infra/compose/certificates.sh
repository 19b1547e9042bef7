#!/bin/sh
# Makes an authority of this installation and a certificate for the server, the workers and the operator. What is
# there and good for another month stays. Says of each when it ends, and fails if one ends within a month all the same.
# The authority's key is in a volume that no other service sees.
#   certificates.sh AUTHORITY_FOLDER TLS_FOLDER
set -eu
authority=$1
tls=$2
day=86400
month=$((30 * day))
days=397
# An authority that ended before what it signs would end all of it with itself.
authority_must_last=$((days * day + month))
# The users of the images: Temporal's images run as 1000, ours as 10001.
temporal=1000
spanishgas=10001
# In the container that is /scratch.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 077

# openssl talks also when all is well: it is heard only when something is not.
quietly() { # command
    "$@" > "$scratch/said" 2>&1 && return
    echo "certificates: '$1 $2' failed:" >&2
    cat "$scratch/said" >&2
    return 1
}

lasts() { # certificate, seconds
    [ -f "$1" ] && openssl x509 -in "$1" -noout -checkend "$2" > /dev/null
}

make_authority() {
    quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=spanishgas authority" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout "$authority/ca.key.new" -out "$authority/ca.pem.new"
    mv "$authority/ca.key.new" "$authority/ca.key"
    mv "$authority/ca.pem.new" "$authority/ca.pem"
    # What the one before has signed is worth nothing now.
    rm -f "$tls"/*.pem "$tls"/*.key
    echo "certificates: RENEWED the authority, and with it all that it signs"
}

make_certificate() { # name, owner, usage
    lasts "$tls/$1.pem" "$month" && return
    quietly openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$tls/$1.key.new" -out "$scratch/$1.csr"
    printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" "extendedKeyUsage=$3" \
        "subjectAltName=DNS:temporal-server,DNS:localhost,IP:127.0.0.1" > "$scratch/$1.ext"
    quietly openssl x509 -req -in "$scratch/$1.csr" -CA "$authority/ca.pem" -CAkey "$authority/ca.key" -CAcreateserial \
        -CAserial "$scratch/ca.srl" -days "$days" -sha256 -extfile "$scratch/$1.ext" -out "$tls/$1.pem.new"
    chmod 0400 "$tls/$1.key.new"
    chmod 0444 "$tls/$1.pem.new"
    chown "$2:$2" "$tls/$1.key.new" "$tls/$1.pem.new"
    mv "$tls/$1.key.new" "$tls/$1.key"
    mv "$tls/$1.pem.new" "$tls/$1.pem"
    echo "certificates: RENEWED $1.pem"
}

# The last word, whatever was renewed or failed before.
say_when_they_end() {
    ending=""
    for file in "$tls/ca.pem" "$tls/server.pem" "$tls/operator.pem" "$tls/worker.pem"; do
        if [ -f "$file" ]; then
            echo "certificates: ${file##*/} is good until $(openssl x509 -in "$file" -noout -enddate | cut -d = -f 2)"
        fi
        lasts "$file" "$month" || ending="$ending ${file##*/}"
    done
    [ -z "$ending" ] && return
    echo "certificates: NOT RENEWED, and absent or at an end within 30 days:$ending. When it ends, no worker and no" \
        "operator gets in. The reason stands above; docs/containers.md, Certificates" >&2
    return 1
}

renew() {
    lasts "$authority/ca.pem" "$authority_must_last" || make_authority
    chmod 0755 "$tls"
    install -m 0444 "$authority/ca.pem" "$tls/ca.pem.new"
    mv "$tls/ca.pem.new" "$tls/ca.pem"
    # The server is a client of itself, too.
    make_certificate server "$temporal" serverAuth,clientAuth
    make_certificate operator "$temporal" clientAuth
    make_certificate worker "$spanishgas" clientAuth
}

# In a shell of its own: as part of a condition it would go on after a command that fails.
set +e
(set -e; renew)
renewed=$?
set -e
say_when_they_end
exit "$renewed"
