package e2e_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// transports are the two ways in which Slack reaches the bot.
func transports() map[string]func(t *testing.T, fake *slackfake.Server) string {
	return map[string]func(*testing.T, *slackfake.Server) string{
		"sockets": func(*testing.T, *slackfake.Server) string { return "  app_token: " + appToken + "\n" },
		"HTTP": func(t *testing.T, fake *slackfake.Server) string {
			t.Helper()
			address := freeAddress(t)
			fake.DeliverTo("http://"+address+"/slack", nil)
			return "  signing_secret: [old-secret, " + fake.SigningSecret() + "]\n  listen: " + address + "\n"
		},
	}
}

// freeAddress is an address on this machine at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// reachable waits until Slack reaches the bot.
func reachable(ctx context.Context, t *testing.T, name string, fake *slackfake.Server) {
	t.Helper()
	if name == "sockets" {
		if err := fake.WaitSockets(ctx, 1); err != nil {
			t.Fatal(err)
		}
		return
	}
	for ctx.Err() == nil {
		if fake.VerifyAddress(ctx) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond) // polling, until ctx ends
	}
	t.Fatal("the request address never answered")
}

// desk is a person's view of the workspace in a journey.
type desk struct {
	*testing.T
	ctx  context.Context //nolint:containedctx // of the test
	fake *slackfake.Server
}

func (d desk) post(n int) *slackfake.Message {
	d.Helper()
	posts, err := d.fake.WaitPosts(d.ctx, n)
	if err != nil {
		d.Fatal(err)
	}
	return &posts[n-1]
}

func (d desk) shown(n int) *slackfake.Message {
	d.Helper()
	shown, err := d.fake.WaitEphemerals(d.ctx, n)
	if err != nil {
		d.Fatal(err)
	}
	return &shown[n-1]
}

func (d desk) holds(what, text string, wants ...string) {
	d.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			d.Errorf("%s: got %q, want it to hold %q", what, text, want)
		}
	}
}

func (d desk) press(ts, label, user string, m interface{ Button(string) string }) {
	d.Helper()
	id := m.Button(label)
	if id == "" {
		d.Fatalf("no button %q", label)
	}
	if _, err := d.fake.Press(ts, id, user); err != nil {
		d.Fatal(err)
	}
}

