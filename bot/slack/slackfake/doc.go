// Package slackfake is the other side of a Slack app in Socket Mode, on a
// loopback port: the Web API over real HTTP, events over a real WebSocket,
// response_url addresses, retries, limits and faults. It imports no Slack
// library, so that a mistake of the library under test is not its own mistake.
//
//	fake, err := slackfake.New(slackfake.Config{BotToken: "xoxb-…", AppToken: "xapp-…"})
//	defer fake.Close()
//	// point the app at fake.APIURL(), then:
//	ts := fake.Mention("C0GENERAL", "U0ALICE", "when is the next session?")
//	posts, err := fake.WaitPosts(ctx, 1)
//
// A test drives it as people would (Mention, DM, Slash, Press), makes it fail
// as Slack fails (Fail, Disconnect, DisconnectAfterHello), and looks at what
// arrived (Posts, Ephemerals, Acks, Calls). Nothing in it sleeps but the timers
// that Slack has: acknowledgement, retry and ping, all settable.
//
// What each part does follows docs.slack.dev; the page is named where the
// behaviour is. Where Slack's behaviour is not written down, the comment names
// the section of the project's platform contracts that records it. It was never
// compared with the real Slack: it is as faithful as those pages.
package slackfake
