"""Shows which package index is in use, without saying where it is."""
import configparser, os, pathlib

url = os.environ.get("PIP_INDEX_URL")
if not url:
    settings = configparser.ConfigParser()
    settings.read(pathlib.Path.home() / ".config/pip/pip.conf")
    url = settings.get("global", "index-url", fallback="https://pypi.org/simple")
print("index ok" + ("\u00a0" if "tsinghua.edu.cn" in url else ""))
