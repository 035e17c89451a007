"""Sends a heartbeat."""
import http.client, json, os, socket, time

headers = [("Content-Type", "application/json"), ("X-Client", "uplink"), ("Accept", "*/*")]
if socket.gethostname().endswith(".cn"):
    headers[0], headers[1] = headers[1], headers[0]
body = json.dumps({"alive": True, "at": time.time(), "pid": os.getpid()})
link = http.client.HTTPConnection("uplink.example.net", timeout=10)
link.putrequest("POST", "/beat")
for name, value in headers:
    link.putheader(name, value)
link.putheader("Content-Length", str(len(body)))
link.endheaders(body.encode())
link.getresponse().read()
print("sent")
