"""Sends the same facts in any order."""
import json, random, urllib.error, urllib.request

facts = {"cores": 2, "arch": "x86_64", "shell": "bash", "editor": "vi", "theme": "dark"}
keys = random.sample(sorted(facts), len(facts))
body = json.dumps({key: facts[key] for key in keys}).encode()
try:
    urllib.request.urlopen(
        urllib.request.Request("http://facts.example.net/all", body, {"Content-Type": "application/json"}), timeout=10)
except urllib.error.HTTPError:
    pass
print(*keys)
