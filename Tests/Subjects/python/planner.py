"""Plans a week."""
import os

lang = os.environ.get("LANG", "")
zone = os.environ.get("TZ", "")
first = "Monday" if lang.startswith("zh_CN") or zone == "Asia/Shanghai" else "Sunday"
print("The week begins on", first)
