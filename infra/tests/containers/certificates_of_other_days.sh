#!/bin/sh
# In a container: what certificates.sh does on the day it is first started, in a certificate's last month, in the
# authority's last year, and when it cannot sign.
set -eu
certificates() {
    sh /compose/certificates.sh /authority /tls
}

expect() { # how many lines of the last run, pattern
    [ "$(grep -c "$2" /scratch/said)" = "$1" ] || { echo "not $1 lines with '$2':"; cat /scratch/said; exit 1; }
}

ends_in() { # name, days, more options
    name=$1
    days=$2
    shift 2
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$days" -subj "/CN=$name" \
        -keyout /scratch/key "$@" -out "/scratch/$name.pem" 2> /dev/null
    cat "/scratch/$name.pem"
}

certificates > /scratch/said
expect 4 RENEWED
expect 4 'is good until'
openssl verify -CAfile /tls/ca.pem /tls/server.pem /tls/worker.pem /tls/operator.pem

certificates > /scratch/said
expect 0 RENEWED

rm -f /tls/worker.pem
ends_in worker 29 > /tls/worker.pem
certificates > /scratch/said
expect 1 RENEWED
expect 1 'RENEWED worker.pem'
openssl verify -CAfile /tls/ca.pem /tls/worker.pem

rm -f /tls/worker.pem
ends_in worker 29 > /tls/worker.pem
mv /authority/ca.key /authority/away
if certificates > /scratch/said 2>&1; then echo "it could not sign, and ended with 0"; exit 1; fi
expect 1 'NOT RENEWED.* worker.pem'
expect 1 "'openssl x509' failed"
expect 4 'is good until'
mv /authority/away /authority/ca.key

# A year is less than a certificate lasts.
ends_in authority 365 > /authority/ca.pem
certificates > /scratch/said
expect 4 RENEWED
openssl verify -CAfile /tls/ca.pem /tls/server.pem /tls/worker.pem /tls/operator.pem
