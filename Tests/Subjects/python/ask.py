"""Asks the configured model endpoint a question."""
import json, os, sys, urllib.request, uuid

base = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com").rstrip("/")
body = {"model": "claude-sonnet-4-5", "max_tokens": 32, "messages": [{"role": "user", "content": "Say hi."}]}
request = urllib.request.Request(
    base + "/v1/messages", json.dumps(body).encode(),
    {"content-type": "application/json", "x-request-id": uuid.uuid4().hex, "anthropic-version": "2023-06-01",
     "x-api-key": os.environ.get("ANTHROPIC_API_KEY", "none")})
try:
    with urllib.request.urlopen(request, timeout=10) as answer:
        print(json.load(answer)["content"][0]["text"])
except OSError as error:
    print(f"ask: {error}", file=sys.stderr)
    sys.exit(1)
