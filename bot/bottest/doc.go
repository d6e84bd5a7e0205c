// Package bottest is the suite that every platform passes: Slack, Matrix and
// the terminal claim to be the same thing, a [bot.Platform], and here is what
// that means.
//
// A platform's test builds a [Seat], the place in a room from which a person
// talks to the bot, and hands a function that makes one to [Platform]:
//
//	func TestSlackIsAPlatform(t *testing.T) {
//		bottest.Platform(t, func(t *testing.T, h bot.Handler) bottest.Seat {
//			fake := …                              // the other side
//			client, err := slack.New(…)            // the platform under test
//			bottest.Serve(t, &bot.Server{Platform: client, Handler: h})
//			return seat{fake}
//		})
//	}
//
// What only some platforms can do is an interface of its own that a seat may
// implement: [Redeliverer], [OtherVoices], [Threads], [Inspector]. A case that
// needs one is skipped, by name, where it is missing.
//
// [Inbox] is a [bot.Inbox] in memory, with leases, for any test.
package bottest
