internal import FilServer
internal import Terminal

let serveCommand = Command(
  "serve", "DIR", summary: "answers readers over HTTP until SIGTERM",
  options: [
    Command.Option("listen", "ADDRESS", help: "such as 127.0.0.1:8024; port 0 takes a free one"),
    Command.Option("behind-proxy", help: "all come from one address: do not limit it"),
    Command.Option("threads", "N", help: "that answer (1)"),
    Command.Option("json", help: "errors as one JSON value"),
  ],
  example: "fil-server serve newsroom --listen 127.0.0.1:8024"
) { (arguments) throws(Failure) in
  let signals = Signals()
  let address = try arguments.required("listen")
  let threads = try arguments.integer("threads", in: 1...64) ?? 1
  let serving: Serving
  do throws(ServingError) {
    serving = try Serving(
      arguments.operands[0], address: address, behindProxy: arguments.has("behind-proxy"),
      threads: threads)
  } catch { throw Failure(error) }
  let end = address.lastIndex(of: ":") ?? address.endIndex
  Output.line("listening on http://\(address[..<end]):\(serving.port)")
  repeat {
    do throws(NewsroomError) { try serving.renew() } catch {
      // Readers go on being served; the operator reads why they will see an older time.
      Output.error("fil-server: \(error)")
    }
  } while !signals.wait(seconds: 3600)
  serving.stop()
  return .done
}
