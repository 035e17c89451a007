"""Sits at a terminal with a shell and runs programs in envprobe, as people do.

usage: session.py ENVPROBE        in a folder that it may write to
What is not as it is without envprobe is printed; exit status 1 where there is something.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ENVPROBE = sys.argv[1]
PROMPT = "ready> "
problems = []
# Whoever started us may have had signals blocked, as threads of test runners do; a login has none.
signal.pthread_sigmask(signal.SIG_SETMASK, [])


class Terminal:
    """A terminal of 80 columns and 24 rows with an interactive shell."""

    def __init__(self):
        self.text, self.read_to = "", 0
        self.shell, self.master = pty.fork()
        if self.shell == 0:
            os.environ.update(PS1=PROMPT, TERM="xterm-256color")
            os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
        self.resize(80, 24)
        self.expect(re.escape(PROMPT))
        self.type("stty sane\r")
        self.expect(re.escape(PROMPT))

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern, seconds=120):
        """Waits for what comes after all that was expected before."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.text[self.read_to:])
            if found:
                self.read_to += found.end()
                return found
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                problems.append(f"{pattern!r} did not come; there was {self.text[self.read_to:]!r}")
                raise TimeoutError(pattern)
            self.text += os.read(self.master, 65536).decode(errors="replace")

    def run(self, script, options="-q"):
        self.type(f"{ENVPROBE} run {options} -- /bin/bash -c '{script}'\r")

    def at_prompt(self, status=None):
        self.expect(re.escape(PROMPT))
        self.type("echo \"status=$? $(stty -a | grep -o '[-]*icanon') $(stty -a | grep -ow '[-]*echo')\"\r")
        told = self.expect(r"\nstatus=(\d+) (-?icanon) (-?echo)")
        expect(told.group(2, 3) == ("icanon", "echo"), f"the terminal is as it was: {told.group(0)!r}")
        if status is not None: expect(told.group(1) == str(status), f"status {status}, not {told.group(1)}")
        self.expect(re.escape(PROMPT))

    def close(self):
        os.close(self.master)
        end = time.monotonic() + 5
        while os.waitpid(self.shell, os.WNOHANG) == (0, 0):
            if time.monotonic() > end: os.kill(self.shell, signal.SIGKILL)
            time.sleep(0.05)


def expect(condition, words):
    if not condition: problems.append(words)


def sizes(terminal):
    """The program has the size of the terminal, also when that changes."""
    terminal.run('trap "stty size; exit 3" WINCH; stty size; tty; echo go; while :; do sleep 0.1; done')
    terminal.expect(r"\n24 80\r\n/dev/pts/\d+\r\ngo")
    terminal.resize(101, 33)
    terminal.expect(r"\n33 101\r")
    terminal.at_prompt(3)
    terminal.resize(80, 24)


def keys(terminal):
    """Keys come one by one to a program that wants them so, control keys too; lines are edited for one that does not."""
    terminal.run('stty raw -echo; echo go; key=$(dd bs=1 count=2 2>/dev/null | od -An -tx1); stty sane; echo "<$key >"')
    terminal.expect(r"\ngo")
    terminal.type("\x03\x1a")
    terminal.expect(r"< 03 1a >")
    terminal.at_prompt(0)
    terminal.run('echo go; read line; echo "<$line>"')
    terminal.expect(r"\ngo")
    terminal.type("helxx\x7f\x7flo\r")
    terminal.expect(r"<hello>")
    terminal.at_prompt(0)


def colours(terminal):
    terminal.run(r'test -t 1 && printf "\033[31mred\033[0m %s\n" "$TERM"')
    terminal.expect("\x1b\\[31mred\x1b\\[0m \\S+\r")
    terminal.at_prompt(0)