// TestSlackJourneys walks journeys J1, J2 and J6 through the whole process, in
// both transports, with the API's address overridden.
func TestSlackJourneys(t *testing.T) {
	t.Parallel()
	for name, transport := range transports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			fake := workspace(t)
			settings := "database: " + t.TempDir() + "/bot.db\nslack:\n  bot_token: " + botToken + "\n  api_url: " + fake.APIURL() + "\n  managers: [UBOSS, SDESK]\n" + transport(t, fake)
			fake.AddUserGroup(slackfake.UserGroup{ID: "SDESK", Handle: "cyber-desk", Users: []string{"UOFFICER"}})
			bot := startBot(t, settings)
			reachable(ctx, t, name, fake)
			d := desk{t, ctx, fake}

			// J1: the direct conversation suggests, answers, and goes on.
			direct := fake.OpenHome("UDELEGATE", "messages")
			if err := fake.Wait(ctx, func() bool { return len(fake.Prompts(direct, "")) > 0 }); err != nil {
				t.Fatal(err)
			}
			if prompts := fake.Prompts(direct, ""); len(prompts) != 4 || !strings.HasPrefix(prompts[0].Title, "What is on ") {
				t.Errorf("got prompts %+v, want four, the first of the calendar", prompts)
			}
			_, thread := fake.DM("UDELEGATE", "What does Russia say about sovereignty in the digital domain?")
			first := d.post(1)
			d.holds("J1 answer", first.Visible(), "We advocate inviolability of states’ sovereignty in the digital domain.", "¶15", "Q-")
			if first.ThreadTS != thread || first.Text == "" || !strings.Contains(first.Text, "inviolability") {
				t.Errorf("got thread %q and text %q, want the thread %q and a text that stands alone", first.ThreadTS, first.Text, thread)
			}
			// It goes to the channel that the delegate picks, as it stands.
			fake.AddChannel("CDELEGATION")
			d.press(first.TS, "Share to channel…", "UDELEGATE", first)
			if err := fake.Wait(ctx, func() bool { return len(fake.Modals("UDELEGATE")) == 1 }); err != nil {
				t.Fatal(err)
			}
			there := map[string]map[string]any{"where": {"where": map[string]any{"type": "conversations_select", "selected_conversation": "CDELEGATION"}}}
			if _, err := fake.Submit(fake.Modals("UDELEGATE")[0].ID, there); err != nil {
				t.Fatal(err)
			}
			picked := d.post(2)
			d.holds("J1 shared to a channel", picked.Visible(), "We advocate inviolability of states’ sovereignty in the digital domain.", "¶15", "Shared by Person UDELEGATE")
			if picked.Channel != "CDELEGATION" || picked.ThreadTS != "" {
				t.Errorf("got it in %s, thread %q, want the channel that was picked", picked.Channel, picked.ThreadTS)
			}
			bot.kill()
			startBot(t, settings)
			if name == "sockets" {
				if err := fake.WaitSockets(ctx, 1); err != nil {
					t.Fatal(err)
				}
			} else {
				reachable(ctx, t, name, fake)
			}
			fake.DMIn("UDELEGATE", thread, "and who should define the rules?")
			second := d.post(3)
			if second.ThreadTS != thread || strings.Contains(second.Visible(), "We advocate inviolability of states’ sovereignty in the digital domain.") {
				t.Errorf("got %q in thread %q, want more, and not the same again", second.Visible(), second.ThreadTS)
			}
			if _, err := fake.Slash("/quote", "sovereignty", "C1", "UDELEGATE"); err != nil {
				t.Fatal(err)
			}
			mine := d.shown(1)
			d.press(mine.TS, "Share to channel", "UDELEGATE", mine)
			d.press(mine.TS, "Share to channel", "UDELEGATE", mine)
			shared := d.post(4)
			d.holds("J1 shared", shared.Visible(), "sovereignty", "Shared by Person UDELEGATE")
			if shared.Channel != "C1" || shared.ThreadTS != "" {
				t.Errorf("got it in %s, thread %q, want the channel itself", shared.Channel, shared.ThreadTS)
			}
			d.holds("J1 second press", d.shown(2).Visible(), "posted already")

			// J2: a pasted quotation is checked in private and corrected in its thread.
			pasted := fake.Say("C2", "UCOLLEAGUE", "", `Russia: "Those who believe themselves to be more advanced must impose anything on the others."`)
			if _, err := fake.MessageShortcut("verify_quote", "C2", pasted, "UOFFICER"); err != nil {
				t.Fatal(err)
			}
			verdict := d.shown(3)
			d.holds("J2 verdict", verdict.Visible(), "ALTERED", "not", "must not impose anything on the others.")
			if verdict.ShownTo != "UOFFICER" {
				t.Errorf("got the verdict shown to %q, want the officer alone", verdict.ShownTo)
			}
			d.press(verdict.TS, "Copy exact quote", "UOFFICER", verdict)
			if err := fake.Wait(ctx, func() bool {
				modals := fake.Modals("UOFFICER")
				return len(modals) == 1 && strings.Contains(string(modals[0].Blocks), "initial_value")
			}); err != nil {
				t.Fatal(err)
			}
			if words := "Those who believe themselves to be more “advanced” must not impose anything on the others."; !strings.Contains(string(fake.Modals("UOFFICER")[0].Blocks), words) {
				t.Errorf("got %s, want the words of the record to copy", fake.Modals("UOFFICER")[0].Blocks)
			}
			d.press(verdict.TS, "Post correction in thread", "UOFFICER", verdict)
			d.press(verdict.TS, "Post correction in thread", "UOFFICER", verdict)
			correction := d.post(5)
			d.holds("J2 correction", correction.Visible(), "must not impose anything on the others.", "¶")
			d.holds("J2 second press", d.shown(4).Visible(), "posted already")
			if correction.ThreadTS != pasted || strings.Contains(correction.Visible(), "ALTERED") {
				t.Errorf("got %q in thread %q, want the exact wording alone, in thread %s", correction.Visible(), correction.ThreadTS, pasted)
			}

			// A doubting mention in that thread is about its first message.
			fake.MentionIn("C2", "UOFFICER", pasted, "is this right?")
			d.holds("doubt", d.post(6).Visible(), "ALTERED")

			// J6: who may not subscribe learns who may.
			fake.Mention("C3", "UMEMBER", "subscribe digest daily 08:00 UTC")
			d.holds("J6 refusal", d.post(7).Visible(), "may not", "UBOSS", "user group")
			// Whatever stands before it, a command is the command that it is.
			fake.Mention("C3", "UMEMBER", "> hello\nsubscribe digest daily 08:00 UTC")
			d.holds("J6 refusal of a command below a quoted line", d.post(8).Visible(), "may not", "UBOSS")
			fake.Mention("C3", "UOFFICER", "subscribe digest daily 08:00 UTC")
			d.holds("J6 order", d.post(9).Visible(), "#1", "08:00")
			for _, m := range append(fake.Posts(), fake.Ephemerals()...) {
				if harm := m.Harm(); len(harm) > 0 {
					t.Errorf("got %q in %q", harm, m.Visible())
				}
			}
			if got := len(fake.Posts()); got != 9 {
				t.Errorf("got %d posts, want 9: nothing twice", got)
			}
		})
	}
}
