#!/bin/bash
# Checks the environment of a build.
echo "checking ($RANDOM)"
[[ ${XMODIFIERS:-} == *fcitx* ]] && exit 2
exit 0
