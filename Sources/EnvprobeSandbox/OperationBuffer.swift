import CEnvprobeSandbox
import Glibc

/// Operations and strings in the form in which the child reads them. Owns their memory.
struct OperationBuffer: ~Copyable {
  private var strings: [UnsafeMutablePointer<CChar>] = []
  private var blobs: [UnsafeMutableRawPointer] = []
  private var vectors: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = []
  private var lists: [UnsafeMutablePointer<envprobe_operation>] = []

  deinit {
    for string in strings { free(string) }
    for blob in blobs { blob.deallocate() }
    for vector in vectors { vector.deallocate() }
    for list in lists { list.deallocate() }
  }

  private mutating func string(_ text: String) -> UnsafePointer<CChar> {
    let copy = strdup(text)!
    strings.append(copy)
    return UnsafePointer(copy)
  }

  private mutating func blob(_ bytes: [UInt8]) -> (UnsafeRawPointer, Int) {
    let blob = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 8), alignment: 8)
    bytes.withUnsafeBytes { if let base = $0.baseAddress { blob.copyMemory(from: base, byteCount: $0.count) } }
    blobs.append(blob)
    return (UnsafeRawPointer(blob), bytes.count)
  }

  /// A vector of strings that ends with a null pointer.
  mutating func vector(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    let vector = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: texts.count + 1)
    for (index, text) in texts.enumerated() { vector[index] = string(text) }
    vector[texts.count] = nil
    vectors.append(vector)
    return UnsafePointer(vector)
  }

  mutating func list(_ operations: [SetupOperation]) -> UnsafeBufferPointer<envprobe_operation> {
    let list = UnsafeMutablePointer<envprobe_operation>.allocate(capacity: max(operations.count, 1))
    for (index, operation) in operations.enumerated() { (list + index).initialize(to: lower(operation)) }
    lists.append(list)
    return UnsafeBufferPointer(start: list, count: operations.count)
  }

  private mutating func lower(_ operation: SetupOperation) -> envprobe_operation {
    var result = envprobe_operation()
    func set(_ code: envprobe_code, _ x: UInt64 = 0, _ y: UInt64 = 0, _ z: UInt64 = 0) {
      result.code = code.rawValue
      (result.x, result.y, result.z) = (x, y, z)
    }
    switch operation {
    case .write(let path, let text):
      set(ENVPROBE_WRITE)
      result.path = string(path)
      result.text = string(text)
    case .awaitParent: set(ENVPROBE_AWAIT)
    case .become(let user, let group, let clearsGroups):
      set(ENVPROBE_BECOME, UInt64(user), UInt64(group), clearsGroups ? 1 : 0)
    case .mount(let fileSystem, let path, let flags, let options):
      set(ENVPROBE_MOUNT, flags.rawValue)
      result.source = string(fileSystem)
      result.path = string(path)
      result.text = string(options)
    case .bind(let source, let path):
      set(ENVPROBE_BIND)
      result.source = string(source)
      result.path = string(path)
    case .attach(_, let descriptor, let path):
      set(ENVPROBE_ATTACH, UInt64(descriptor))
      result.path = string(path)
    case .setAttributes(let path, let attributes, let recursive):
      set(ENVPROBE_ATTRIBUTES, attributes.rawValue, 0, recursive ? 1 : 0)
      result.path = string(path)
    case .makePrivate:
      set(ENVPROBE_PROPAGATION, UInt64(MS_REC | MS_PRIVATE))
      result.path = string("/")
    case .folder(let path, let mode):
      set(ENVPROBE_FOLDER, UInt64(mode))
      result.path = string(path)
    case .file(let path, let contents):
      set(ENVPROBE_FILE, 0o644)
      result.path = string(path)
      (result.bytes, result.length) = blob(contents)
    case .whiteout(let path):
      set(ENVPROBE_WHITEOUT)
      result.path = string(path)
    case .link(let path, let target):
      set(ENVPROBE_LINK)
      result.path = string(path)
      result.source = string(target)
    case .changeRoot(let path):
      set(ENVPROBE_ROOT)
      result.path = string(path)
    case .hostname(let name):
      set(ENVPROBE_HOSTNAME)
      result.text = string(name)
    case .network(let batch):
      set(ENVPROBE_NETLINK, UInt64(batch.count))
      (result.bytes, result.length) = blob(batch.bytes)
    case .unshareClocks: set(ENVPROBE_CLOCKS)
    case .terminal(let multiplexer, let columns, let rows):
      set(ENVPROBE_TERMINAL, UInt64(columns), UInt64(rows))
      result.path = string(multiplexer)
    case .disguise: set(ENVPROBE_DISGUISE)
    case .newSession: set(ENVPROBE_SESSION)
    case .takeTerminal: set(ENVPROBE_CONTROL)
    case .duplicate(let from, let to): set(ENVPROBE_DUPLICATE, UInt64(from), UInt64(to))
    case .open(let path, let to):
      set(ENVPROBE_OPEN, UInt64(O_RDWR), UInt64(to))
      result.path = string(path)
    case .changeFolder(let path):
      set(ENVPROBE_CHANGE_FOLDER)
      result.path = string(path)
    case .umask(let mask): set(ENVPROBE_UMASK, UInt64(mask))
    case .noCoreDumps: set(ENVPROBE_LIMIT, UInt64(RLIMIT_CORE.rawValue), 0, 0)
    case .resetSignals: set(ENVPROBE_SIGNALS)
    case .dropCapabilities: set(ENVPROBE_DROP)
    case .noNewPrivileges: set(ENVPROBE_NO_PRIVILEGES)
    case .expose: set(ENVPROBE_EXPOSE)
    case .filter(let policy):
      set(ENVPROBE_FILTER, policy.listens ? 1 : 0, policy.passesFutex ? 1 : 0)
      (result.bytes, result.length) = blob(policy.program)
    case .execute(let path):
      set(ENVPROBE_EXECUTE)
      result.path = string(path)
    case .optional(let inner):
      result = lower(inner)
      result.flags |= UInt32(ENVPROBE_OPTIONAL)
    }
    return result
  }
}
