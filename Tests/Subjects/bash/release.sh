#!/bin/bash
# Prepares the notes of a release.
order=--stable
[[ $(uname -n) == *.cn ]] && order=--unique
printf 'b\na\n' | sort "$order"