def interrupt(terminal):
    """Ctrl-C ends a program that lets it, and reaches one that does not; the shell's loop ends with it as natively."""
    terminal.run("echo go; exec sleep 60")
    terminal.expect(r"\ngo")
    terminal.type("\x03")
    terminal.at_prompt(130)
    terminal.run('trap "echo caught" INT; echo go; sleep 60; exit 4')
    terminal.expect(r"\ngo")
    # Natively too, a shell that has just forked takes the signal for itself, and then waits for its child.
    time.sleep(0.5)
    terminal.type("\x03")
    terminal.expect(r"caught")
    terminal.at_prompt(4)
    terminal.run("trap \"\" QUIT; echo go; read x; echo \"<$x>\"")
    terminal.expect(r"\ngo")
    terminal.type("\x1cend\r")
    terminal.expect(r"<end>")
    terminal.at_prompt(0)


def jobs(terminal):
    """Ctrl-Z stops the program and gives the terminal back; fg brings it on again, twice."""
    terminal.run('echo go; read x; echo "<$x>"; read x; echo "<$x>"; exit 5')
    terminal.expect(r"\ngo")
    for word in ("one", "two"):
        terminal.type("\x1a")
        terminal.expect(r"Stopped")
        terminal.at_prompt()
        terminal.resize(90, 30)
        terminal.type("jobs\r")
        terminal.expect(r"\[1\]\+\s+Stopped\s+\S+envprobe")
        terminal.type("fg\r")
        terminal.expect(r"envprobe run")
        terminal.type(word + "\r")
        terminal.expect(f"<{word}>")
    terminal.at_prompt(5)
    # A job of the program's own shell is that shell's business.
    terminal.type(f"{ENVPROBE} run -q -- /bin/bash --norc --noprofile --noediting -i\r")
    terminal.expect(r"bash-\d.*\$ ")
    terminal.type("sleep 60\r")
    time.sleep(0.5)
    terminal.type("\x1a")
    terminal.expect(r"Stopped\s+sleep 60")
    terminal.type("kill -KILL %1; sleep 0.3; exit 6\r")
    terminal.at_prompt(6)


def resumed_size(terminal):
    """A terminal that changed its size while the program was stopped."""
    terminal.run('trap "echo; stty size" CONT; echo go; read x; read x; exit 0')
    terminal.expect(r"\ngo")
    terminal.type("\x1a")
    terminal.expect(r"Stopped")
    terminal.at_prompt()
    terminal.resize(77, 22)
    terminal.type("fg\r")
    terminal.expect(r"22 77\r")
    terminal.type("\r\r")
    terminal.at_prompt(0)


def summary(terminal):
    """After the program one screen tells what it did, and how to look further."""
    terminal.resize(100, 40)
    terminal.run('cat /etc/hostname >/dev/null; echo made >made-here; echo "$SECRET_TOKEN"', "--color never --out record")
    lines = []
    for words in (
        r"answers are scripted and HOME is fresh; to go live: envprobe run --live --allow-host HOST --",
        r"\nenvprobe +exit status 0 after", r"\n +hosts +none contacted", r"\n +programs +cat", r"\n +variables ",
        r"\n +changed +1 file: \S+/made-here", r"\n +more +envprobe show record", r"\n +compare +envprobe matrix -- /bin/bash",
    ):
        lines.append(terminal.expect(words))
    terminal.at_prompt(0)
    shown = terminal.text[terminal.text.rindex("\nenvprobe "):]
    expect(shown.count("\n") <= 26, f"and is one screen: {shown.count(chr(10))} lines")
    expect(not os.path.exists("made-here"), "what it made went with it")


for check in (sizes, keys, colours, interrupt, jobs, resumed_size, summary):
    before = len(problems)
    terminal = Terminal()
    try:
        check(terminal)
    except (TimeoutError, OSError) as error:
        if len(problems) == before: problems.append(f"{type(error).__name__}: {error}")
    finally:
        terminal.close()
    problems[before:] = [f"{check.__name__}: {words}" for words in problems[before:]]
print("\n".join(problems))
sys.exit(1 if problems else 0)
