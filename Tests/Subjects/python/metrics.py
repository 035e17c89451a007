"""Open telemetry: says what it sends."""
import getpass, json, os, platform, socket, sys, time, urllib.error, urllib.request, uuid

payload = {
    "host": socket.gethostname(), "user": getpass.getuser(), "home": os.path.expanduser("~"),
    "os": platform.system(), "session": str(uuid.uuid4()), "at": time.time(), "pid": os.getpid(),
    "duration_ms": int(time.perf_counter() * 1000) % 997,
}
print("sending usage data (see README):", ", ".join(payload), file=sys.stderr)
try:
    urllib.request.urlopen(
        urllib.request.Request(
            "https://metrics.example.net/v1/usage", json.dumps(payload).encode(),
            {"Content-Type": "application/json", "X-Session": payload["session"]}), timeout=10)
except urllib.error.HTTPError:
    pass
print("ok")
