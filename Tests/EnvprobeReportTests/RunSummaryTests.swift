import EnvprobeModel
import EnvprobeReport
import Testing

@Suite struct RunSummaryTests {
  @Test(arguments: SampleTraces.all.indices, [80, 120]) func isTheGoldenFile(index: Int, width: Int) throws {
    let (name, trace) = SampleTraces.all[index]
    let summary = RunSummary(trace, bundle: name == "quiet" ? nil : "out/\(trace.id)")
    try Golden.expect(summary.text(options: .init(width: width)), is: "summary-\(name)-\(width).txt")
  }

  @Test(arguments: SampleTraces.all.indices) func fitsAScreen(index: Int) {
    let text = RunSummary(SampleTraces.all[index].trace, bundle: "out").text()
    #expect(text.split(separator: "\n").count <= 24)
    #expect(!text.contains("\u{1B}"))
  }

  @Test func quietSaysHowItEnded() {
    let text = RunSummary(SampleTraces.agent, bundle: nil).text(options: .init(verbosity: .quiet))
    #expect(
      text
        == "envprobe     exit status 0 after 1.21 s, 0.91 s of processor time, 212 MB of\n             memory, profile cn-corp\n"
    )
  }
}
