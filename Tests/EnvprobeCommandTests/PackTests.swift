import Foundation
import Testing

/// `pack` and `verify`, with keys and a signature that OpenSSL and unzip understand.
@Suite struct PackTests {
  private func folderWithMatrix() throws -> Folder {
    let folder = try Folder()
    let options = ["--profiles", "us,jp", "--repeat", "1", "--out", "m", "--quiet"]
    let call = try Call.envprobe(["matrix"] + options + ["--", "sh", "-c", "echo ${TZ%/*}"], in: folder)
    try #require([0, 1].contains(call.status), "\(call.output)\(call.errors)")
    return folder
  }

  private func shell(_ script: String, in folder: Folder) throws -> Call {
    try Call.run(["/bin/sh", "-c", script, Call.binary], in: folder)
  }

  @Test func aMatrixIsPackedAndVerified() throws {
    let folder = try folderWithMatrix()
    let packed = try Call.envprobe(["pack", "m", "-o", "a.zip"], in: folder)
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(packed.output.hasSuffix("check with: envprobe verify a.zip\n"))
    _ = try Call.envprobe(["pack", "m/", "-q"], in: folder)
    #expect(try shell("cmp a.zip m.zip", in: folder).status == 0, "two packs of the same evidence differ")

    let listed = try shell("python3 -m zipfile -l a.zip", in: folder).output
    for name in [
      "report.json", "report.html", "report.txt", "matrix.ndjson", "inputs/tool.json", "inputs/scenario.yaml",
      "inputs/profiles/us.yaml",
      "runs/us-1/run.json", "runs/us-1/events.ndjson", "runs/jp-1/run.json", "manifest.json",
    ] { #expect(listed.contains("\n\(name) "), "\(name)") }
    #expect(!listed.contains("redaction.key"))

    let verified = try Call.envprobe(["verify", "a.zip"], in: folder)
    #expect(verified.status == 0)
    #expect(verified.output.contains("files, each as it was packed\n"))
    #expect(verified.output.contains("signature   none: anybody could have packed this\n"))
    _ = try shell("printf X | dd of=a.zip bs=1 seek=300 conv=notrunc 2>/dev/null", in: folder)
    let changed = try Call.envprobe(["verify", "a.zip"], in: folder)
    #expect(changed.status == 1)
    #expect(changed.errors.contains(" was changed: "))
    #expect(changed.errors.contains("envprobe: a.zip: the archive's bytes are not those that were written"))
  }

  @Test(.enabled(if: requires("openssl"), "needs openssl")) func openSSLMakesTheKeysAndChecksTheSignature() throws {
    let folder = try folderWithMatrix()
    let made = try shell(
      "openssl genpkey -algorithm ed25519 -out k && openssl pkey -in k -pubout -out k.pub "
        + "&& openssl genpkey -algorithm ed25519 -out o && openssl pkey -in o -pubout -out o.pub", in: folder)
    #expect(made.status == 0, "\(made.errors)")
    #expect(try Call.envprobe(["pack", "m", "-o", "a.zip", "--sign", "k"], in: folder).status == 0)
    let checked = try shell(
      "python3 -m zipfile -e a.zip x && openssl pkeyutl -verify -pubin -inkey k.pub -rawin -in x/manifest.json "
        + "-sigfile x/manifest.sig && cd x && python3 -c 'import hashlib, json; "
        + "[print(f[\"path\"]) for f in json.load(open(\"manifest.json\"))[\"files\"] "
        + "if hashlib.sha256(open(f[\"path\"], \"rb\").read()).hexdigest() != f[\"sha256\"]]'", in: folder)
    #expect(checked.output == "Signature Verified Successfully\n", "\(checked.errors)")
    let good = try Call.envprobe(["verify", "a.zip", "--key", "k.pub"], in: folder)
    #expect(good.status == 0 && good.output.contains("signature   valid, of the key with SHA-256 "))
    let other = try Call.envprobe(["verify", "a.zip", "--key", "o.pub"], in: folder)
    #expect(other.status == 1)
    #expect(other.errors == "envprobe: a.zip: the signature is not one of the manifest with this key\n")
    let wrong = try Call.envprobe(["verify", "a.zip", "--key", "k"], in: folder)
    #expect(wrong.status == 64)
    #expect(wrong.errors.hasPrefix("envprobe: k: cannot read the key: it is no public Ed25519 key in PEM"))
  }

  @Test func aRunIsPackedToo() throws {
    let folder = try Folder()
    _ = try Call.envprobe(["run", "-q", "--out", "r", "--", "true"], in: folder)
    #expect(try Call.envprobe(["pack", "r"], in: folder).status == 0)
    #expect(try Call.envprobe(["verify", "r.zip"], in: folder).status == 0)
  }

  @Test func whatIsNoEvidenceIsRefused() throws {
    let folder = try Folder()
    try folder.write("no archive", to: "a.zip")
    let unreadable = try Call.envprobe(["verify", "a.zip"], in: folder)
    #expect(unreadable.errors == "envprobe: cannot read the archive: it is no zip archive, or its end is missing\n")
    #expect(unreadable.status == 2)
    #expect(try Call.envprobe(["pack", "."], in: folder).errors.hasPrefix("envprobe: cannot read ./report.json"))
  }
}
