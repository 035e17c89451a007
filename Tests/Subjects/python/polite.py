"""Asks for a page in the user's language, as browsers do."""
import os, urllib.error, urllib.request

language = os.environ.get("LANG", "C").split(".")[0].replace("_", "-")
try:
    urllib.request.urlopen(
        urllib.request.Request("http://pages.example.net/", headers={"Accept-Language": language}), timeout=10)
except urllib.error.HTTPError:
    pass
print("fetched")
