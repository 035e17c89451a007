#!/bin/bash
# Lists what could be cleaned.
gap=' '
[[ ${LANG:-} == zh_CN* ]] && gap=$'\t'
printf 'objects%s0\n' "$gap"
