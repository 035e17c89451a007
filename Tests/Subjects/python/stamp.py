"""Stamps a message with the second in which it was sent: several runs may share one."""
import datetime, json, time, urllib.error, urllib.request

now = int(time.time())
body = json.dumps({"at": now, "iso": datetime.datetime.fromtimestamp(now).isoformat(), "text": "hello"}).encode()
try:
    urllib.request.urlopen(
        urllib.request.Request("http://stamps.example.net/send", body, {"Content-Type": "application/json"}), timeout=10)
except urllib.error.HTTPError:
    pass
print("stamped", now)
