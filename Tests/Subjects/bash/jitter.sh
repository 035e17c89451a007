#!/bin/bash
# Runs three jobs at once.
for job in a b c; do
  (sleep "0.0$((RANDOM % 9))"; echo "job $job") &
done
wait
