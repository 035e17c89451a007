extension RuntimeHook {
  /// For Node (`--require`) and Bun (`--preload`).
  static let scriptSource = #"""
    'use strict';
    (() => {
      if (globalThis[Symbol.for('envprobe')]) return;
      Object.defineProperty(globalThis, Symbol.for('envprobe'), { value: true });
      const fs = require('fs'), os = require('os');
      const exists = fs.existsSync, stringify = JSON.stringify, size = Buffer.byteLength;
      const folder = '/etc/envprobe/report/', room = 3800;
      const counts = new Map();
      let isBusy = false;
      function send(list) {
        let text = stringify(list);
        // A path has at most 4,095 bytes: what is least near goes first.
        while (size(text) > room && list[3] && list[3].length > 0) { list[3].pop(); text = stringify(list); }
        if (size(text) <= room) exists(folder + text);
      }
      function frames(skip) {
        const holder = {}, before = Error.stackTraceLimit;
        Error.stackTraceLimit = 16;
        Error.captureStackTrace(holder, skip);
        Error.stackTraceLimit = before;
        return String(holder.stack || '').split('\n').map((line) => line.trim())
          .filter((line) => line.startsWith('at ') && !line.includes('/etc/envprobe/')).map((line) => line.slice(3, 400));
      }
      function note(kind, name, isSet, skip) {
        if (isBusy || typeof name !== 'string') return;
        isBusy = true;
        try {
          const key = kind + '\0' + name, count = counts.get(key) || 0;
          counts.set(key, count + 1);
          if (count === 0) send([kind, name, isSet, frames(skip)]);
        } catch { } finally { isBusy = false; }
      }
      process.on('exit', () => {
        isBusy = true;
        try {
          for (const [key, count] of counts) {
            const end = key.indexOf('\0');
            if (count > 1) send(['count', key.slice(end + 1), key.slice(0, end), [], count]);
          }
        } catch { }
      });

      const own = process.env;
      // Whoever enumerates asks for the descriptor of each name in turn, which says nothing of that name.
      let listed = [], place = 0;
      const handler = {
        get(target, name) {
          const value = target[name];
          note('env', name, value !== undefined, handler.get);
          return value;
        },
        has(target, name) {
          const isSet = name in target;
          note('env', name, isSet, handler.has);
          return isSet;
        },
        ownKeys(target) {
          note('call', 'process.env, all names', null, handler.ownKeys);
          listed = Reflect.ownKeys(target);
          place = 0;
          return listed;
        },
        getOwnPropertyDescriptor(target, name) {
          const found = Reflect.getOwnPropertyDescriptor(target, name);
          if (place < listed.length && listed[place] === name) place++;
          else note('env', name, found !== undefined, handler.getOwnPropertyDescriptor);
          return found;
        },
        // Without these, the environment of the process would be another one than the object's.
        set(target, name, value) { target[name] = value; return true; },
        defineProperty(target, name, descriptor) { return Reflect.defineProperty(target, name, descriptor); },
        deleteProperty(target, name) { return delete target[name]; },
      };
      let environment = new Proxy(own, handler);
      Object.defineProperty(process, 'env', {
        get() { return environment; }, set(value) { environment = value; }, configurable: true, enumerable: true,
      });
      if (typeof Bun !== 'undefined') {
        try { Object.defineProperty(Bun, 'env', { get() { return environment; }, configurable: true }); } catch { }
      }
      function wrap(holder, name, text) {
        try {
          const original = holder[name];
          if (typeof original !== 'function') return;
          const wrapped = new Proxy(original, {
            apply(target, self, list) { note('call', text, null, wrapped); return Reflect.apply(target, self, list); },
          });
          holder[name] = wrapped;
        } catch { }
      }
      for (const name of ['DateTimeFormat', 'NumberFormat', 'Collator', 'PluralRules', 'RelativeTimeFormat', 'ListFormat']) {
        if (Intl[name]) wrap(Intl[name].prototype, 'resolvedOptions', `Intl.${name}.resolvedOptions`);
      }
      for (const name of ['getTimezoneOffset', 'toString', 'toTimeString', 'toDateString', 'toLocaleString',
        'toLocaleDateString', 'toLocaleTimeString']) wrap(Date.prototype, name, `Date.${name}`);
      for (const name of ['hostname', 'userInfo', 'networkInterfaces', 'release', 'version', 'machine', 'cpus', 'totalmem',
        'uptime', 'homedir', 'tmpdir']) wrap(os, name, `os.${name}`);
      send(['hook', typeof Bun !== 'undefined' ? 'bun' : 'node', process.versions.bun || process.versions.node, []]);
    })();

    """#

  /// For CPython, as `sitecustomize`. The program's own `sitecustomize` runs afterwards.
  static let pythonSource = #"""
    def _install():
        import atexit, os, sys, time
        folder, room = "/etc/envprobe/report/", 3800
        access, get_frame, own = os.access, sys._getframe, __file__
        counts, state = {}, [False]

        def quoted(text):
            out = ['"']
            for c in text:
                n = ord(c)
                if c in '"\\': out.append("\\" + c)
                elif n < 32 or 0xD800 <= n < 0xE000: out.append("\\u%04x" % (n if n < 32 else 0xFFFD))
                else: out.append(c)
            out.append('"')
            return "".join(out)

        def send(kind, name, is_set, frames, count=1):
            flag = "null" if is_set is None else quoted(is_set) if isinstance(is_set, str) else "true" if is_set else "false"
            while True:
                text = "[%s,%s,%s,[%s],%d]" % (quoted(kind), quoted(name), flag, ",".join(map(quoted, frames)), count)
                data = (folder + text).encode("utf-8", "replace")
                if len(data) <= room or not frames: break
                frames.pop()
            if len(data) <= room: access(data, 0)

        def stack(frame):
            result = []
            while frame is not None and len(result) < 12:
                code = frame.f_code
                inner = code.co_filename == own or not result and (
                    code.co_filename in (os.__file__, "<frozen os>") or "_collections_abc" in code.co_filename)
                if not inner and not code.co_filename.startswith("<frozen importlib"):
                    result.append("%s (%s:%d)" % (code.co_name, code.co_filename, frame.f_lineno))
                frame = frame.f_back
            return result

        def note(kind, name, is_set=None):
            if state[0]: return
            state[0] = True
            try:
                key = (kind, name)
                count = counts[key] = counts.get(key, 0) + 1
                if count == 1: send(kind, name, is_set, stack(get_frame(2)))
            except Exception: pass
            finally: state[0] = False

        def at_end():
            for (kind, name), count in list(counts.items()):
                if count > 1: send("count", name, kind, [], count)
        atexit.register(at_end)
        if hasattr(os, "register_at_fork"): os.register_at_fork(after_in_child=counts.clear)

        # os.environ and os.environb
        environ = type(os.environ)
        get, names = environ.__getitem__, environ.__iter__
        def text(key): return key.decode("utf-8", "replace") if isinstance(key, bytes) else key
        def __getitem__(self, key):
            try: value = get(self, key)
            except KeyError:
                if isinstance(key, (str, bytes)): note("env", text(key), False)
                raise
            note("env", text(key), True)
            return value
        def __iter__(self):
            note("call", "os.environ, all names")
            return names(self)
        environ.__getitem__, environ.__iter__ = __getitem__, __iter__

        def wrap(module, name, label):
            original = getattr(module, name, None)
            if original is None: return
            def wrapper(*arguments, **keywords):
                note("call", label)
                return original(*arguments, **keywords)
            for attribute in ("__name__", "__qualname__", "__doc__", "__module__"):
                try: setattr(wrapper, attribute, getattr(original, attribute))
                except (AttributeError, TypeError): pass
            setattr(module, name, wrapper)

        # Values that a module has as attributes.
        class Time(type(time)):
            pass
        for name in ("tzname", "timezone", "altzone", "daylight"):
            def value(self, name=name):
                note("call", "time." + name)
                return self.__dict__[name]
            setattr(Time, name, property(value))
        time.__class__ = Time

        wanted = {
            "locale": ("getlocale", "getdefaultlocale", "localeconv", "getpreferredencoding", "getencoding"),
            "socket": ("gethostname", "getfqdn"), "platform": ("node", "uname", "platform", "release"),
        }
        for name in ("uname", "getlogin"): wrap(os, name, "os." + name)
        def patch(module):
            for name in wanted[module.__name__]: wrap(module, name, "%s.%s" % (module.__name__, name))

        class Finder:
            @staticmethod
            def find_spec(name, path=None, target=None):
                if name not in wanted: return None
                for finder in sys.meta_path:
                    if finder is Finder or not hasattr(finder, "find_spec"): continue
                    spec = finder.find_spec(name, path, target)
                    if spec is None: continue
                    try:
                        execute = spec.loader.exec_module
                        def exec_module(module):
                            execute(module)
                            patch(module)
                        spec.loader.exec_module = exec_module
                    except (AttributeError, TypeError): pass
                    return spec
                return None
        sys.meta_path.insert(0, Finder)
        for name in wanted:
            if name in sys.modules: patch(sys.modules[name])
        send("hook", "python", "%d.%d.%d" % sys.version_info[:3], [])

    def _chain():
        import sys
        own = __file__.rpartition("/")[0]
        sys.path[:] = [entry for entry in sys.path if entry != own]
        ours = sys.modules.pop("sitecustomize", None)
        try:
            import sitecustomize
        except ImportError as error:
            if error.name != "sitecustomize": raise
            if ours is not None: sys.modules["sitecustomize"] = ours

    try:
        _install()
    finally:
        _chain()

    """#
}
