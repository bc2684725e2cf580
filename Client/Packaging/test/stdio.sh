#!/bin/sh
# A shell script that asks `fil serve-stdio` for the state, the newest headline and a word: sh stdio.sh REPLICA
set -eu
answers=$(printf '%s\n' '{"id":1,"method":"status"}' '{"id":2,"method":"list","params":{"limit":1}}' \
  '{"id":3,"method":"search","params":{"words":"marche","limit":1}}' | fil serve-stdio "$1")
printf '%s\n' "$answers" | sed -n 's/.*"title":"\([^"]*\)".*/\1/p'
[ "$(printf '%s\n' "$answers" | grep -c '"result":')" = 3 ]
