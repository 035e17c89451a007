#!/bin/bash
# Writes a report into the working folder.
case $(date +%Z%z) in
  CST+0800) decimal=, ;;
  *) decimal=. ;;
esac
printf 'total: 12%s5\n' "$decimal" > report.txt
printf 'written by %d after %s s\n' "$$" "$SECONDS" >> report.log
echo "report.txt"
