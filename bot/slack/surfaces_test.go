package slack_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// everything is all that a seat may be given.
func everything(r *ratings) slack.Options {
	return slack.Options{Guide: guide{}, Planner: planner{}, Cards: cards{}, Ratings: r, Rooms: &ledger{tries: 1}}
}

// quoting answers with a quotation, and repeats what it was asked.
func quoting(t *testing.T) bot.Handler {
	t.Helper()
	q := record(t, "We advocate inviolability.")
	return bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
		return bot.Reply{bot.Paragraph{Text: "asked: " + m.Text + " | " + m.Quoted}, q}, nil
	})
}

// pressed presses a button by its label.
func pressed(t *testing.T, fake *slackfake.Server, m slackfake.Message, label string) {
	t.Helper()
	if _, err := fake.Press(m.TS, m.Button(label), alice); err != nil {
		t.Fatalf("press %q: %v; there is %s", label, err, m.Visible())
	}
}

func TestAcceptance1MentionIsAnsweredInItsThread(t *testing.T) {
	t.Parallel()
	q := record(t, "We advocate inviolability.")
	slow := bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) {
		time.Sleep(3 * time.Second)
		return bot.Reply{q, bot.Scope{Documents: 1, Passages: 1, AsOf: "2026-11-23"}}, nil
	})
	for name, lacking := range map[string]bool{"with reactions": false, "without the scope for them": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := slackfake.Config{}
			if lacking {
				config.Scopes = []string{"app_mentions:read", "chat:write", "users:read", "channels:read", "groups:read"}
			}
			bubble(t, config, slack.Options{}, slow, func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
				t.Helper()
				ts := fake.Mention(room, alice, "what of sovereignty?")
				time.Sleep(time.Second)
				if acks := fake.Acks(); len(acks) != 1 || acks[0].Took > 500*time.Millisecond {
					t.Errorf("got acknowledgements %+v, want one within 500 ms", acks)
				}
				if reactions := fake.Reactions(); !lacking && (len(reactions) != 1 || reactions[0].TS != ts) {
					t.Errorf("after 1 s: got reactions %+v, want one on the question", reactions)
				}
				if status := fake.Status(room, ts); lacking && status == "" {
					t.Error("after 1 s: got no status, want one")
				}
				time.Sleep(10 * time.Second)
				posts := fake.Posts()
				if len(posts) != 1 || posts[0].ThreadTS != ts || !strings.Contains(posts[0].Text, "Q-") || !strings.Contains(posts[0].Text, "We advocate inviolability.") {
					t.Fatalf("got %+v, want one answer in the thread, whose text holds quotation and source", posts)
				}
				if reactions := fake.Reactions(); !lacking && !reactions[0].Removed {
					t.Error("the reaction is still there, want it taken back")
				}
			})
		})
	}
}

func TestAnswersThatComeAtOnceAreNotAnnounced(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.Mention(room, alice, "x")
		time.Sleep(time.Minute)
		if n := len(fake.Reactions()); n != 0 || len(fake.Posts()) != 1 {
			t.Errorf("got %d reactions and %d posts, want the answer alone", n, len(fake.Posts()))
		}
	})
}

