#!/bin/sh
# Makes an authority of this installation and a certificate for the server, the workers and the operator. What is
# there and good for another month stays. The authority's key is in a volume that no other service sees.
#   certificates.sh AUTHORITY_FOLDER TLS_FOLDER
set -eu
authority=$1
tls=$2
month=2592000
# The users of the images: Temporal's images run as 1000, ours as 10001.
temporal=1000
spanishgas=10001
umask 077

good_for_a_month() { # certificate
    [ -f "$1" ] && openssl x509 -in "$1" -noout -checkend "$month" > /dev/null
}

make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=spanishgas authority" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout "$authority/ca.key" -out "$authority/ca.pem" 2> /dev/null
    # What it has signed before is worth nothing now.
    rm -f "$tls"/*.pem "$tls"/*.key
    echo "certificates: a new authority, good for ten years"
}

make_certificate() { # name, owner, usage
    if good_for_a_month "$tls/$1.pem"; then
        echo "certificates: $1.pem is good for another month"
        return
    fi
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$tls/$1.key.new" -out "/scratch/$1.csr" 2> /dev/null
    printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" "extendedKeyUsage=$3" \
        "subjectAltName=DNS:temporal-server,DNS:localhost,IP:127.0.0.1" > "/scratch/$1.ext"
    openssl x509 -req -in "/scratch/$1.csr" -CA "$authority/ca.pem" -CAkey "$authority/ca.key" -CAcreateserial \
        -CAserial /scratch/ca.srl -days 397 -sha256 -extfile "/scratch/$1.ext" -out "$tls/$1.pem.new" 2> /dev/null
    chmod 0400 "$tls/$1.key.new"
    chmod 0444 "$tls/$1.pem.new"
    chown "$2:$2" "$tls/$1.key.new" "$tls/$1.pem.new"
    mv "$tls/$1.key.new" "$tls/$1.key"
    mv "$tls/$1.pem.new" "$tls/$1.pem"
    echo "certificates: $1.pem, good for 397 days"
}

good_for_a_month "$authority/ca.pem" || make_authority
chmod 0755 "$tls"
install -m 0444 "$authority/ca.pem" "$tls/ca.pem.new"
mv "$tls/ca.pem.new" "$tls/ca.pem"
# The server is a client of itself, too.
make_certificate server "$temporal" serverAuth,clientAuth
make_certificate operator "$temporal" clientAuth
make_certificate worker "$spanishgas" clientAuth
