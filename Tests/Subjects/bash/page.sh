#!/bin/bash
# Fetches a page as configured, proxy included.
curl --silent --max-time 10 --output /dev/null --header "X-Id: $RANDOM$RANDOM" --write-out '%{http_code}\n' http://pages.example.net/index.html
