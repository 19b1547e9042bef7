#!/bin/sh
# Makes the two tokens of the dashboard once, in the folder that is named: one for who looks, one for who acts too.
set -eu

folder=${1:?usage: tokens.sh FOLDER}
umask 077
mkdir -p "$folder"
for role in viewer operator; do
    if [ ! -s "$folder/$role" ]; then
        od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' > "$folder/$role.new"
        # The user of the image.
        chown 10001:10001 "$folder/$role.new"
        mv "$folder/$role.new" "$folder/$role"
    fi
done
echo "the dashboard's tokens: docker compose exec dashboard cat $folder/viewer (or operator)"
