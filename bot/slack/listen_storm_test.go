package slack_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// Test 30 for the whole of its minute, on the clock on the wall: WebSockets do not
// run on the one of testing/synctest. Others run meanwhile.
func TestAcceptance30AMinuteOfDisconnectsAfterHello(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	fake := start(t, slackfake.Config{})
	fake.DisconnectAfterHello(-1)
	log := &lines{}
	client := connectAs(t, fake, slack.Options{AppToken: appToken, Log: log.logger()}) // two sockets, as anybody has
	bottest.Serve(t, &bot.Server{Platform: client, Handler: echo(), Log: bottest.Log(t)})
	select {
	case <-time.After(time.Minute):
	case <-ctx.Done():
	}
	if n := len(fake.Calls("apps.connections.open")); n < 4 || n > 15 {
		t.Errorf("got %d sockets opened in a minute, want at most 15", n)
	}
	alarms := 0
	for line := range strings.Lines(log.text()) {
		if strings.Contains(line, "level=ERROR") && strings.Contains(line, "sockets do not stay open") {
			alarms++
		}
	}
	if alarms == 0 {
		t.Error("got no alarm in the log")
	}
	fake.DisconnectAfterHello(0)
	healed := time.Now()
	if err := fake.WaitSockets(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(healed); took > time.Minute {
		t.Errorf("a socket was open %v after the fault, want it within a minute", took)
	}
	fake.Mention(room, alice, "recovered?")
	if _, err := fake.WaitPosts(ctx, 1); err != nil {
		t.Error(err)
	}
}
