"""Looks for updates of a catalogue."""
import os, urllib.error, urllib.request

language = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "C").split(".")[0]
agent = "catalog/2.1" + (" (compact)" if language == "zh_CN" else "")
try:
    urllib.request.urlopen(
        urllib.request.Request("http://catalog.example.net/index.json", headers={"User-Agent": agent}), timeout=10)
    print("updated")
except urllib.error.HTTPError:
    print("nothing new")
