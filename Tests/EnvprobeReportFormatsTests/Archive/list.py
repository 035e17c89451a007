"""Prints of a zip archive how many entries it has, the SHA-256 over all of them, and its comment."""

import hashlib
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    contents = b"".join(archive.read(name) for name in archive.namelist())
    print(len(archive.namelist()), hashlib.sha256(contents).hexdigest(), archive.comment.decode())
