#!/bin/sh
# Asks whether somebody may start an environment. Needs curl.
set -eu

: "${ACCORD_URL:?for example http://127.0.0.1:8080}"
: "${OWNER_EMAIL:?} ${OWNER_PASSWORD:?} ${MEMBER_EMAIL:?} ${ENVIRONMENT:?its name}"

call() { # METHOD PATH TOKEN [BODY]
    curl --silent --show-error --fail-with-body --request "$1" "$ACCORD_URL/api/v1$2" \
        --header "Authorization: Bearer $3" --header 'Content-Type: application/json' \
        ${4:+--data "$4"}
}
text() { # the first text field of that name
    grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}

# A person signs in once, and makes a token for the program. It is shown this one time: keep it safe.
session=$(call POST /auth/sign-in '' "{\"email\":\"$OWNER_EMAIL\",\"password\":\"$OWNER_PASSWORD\"}")
access_token=$(echo "$session" | text access_token)
token=$(call POST /account/tokens "$access_token" \
    '{"name":"checker","scopes":["read","checks"]}' | text secret)

# From here on the program is on its own.
environment=$(call GET "/environments?q=$ENVIRONMENT" "$token" | text id)
call POST /checks "$token" "{\"checks\":[{
    \"subject\": {\"email\": \"$MEMBER_EMAIL\"},
    \"environment_id\": \"$environment\",
    \"action_ids\": [\"environment.start\"],
    \"mode\": \"all\"
}]}"
