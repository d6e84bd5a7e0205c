// Package slackfake is the other side of a Slack app, on a loopback port: the Web
// API over real HTTP, what people do over a real WebSocket (Socket Mode) or by
// signed requests to the app's address, response addresses, modals, the home
// tab, the agent surface, streams, OAuth, retries, rate limits and faults. It
// imports no Slack library, so that a mistake of the library under test is not
// its own mistake.
//
//	fake, err := slackfake.New(slackfake.Config{BotToken: "xoxb-…", AppToken: "xapp-…"})
//	defer fake.Close()
//	// point the app at fake.APIURL(), then:
//	ts := fake.Mention("C0GENERAL", "U0ALICE", "when is the next session?")
//	posts, err := fake.WaitPosts(ctx, 1)
//
// A test drives it as people would (Mention, DM, Slash, Press, Submit, OpenHome),
// makes it fail as Slack fails (Fail, Disconnect, Limits), and looks at what
// arrived (Posts, Ephemerals, Modals, Acks, Calls). Nothing in it sleeps but the
// timers that Slack has: acknowledgement, retry and ping, all settable. With
// Config.NoListener it opens no port and waits for no network, so that a test
// may run it on the clock of testing/synctest: [Server.Transport] is its Web
// API, [Server.DeliverTo] with [InMemory] reaches the app.
//
// What each part does follows docs.slack.dev; the page is named where the
// behaviour is. Where Slack's behaviour is not written down, the comment names
// the section of the project's platform contracts that records it. It was never
// compared with the real Slack: it is as faithful as those pages.
package slackfake
