// Package slack is the bot's seat in Slack, over Socket Mode or over HTTP.
//
// Slack reaches it through sockets (socket.go) or signed requests (listen.go,
// signature.go); both hand the same envelopes to intake.go. It reads them
// (event.go, interactive.go), posts (post.go, private.go) and draws (render.go,
// within limits.go). Besides answering it shows that it is at work and suggests
// questions (agent.go), checks texts and orders digests in modals (modal.go,
// order.go), shares what one person was shown (share.go), previews links (unfurl.go)
// and asks what people think of answers (feedback.go). Three rules hold it together:
//
// It commits first and acknowledges second. An envelope is acknowledged after
// the [bot.Receiver] has the message. Where that fails, events stay without
// acknowledgement (or are answered 503), so that Slack sends them again; slash
// commands and buttons, which Slack sends once, are answered with a line that
// asks to try again.
//
// It posts once, as far as Slack can tell. Slack has no idempotency key. Every
// post carries an opaque name of its delivery in its metadata, a call that may
// or may not have worked is never repeated blindly, and a doubtful delivery is
// looked for in the room (look.go) before it is posted again: twice, 30 s apart,
// for what Slack has just taken is not always shown at once. Posts into one
// channel keep their distance (pace.go), and a token that Slack refuses is left
// alone for a while.
//
// It pings nobody. Everything a reply says is plain text to Slack; render.go
// says how.
//
// The slack-go library opens the sockets and calls the methods. Envelopes are
// read here, and errors are judged here: the library's own helpers lose events
// that it cannot parse and post twice where a connection broke.
//
// What Slack tells the bot and what the bot calls stands in tables (table.go). The
// readers are looked up there, and the app's description, [Manifest], is written from
// there; manifest.yaml and manifest-http.yaml are what it writes.
//
// One process serves one workspace by its tokens, or, over HTTP, all that install the
// app (install.go, oauth.go): a room's id then begins with its workspace.
package slack
