#!/bin/bash
# Prints who and where it is.
echo "$USER $(id -un) $(hostname 2>/dev/null || uname -n) $HOME $PWD $LANG $TZ"
echo "step took $((SECONDS)) s, $EPOCHREALTIME" >&2
