"""Posts a greeting with the date in the user's language."""
import datetime, json, locale, urllib.error, urllib.request

try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
now = datetime.datetime.now()
body = json.dumps({"day": now.strftime("%A, %d. %B %Y"), "time": now.strftime("%X")}, ensure_ascii=False).encode()
try:
    urllib.request.urlopen(
        urllib.request.Request("http://diary.example.net/pages", body, {"Content-Type": "application/json"}), timeout=10)
except urllib.error.HTTPError:
    pass
print(now.strftime("%x"))
