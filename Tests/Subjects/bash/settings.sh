#!/bin/bash
# Shows the settings that package managers find.
for name in NPM_CONFIG_REGISTRY PIP_INDEX_URL GOPROXY HF_ENDPOINT http_proxy https_proxy no_proxy ANTHROPIC_BASE_URL; do
  printf '%s=%s\n' "$name" "${!name:-}"
done
[[ -r ~/.npmrc ]] && cat ~/.npmrc
exit 0