func TestAcceptance2DirectMessagesInTheAgentView(t *testing.T) {
	t.Parallel()
	slow := bot.HandlerFunc(func(_ context.Context, m bot.Message) (bot.Reply, error) {
		time.Sleep(2 * time.Second)
		return bot.Say("heard"), nil
	})
	bubble(t, slackfake.Config{}, everything(&ratings{}), slow, func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		direct := fake.OpenHome(alice, "messages")
		time.Sleep(time.Second)
		if prompts := fake.Prompts(direct, ""); len(prompts) != 4 || prompts[0].Message != "What is on 7–11 December?" {
			t.Errorf("got prompts %+v, want four, the first of the calendar", prompts)
		}
		for range 3 { // opened again, nothing new is suggested
			fake.OpenHome(alice, "messages")
		}
		_, ts := fake.DM(alice, strings.Repeat("a long question ", 30))
		time.Sleep(time.Second)
		if got := fake.Sessions(direct, ts); len(got) != 1 || got[0] != "processing" {
			t.Errorf("after 1 s: got session states %q, want processing", got)
		}
		if title := fake.Title(direct, ts); title == "" || len([]rune(title)) > 200 {
			t.Errorf("got a title of %d characters, want 1 to 200", len([]rune(title)))
		}
		time.Sleep(10 * time.Second)
		if got := fake.Sessions(direct, ts); len(got) != 2 || got[1] != "active" {
			t.Errorf("got session states %q, want active in the end", got)
		}
		if got := len(fake.Calls("assistant.threads.setSuggestedPrompts")); got != 1 {
			t.Errorf("got %d suggestions, want one for the conversation", got)
		}
		if posts := fake.Posts(); len(posts) != 1 || posts[0].ThreadTS != ts {
			t.Errorf("got %+v, want one answer in the thread", posts)
		}
	})
}

func TestAcceptance37StopEndsTheAnswer(t *testing.T) {
	t.Parallel()
	var began, ended time.Time
	endless := bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		if m.Text == "quick" {
			return bot.Say("quick"), nil
		}
		<-ctx.Done()
		ended = time.Now()
		return nil, ctx.Err()
	})
	bubble(t, slackfake.Config{}, slack.Options{}, endless, func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		direct, ts := fake.DM(alice, "slow")
		_, other := fake.DM(alice, "also slow")
		time.Sleep(5 * time.Second)
		began = time.Now()
		fake.StopSession(direct, ts, alice)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if ended.IsZero() || ended.Sub(began) > time.Second {
			t.Errorf("the answer ended at %v, want within 1 s of %v", ended, began)
		}
		if got := fake.Sessions(direct, ts); got[len(got)-1] != "active" {
			t.Errorf("got session states %q, want active in the end", got)
		}
		if got := fake.Sessions(direct, other); got[len(got)-1] != "processing" {
			t.Errorf("the other thread: got session states %q, want it to go on", got)
		}
		fake.StopSession(direct, other, alice)
		time.Sleep(5 * time.Minute)
		fake.DM(alice, "quick")
		time.Sleep(time.Minute)
		if posts := fake.Posts(); len(posts) != 1 || posts[0].Visible() != "quick" {
			t.Errorf("got %q, want nothing posted for what was stopped, not later either", visible(posts))
		}
	})
}

func TestAcceptance4SharedOnceHoweverOftenPressed(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{}, quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		if _, err := fake.Slash("/quote", "sovereignty", room, alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		shown := fake.Ephemerals()[0]
		pressed(t, fake, shown, "Share to channel")
		pressed(t, fake, shown, "Share to channel")
		time.Sleep(time.Minute)
		pressed(t, fake, shown, "Share to channel")
		time.Sleep(time.Minute)
		posts := fake.Posts()
		if len(posts) != 1 || posts[0].ThreadTS != "" || !strings.Contains(posts[0].Visible(), "We advocate inviolability.") || !strings.Contains(posts[0].Visible(), "Shared by Person U0ALICE") {
			t.Errorf("got %q, want the answer once in the channel, and who shared it", visible(posts))
		}
		if told := fake.Ephemerals()[1:]; len(told) != 2 || !strings.Contains(told[0].Visible(), "posted already") {
			t.Errorf("got %q, want two notes that it is posted already", visible(told))
		}
		pressed(t, fake, shown, "Dismiss")
		time.Sleep(time.Minute)
		if !fake.Ephemerals()[0].Deleted {
			t.Error("the dismissed answer is still there")
		}
	})
}

