"""Looks a package up in the configured index."""
import os, urllib.error, urllib.request

index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
try:
    urllib.request.urlopen(urllib.request.Request(index + "/wheel/", headers={"Accept": "text/html"}), timeout=10)
    print("found")
except urllib.error.HTTPError as error:
    print("not found")
