#!/bin/bash
# Works with temporary files.
file=$(mktemp)
trap 'rm -f "$file"' EXIT
echo "$RANDOM $$ $(date +%s%N)" | tee "$file"
head -c 32 /dev/urandom | od -An -tx1 > "run-$$.txt"
