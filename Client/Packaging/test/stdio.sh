#!/bin/sh
# A shell script that asks `fil serve-stdio` for the newest headline and searches for a word: sh stdio.sh REPLICA
set -eu
answers=$(printf '%s\n' '{"id":1,"method":"status"}' '{"id":2,"method":"list","params":{"limit":1}}' \
  '{"id":3,"method":"search","params":{"words":"marche","limit":1}}' | fil serve-stdio "$1")
for id in 1 2 3; do
  printf '%s\n' "$answers" | grep -q "\"id\":$id,.*\"result\"\|\"result\".*\"id\":$id\|{\"id\":$id," || exit 1
done
printf '%s\n' "$answers" | grep -c '"result"'