func TestAcceptance5ShortcutsAnswerWhereTheyWereUsed(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{}, quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		root := fake.Say(room, "U0BOB", "", "They &lt;said&gt; it")
		reply := fake.Say(room, "U0BOB", root, "In a thread")
		for i, c := range []struct{ id, ts, want string }{
			{"verify_quote", root, "asked: verify | They <said> it"}, {"find_source", root, "asked: quote They <said> it"}, {"verify_quote", reply, "asked: verify | In a thread"},
		} {
			if _, err := fake.MessageShortcut(c.id, room, c.ts, alice); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			shown := fake.Ephemerals()
			if len(shown) != i+1 || shown[i].ShownTo != alice || !strings.Contains(shown[i].Visible(), c.want) {
				t.Fatalf("%s: got %q, want %q, for her alone", c.id, visible(shown), c.want)
			}
		}
		if n := len(fake.Posts()); n != 0 {
			t.Fatalf("got %d posts, want none: nobody is shamed in public", n)
		}
		last := fake.Ephemerals()[2]
		pressed(t, fake, last, "Post correction in thread")
		pressed(t, fake, last, "Post correction in thread")
		time.Sleep(time.Minute)
		if posts := fake.Posts(); len(posts) != 1 || posts[0].ThreadTS != root || !strings.Contains(posts[0].Visible(), "asked: q Q-") {
			t.Errorf("got %q, want the exact wording once, in the thread of the message", visible(posts))
		}
	})
}

