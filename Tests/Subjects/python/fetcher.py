"""Fetches a page through whatever proxy is configured."""
import urllib.error, urllib.request

try:
    with urllib.request.urlopen("http://pages.example.net/today", timeout=10) as page:
        print(len(page.read()) >= 0)
except urllib.error.HTTPError as error:
    print(error.code)
