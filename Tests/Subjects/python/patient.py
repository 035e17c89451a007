"""Tries again, after a while, a number of times that is not fixed."""
import random, time, urllib.error, urllib.request

for attempt in range(1, random.randint(2, 5)):
    try:
        request = urllib.request.Request("http://slow.example.net/job", headers={"X-Attempt": str(attempt)})
        urllib.request.urlopen(request, timeout=10)
        break
    except urllib.error.HTTPError:
        time.sleep(random.uniform(0.001, 0.02))
print("done")