func TestAcceptance6DigestIsOrderedInTheZoneOfThePerson(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, everything(&ratings{}), echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.AddUser(slackfake.User{ID: alice, TZ: "Asia/Kathmandu", Locale: "de-DE"})
		begun := time.Now()
		if _, err := fake.GlobalShortcut("new_digest", alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		opened, updated := fake.Calls("views.open"), fake.Calls("views.update")
		if len(opened) != 1 || opened[0].At.Sub(begun) > 3*time.Second || len(updated) != 1 {
			t.Fatalf("got %d modals opened and %d updates, want one each, within 3 s", len(opened), len(updated))
		}
		if hash := fmt.Sprint(updated[0].Params["hash"]); hash == "" || hash == "<nil>" {
			t.Error("the update has no hash")
		}
		modal := fake.Modals(alice)[0]
		if !strings.Contains(modal.Visible(), "Preview of digest weekly mon 08:00 Asia/Kathmandu") {
			t.Errorf("got %q, want the times in her zone before she saves", modal.Visible())
		}
		if _, err := fake.ActInView(modal.ID, "times/time", map[string]any{"selected_time": "17:45"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if modal = fake.Modals(alice)[0]; !strings.Contains(modal.Visible(), "Preview of digest weekly mon 17:45 Asia/Kathmandu") {
			t.Errorf("got %q, want the times of what is chosen now", modal.Visible())
		}
		if _, err := fake.Submit(modal.ID, map[string]map[string]any{"where": {"where": map[string]any{"type": "conversations_select"}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if modal = fake.Modals(alice)[0]; modal.Errors["where"] == "" {
			t.Error("without a channel: got no error at the field")
		}
		for range 2 {
			if _, err := fake.Submit(modal.ID, map[string]map[string]any{"where": {"where": map[string]any{"type": "conversations_select", "selected_conversation": room}}}); err != nil {
				t.Log(err) // the second finds nothing to submit any more
			}
		}
		time.Sleep(time.Minute)
		if modal = fake.Modals(alice)[0]; !strings.Contains(modal.Visible(), "heard: subscribe digest weekly mon 17:45 Asia/Kathmandu") {
			t.Errorf("got %q, want the answer in the modal", modal.Visible())
		}
		if len(fake.Posts()) != 0 {
			t.Errorf("got %q in the channel, want nothing", visible(fake.Posts()))
		}
	})
}

func TestCheckMyTextAnswersInTheModalOrDirectly(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, slack.Options{}, echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.AddUser(slackfake.User{ID: alice})
		check := func(closed bool) {
			t.Helper()
			if _, err := fake.GlobalShortcut("check_text", alice); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			modals := fake.Modals(alice)
			modal := modals[len(modals)-1]
			if _, err := fake.Submit(modal.ID, map[string]map[string]any{"text": {"text": map[string]any{"type": "plain_text_input", "value": "  my “words” "}}}); err != nil {
				t.Fatal(err)
			}
			if closed {
				fake.CloseView(modal.ID)
			}
			time.Sleep(time.Minute)
		}
		check(false)
		if got := fake.Modals(alice)[0]; !strings.Contains(got.Visible(), "heard: verify my “words”") {
			t.Errorf("got %q, want the verdict in the modal", got.Visible())
		}
		check(true)
		if posts := fake.Posts(); len(posts) != 1 || !strings.HasPrefix(posts[0].Channel, "D") || !strings.Contains(posts[0].Visible(), "verify my") {
			t.Errorf("the modal is closed: got %q, want the verdict directly", visible(posts))
		}
	})
}

func TestAcceptance7FeedbackIsOneRowWithTheLastWord(t *testing.T) {
	t.Parallel()
	kept := &ratings{}
	bubble(t, slackfake.Config{}, everything(kept), quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.Mention(room, alice, "x")
		time.Sleep(time.Minute)
		answer := fake.Posts()[0]
		key := room + " " + answer.TS + " " + alice
		rate := func(good bool) {
			t.Helper()
			if _, err := fake.Rate(answer.TS, alice, good); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		rate(true)
		if got := kept.all(); got[key] != "true" || len(fake.Ephemerals()) != 1 || fake.Ephemerals()[0].ShownTo != alice {
			t.Errorf("got %v and %d notes, want it kept and her told", got, len(fake.Ephemerals()))
		}
		rate(false)
		modals := fake.Modals(alice)
		if len(modals) != 1 || kept.all()[key] != "false" {
			t.Fatalf("got %d modals and %v, want her asked why, and the last word kept already", len(modals), kept.all())
		}
		if _, err := fake.Submit(modals[0].ID, map[string]map[string]any{"reason": {"text": map[string]any{"type": "plain_text_input", "value": "wrong speaker"}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if got := kept.all(); len(got) != 1 || got[key] != "false wrong speaker" || len(fake.Modals(alice)) != 0 {
			t.Errorf("got %v, want one row with the reason, and the modal closed", got)
		}
	})
}

func TestServerWithoutFeedbackBlocksStillGetsDrawnAnswers(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, everything(&ratings{}), quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.Fail("chat.postMessage", slackfake.APIError("invalid_blocks"))
		fake.Mention(room, alice, "x")
		time.Sleep(time.Minute)
		fake.Mention(room, alice, "y")
		time.Sleep(time.Minute)
		posts := fake.Posts()
		if len(posts) != 2 || len(fake.Calls("chat.postMessage")) != 3 {
			t.Fatalf("got %d posts in %d calls, want 2 in 3: the blocks are left out from then on", len(posts), len(fake.Calls("chat.postMessage")))
		}
		for _, m := range posts {
			if m.Blocks == nil || strings.Contains(string(m.Blocks), "feedback_buttons") || m.Button("More") == "" {
				t.Errorf("got %s, want the quotation drawn, buttons and no feedback", m.Blocks)
			}
		}
	})
}

func TestHomeTabShowsTheGuideAndItsButtonsWork(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, everything(&ratings{}), echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		direct := fake.OpenHome(alice, "home")
		time.Sleep(time.Second)
		home, drawn := fake.Home(alice)
		if !drawn || !strings.Contains(home.Visible(), "Home of "+alice+" at "+direct) {
			t.Fatalf("got %q, want her own home", home.Visible())
		}
		if faults := slack.Faults(home.Blocks, true); len(faults) > 0 {
			t.Errorf("got %q, want it within the limits", faults)
		}
		if _, err := fake.ActInView(home.ID, home.Button("Next"), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := fake.ActInView(home.ID, home.Button("New digest"), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if posts := fake.Posts(); len(posts) != 1 || posts[0].Channel != direct || posts[0].Visible() != "heard: next" {
			t.Errorf("got %q, want the answer in the direct conversation", visible(posts))
		}
		if modals := fake.Modals(alice); len(modals) != 1 || modals[0].CallbackID != "new_digest" {
			t.Errorf("got %d modals, want the one that orders a digest", len(modals))
		}
	})
}

func TestLinksThatAreKnownArePreviewed(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, everything(&ratings{}), echo(), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		ts := fake.ShareLinks(room, alice, "https://undocs.org/A/RES/73/27", "https://example.org/other")
		time.Sleep(time.Minute)
		calls := fake.Calls("chat.unfurl")
		if len(calls) != 1 || calls[0].Params["ts"] != ts || strings.Contains(fmt.Sprint(calls[0].Params["unfurls"]), "example.org") {
			t.Errorf("got %+v, want one preview, of the link that is known", calls)
		}
	})
}

func TestAcceptance38ModalsThatCannotBeShown(t *testing.T) {
	t.Parallel()
	bubble(t, slackfake.Config{}, everything(&ratings{}), quoting(t), func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.AddUser(slackfake.User{ID: alice})
		fake.Fail("views.open", slackfake.APIError("expired_trigger_id"))
		if _, err := fake.GlobalShortcut("check_text", alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if posts := fake.Posts(); len(posts) != 1 || !strings.Contains(posts[0].Visible(), "try again") {
			t.Errorf("expired trigger: got %q, want a hint", visible(posts))
		}
		fake.Mention(room, alice, "x")
		time.Sleep(time.Minute)
		if len(fake.Posts()) != 2 {
			t.Fatalf("got %q, want the hint and the answer", visible(fake.Posts()))
		}
		answer := fake.Posts()[1]
		fake.Fail("views.open", slackfake.APIError("expired_trigger_id"))
		if _, err := fake.Rate(answer.TS, alice, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if told := fake.Ephemerals(); len(told) != 1 || told[0].ShownTo != alice {
			t.Errorf("expired trigger under a message: got %q, want an ephemeral hint", visible(told))
		}
		fake.Fail("views.update", slackfake.APIError("hash_conflict"))
		if _, err := fake.GlobalShortcut("new_digest", alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		modals := fake.Modals(alice)
		fake.CloseView(modals[0].ID)
		fake.Mention(room, alice, "still there?")
		time.Sleep(time.Minute)
		if got := len(fake.Posts()); got != 3 {
			t.Errorf("got %d posts, want it to go on", got)
		}
	})
}

func TestAcceptance69HostileWordsOnEverySurface(t *testing.T) {
	t.Parallel()
	hostile := bot.HandlerFunc(func(context.Context, bot.Message) (bot.Reply, error) { return bottest.HostileReply(), nil })
	bubble(t, slackfake.Config{}, everything(&ratings{}), hostile, func(t *testing.T, fake *slackfake.Server, _ *slack.Client) {
		t.Helper()
		fake.AddUser(slackfake.User{ID: alice, Name: bottest.Hostile, TZ: "Europe/Zurich"})
		fake.Mention(room, alice, slackfake.Escape(bottest.Hostile))
		fake.DM(alice, slackfake.Escape(bottest.Hostile))
		if _, err := fake.Slash("/iis", slackfake.Escape(bottest.Hostile), room, alice); err != nil {
			t.Fatal(err)
		}
		fake.OpenHome(alice, "home")
		fake.ShareLinks(room, alice, "https://undocs.org/A/RES/73/27")
		if _, err := fake.GlobalShortcut("check_text", alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, err := fake.Submit(fake.Modals(alice)[0].ID, map[string]map[string]any{"text": {"text": map[string]any{"type": "plain_text_input", "value": bottest.Hostile}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		shown := fake.Ephemerals()
		pressed(t, fake, shown[len(shown)-1], "Share to channel")
		time.Sleep(time.Minute)
		harm := harm(append(fake.Posts(), fake.Ephemerals()...))
		for _, v := range fake.Modals(alice) {
			harm = append(harm, v.Harm()...)
		}
		home, _ := fake.Home(alice)
		if harm = append(harm, home.Harm()...); len(harm) > 0 || len(fake.Posts()) < 3 {
			t.Errorf("got %q in %d posts, want nothing of the kind in three or more", harm, len(fake.Posts()))
		}
	})
}
