package matrix_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

func TestNewSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := matrix.New(matrix.Options{Homeserver: "hs", User: "bot", Password: "a", Token: "b", Prefix: "! x"})
	if err == nil {
		t.Fatal("got no error, want five problems")
	}
	for _, want := range []string{`homeserver "hs"`, `user "bot"`, "either a password or an access token", `prefix "! x"`, "no state"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to name %s", err, want)
		}
	}
}

func TestLoginIsKeptBeforeItIsUsedAndNeverRepeated(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), &state{}
	h.batches = []string{joinBatch(), joinBatch()}
	var kept []string
	s.fail = func(key string) error {
		kept = append(kept, fmt.Sprintf("%s after %d logins and %d syncs", key, h.count("login"), h.count("sync")))
		return nil
	}
	func() {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- newClient(t, h, s).Listen(ctx, &ear{h: h}) }()
		h.settled(t, "s2")
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Listen after its context ended: got %v, want nil", err)
		}
	}()
	want := []string{
		"device_id after 0 logins and 0 syncs", "device_id after 1 logins and 0 syncs", "token_device after 1 logins and 0 syncs",
		"access_token after 1 logins and 0 syncs", "started after 1 logins and 0 syncs", "since after 1 logins and 1 syncs", "synced after 1 logins and 1 syncs", "since after 1 logins and 2 syncs",
	}
	s.mu.Lock()
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("what was kept, and when (-want +got):\n%s", diff)
	}
	s.mu.Unlock()
	s.fail = nil

	second := newClient(t, h, s)
	h.change(func() { h.batches = append(h.batches, joinBatch(says("$1", "!iis later"))) })
	e := &ear{h: h}
	listen(t, second, e)
	h.settled(t, "s3")
	if got := h.count("login"); got != 1 {
		t.Errorf("logins after a second start: got %d, want 1", got)
	}
	if !slices.Equal(e.texts(), []string{"later"}) {
		t.Errorf("heard after the second start: got %q, want what was said in between", e.texts())
	}

	device := s.value("device_id")
	h.change(func() { h.token = "revoked elsewhere" })
	h.change(func() { h.batches = append(h.batches, joinBatch(says("$2", "!iis much later"))) })
	h.until(t, "a second login and a sync", func() bool { return h.calls["login"] == 2 && slices.Contains(h.since, "s4") })
	if got := []string{h.devices[1], s.value("device_id"), s.value("access_token")}; !slices.Equal(got, []string{device, device, "token2"}) {
		t.Errorf("device of the second login, kept device, kept token: got %q, want device %s and token2", got, device)
	}
}

func TestALoginThatIsRefusedEndsListen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*hs, *matrix.Options)
		want   string
	}{
		"wrong password": {func(_ *hs, o *matrix.Options) { o.Password = "wrong" }, "the homeserver refuses the password of " + self + ": put the right one where matrix.password_file points"},
		"deactivated": {func(h *hs, _ *matrix.Options) {
			h.loginGets = &answer{status: 403, body: `{"errcode":"M_USER_DEACTIVATED","error":"gone"}`}
		}, "deactivated"},
		"another user": {func(h *hs, _ *matrix.Options) {
			h.loginGets = &answer{status: 200, body: `{"user_id":"@other:hs.example","access_token":"x","device_id":"D"}`}
		}, "write matrix.user as it does"},
		"token of another user":   {token(`{"user_id":"@other:hs.example","device_id":"D"}`), "the access token belongs to @other:hs.example, not to " + self},
		"token of another device": {token(`{"user_id":"` + self + `","device_id":"OTHER"}`), "the access token belongs to device OTHER, not to DEV"},
		"token that is unknown": {func(h *hs, o *matrix.Options) {
			token(`{}`)(h, o)
			h.token = "another"
		}, "the homeserver does not know the access token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			client := newClient(t, h, &state{}, func(o *matrix.Options) { c.change(h, o) })
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
			defer stop()
			if err := client.Listen(ctx, &ear{h: h}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Listen: got %v, want an error that says %q", err, c.want)
			}
			if _, err := client.Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("x"), Key: "k"}); err == nil || outcome(err) != bot.NotSent {
				t.Errorf("Post: got %v, want not sent", err)
			}
		})
	}
}

func token(whoami string) func(*hs, *matrix.Options) {
	return func(h *hs, o *matrix.Options) { h.whoami, o.Password, o.Token, o.DeviceID = whoami, "", "tok", "DEV" }
}

func TestATokenIsUsedAsItIs(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), &state{}
	h.token, h.batches = "tok", []string{joinBatch()}
	listen(t, newClient(t, h, s, func(o *matrix.Options) { token(`{"user_id":"`+self+`","device_id":"DEV"}`)(h, o) }), &ear{h: h})
	h.settled(t, "s1")
	if got := h.count("login"); got != 0 || s.value("access_token") != "" {
		t.Errorf("got %d logins and kept token %q, want none", got, s.value("access_token"))
	}
}

func TestATokenIsCommittedAfterTheMessagesBeforeIt(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.batches = []string{joinBatch(says("$1", "!iis one"), says("$2", "!iis two")), joinBatch(says("$3", "!iis three"))}
	e := &ear{h: h}
	e.fail = func(n int) error {
		switch n {
		case 2:
			if got := s.value("since"); got != "s0" {
				t.Errorf("token while the batch is taken in: got %s, want s0", got)
			}
			return errors.New("disk full")
		}
		return nil
	}
	listen(t, newClient(t, h, s), e)
	h.settled(t, "s2")
	if diff := cmp.Diff([]string{"one", "one", "two", "three"}, e.texts()); diff != "" {
		t.Errorf("taken in; the inbox drops what it has (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"s0", "s0", "s1", "s2"}, h.since); diff != "" {
		t.Errorf("batches asked for (-want +got):\n%s", diff)
	}
	if got := s.value("since"); got != "s2" {
		t.Errorf("token kept: got %s, want s2", got)
	}
}

func TestTheFirstStartIgnoresWhatWasSaidBefore(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), &state{}
	now := time.Now().Add(time.Hour).UnixMilli()
	h.batches = []string{
		joinBatch(says("$old", "!iis long ago"), strings.Replace(says("$new", "!iis just now"), "1795000000000", strconv.FormatInt(now, 10), 1)),
		joinBatch(strings.Replace(says("$odd", "!iis clock of the homeserver is wrong"), "1795000000000", "1000", 1)),
	}
	h.batches[0] = strings.Replace(h.batches[0], "1795000000000", "1700000000000", 1)
	e := &ear{h: h}
	listen(t, newClient(t, h, s), e)
	h.settled(t, "s2")
	if diff := cmp.Diff([]string{"just now", "clock of the homeserver is wrong"}, e.texts()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

func TestAGapInATimelineIsFilled(t *testing.T) {
	t.Parallel()
	limited := func(events string) string {
		return fmt.Sprintf(`"rooms":{"join":{%q:{"timeline":{"limited":true,"prev_batch":"p1","events":[%s]}}}}`, room, events)
	}
	page := func(end string, events ...string) string {
		slices.Reverse(events)
		return fmt.Sprintf(`{"start":"x","end":%q,"chunk":[%s]}`, end, strings.Join(events, ","))
	}
	arrival := fmt.Sprintf(`{"type":"m.room.member","event_id":"$me","sender":%q,"state_key":%q,"origin_server_ts":1795000000000,"content":{"membership":"join"},"unsigned":{"prev_content":{"membership":"invite"}}}`, self, self)
	for name, c := range map[string]struct {
		last  string
		pages map[string]string
		batch string
		want  []string
	}{
		"to the last event seen": {"$seen", map[string]string{
			"p1": page("p2", says("$3", "!iis three"), says("$4", "!iis four"), says("$5", "chat")),
			"p2": page("p3", says("$0", "!iis long answered"), says("$seen", "chat"), says("$1", "!iis one"), says("$2", "!iis two")),
		}, limited(says("$6", "!iis six")), []string{"one", "two", "three", "four", "six"}},
		"to the bot's arrival": {"", map[string]string{
			"p1": page("p2", says("$0", "!iis before"), arrival, says("$1", "!iis one")),
		}, limited(says("$6", "!iis six")), []string{"one", "six"}},
		"to the beginning": {"", map[string]string{"p1": page("", says("$1", "!iis one"))}, limited(says("$6", "!iis six")), []string{"one", "six"}},
		"no page helps":    {"", map[string]string{"p1": page("p1", says("$1", "!iis one"))}, limited(says("$6", "!iis six")), []string{"one", "six"}},
		"the arrival is in the timeline": {
			"",
			map[string]string{"p1": page("", says("$1", "!iis one"))},
			limited(says("$5", "!iis before") + "," + arrival + "," + says("$6", "!iis six")),
			[]string{"six"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			s.values["matrix/"+self+" welcome/"+room] = "done"
			if c.last != "" {
				s.values["matrix/"+self+" last/"+room] = c.last
			}
			h.messages, h.batches = c.pages, []string{c.batch}
			e := &ear{h: h}
			listen(t, newClient(t, h, s), e)
			h.settled(t, "s1")
			if diff := cmp.Diff(c.want, e.texts()); diff != "" {
				t.Errorf("heard (-want +got):\n%s", diff)
			}
			if got := s.value("last/" + room); got != "$6" {
				t.Errorf("last event kept: got %q, want $6", got)
			}
		})
	}
}

func TestAnEndlessGapIsGivenUp(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	for p := range 50 {
		var events []string
		for i := range 100 {
			events = append(events, says(fmt.Sprintf("$%d-%d", p, i), "!iis x"))
		}
		h.messages[fmt.Sprintf("p%d", p)] = fmt.Sprintf(`{"start":"x","end":"p%d","chunk":[%s]}`, p+1, strings.Join(events, ","))
	}
	h.batches = []string{fmt.Sprintf(`"rooms":{"join":{%q:{"timeline":{"limited":true,"prev_batch":"p0","events":[%s]}}}}`, room, says("$last", "hi"))}
	e := &ear{h: h}
	listen(t, newClient(t, h, s), e)
	h.settled(t, "s1")
	if got := len(e.texts()); got != 3000 {
		t.Errorf("messages from an endless gap: got %d, want 3000", got)
	}
}

func inviteBatch(inviter string, more ...string) string {
	events := append([]string{fmt.Sprintf(`{"type":"m.room.member","sender":%q,"state_key":%q,"content":{"membership":"invite"}}`, inviter, self)}, more...)
	return fmt.Sprintf(`"rooms":{"invite":{"!room:allowed.example":{"invite_state":{"events":[%s]}}}}`, strings.Join(events, ","))
}

func TestWhoMayInvite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		allow   []string
		inviter string
		joined  bool
	}{
		{nil, "@a:allowed.example", false},
		{[]string{"*"}, "@a:anywhere.example", true},
		{[]string{"allowed.example"}, "@a:allowed.example", true},
		{[]string{"Allowed.Example"}, "@a:allowed.example", true},
		{[]string{"allowed.example"}, "@a:evil.example", false}, // though the room ID says allowed.example
		{[]string{"allowed.example"}, "@a:notallowed.example", false},
		{[]string{"allowed.example"}, "@allowed.example:evil.example", false},
		{[]string{"allowed.example"}, "@a:allowed.example:8448", false},
		{[]string{"allowed.example:8448"}, "@a:allowed.example:8448", true},
		{[]string{"@a:b.example"}, "@a:b.example", true},
		{[]string{"@a:b.example"}, "@c:b.example", false},
		{[]string{"@a:b.example"}, "@A:b.example", false},
		{[]string{""}, "@a:", false},
		{[]string{""}, "a", false},
	} {
		t.Run(fmt.Sprintf("%q invites, %q may", c.inviter, c.allow), func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.batches = []string{inviteBatch(c.inviter), inviteBatch(c.inviter)} // Dendrite says it twice
			listen(t, newClient(t, h, started(), func(o *matrix.Options) { o.AllowInvites = c.allow }), &ear{h: h})
			h.settled(t, "s2")
			if got := h.count("join") > 0; got != c.joined {
				t.Errorf("joined: got %t, want %t", got, c.joined)
			}
			if got := h.count("leave") > 0; got == c.joined {
				t.Errorf("declined: got %t, want %t", got, !c.joined)
			}
		})
	}
}

func TestAnInviteFromAfarIsDeclinedPlainly(t *testing.T) {
	t.Parallel()
	h := newHS(t)
	h.remote, h.batches = true, []string{inviteBatch("@x:evil.example")}
	listen(t, newClient(t, h, started()), &ear{h: h})
	h.settled(t, "s1")
	if len(h.reasons) != 1 || h.count("plain leave") != 1 {
		t.Errorf("got %d plain leaves, reasons %q, want one with a reason", h.count("plain leave"), h.reasons)
	}
}

func arrivalBatch() string {
	return joinBatch(fmt.Sprintf(`{"type":"m.room.member","event_id":"$me","sender":%q,"state_key":%q,"origin_server_ts":1795000000000,"content":{"membership":"join"},"unsigned":{"prev_content":{"membership":"invite"}}}`, self, self))
}

func TestARoomIsGreetedOnce(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.batches = []string{arrivalBatch(), arrivalBatch()}
	listen(t, newClient(t, h, s), &ear{h: h})
	h.settled(t, "s2")
	got := h.posts()
	if len(got) != 1 {
		t.Fatalf("got %d posts, want one greeting", len(got))
	}
	if body := got[0].Content["body"].(string); got[0].Content["msgtype"] != "m.notice" || !strings.Contains(body, "!iis help") {
		t.Errorf("greeting: got %v, want a notice that names the prefix and help", got[0].Content)
	}
}

const encryption = `{"type":"m.room.encryption","event_id":"$enc","sender":"@alice:hs.example","state_key":"","origin_server_ts":1795000000000,"content":{"algorithm":"m.megolm.v1.aes-sha2"}}`

// TestNothingEverGoesIntoAnEncryptedRoom is acceptance 48 and 49 without keys.
func TestNothingEverGoesIntoAnEncryptedRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		batch     string
		encrypted string
		joined    bool
	}{
		"invite says so":          {inviteBatch(alice, encryption), "", false},
		"its state says so":       {arrivalBatch(), `{"algorithm":"m.megolm.v1.aes-sha2"}`, true},
		"it says so with us":      {strings.Replace(arrivalBatch(), `"events":[`, `"events":[`+encryption+",", 1), "", true},
		"switched on later":       {joinBatch(says("$1", "hi"), encryption), "", true},
		"state before a timeline": {fmt.Sprintf(`"rooms":{"join":{%q:{"state":{"events":[%s]}}}}`, room, encryption), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			h.batches, h.encrypted = []string{c.batch}, c.encrypted
			client := newClient(t, h, s)
			listen(t, client, &ear{h: h})
			h.settled(t, "s1")
			h.mu.Lock()
			reasons := slices.Clone(h.reasons)
			h.encrypted = "" // a state that forgets is not believed
			h.mu.Unlock()
			if len(reasons) != 1 || !strings.Contains(reasons[0], "encrypted rooms") {
				t.Errorf("reasons for leaving: got %q, want one that speaks of encrypted rooms", reasons)
			}
			to := room
			if !c.joined {
				to = "!room:allowed.example"
			}
			for _, restarted := range []*matrix.Client{client, newClient(t, h, s)} {
				_, err := restarted.Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: to}, Reply: bot.Say("secret"), Key: "k"})
				if outcome(err) != bot.Refused {
					t.Errorf("Post: got %v, want refused", err)
				}
			}
			if got := h.posts(); len(got) != 0 || h.count("send") != 0 {
				t.Errorf("got %d sends, want none", h.count("send"))
			}
		})
	}
}

func TestNothingGoesIntoARoomThatMayBeEncrypted(t *testing.T) {
	t.Parallel()
	h := newHS(t)
	h.encrypted = "error"
	_, err := newClient(t, h, started()).Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("x"), Key: "k"})
	if err == nil || outcome(err) != bot.NotSent || !strings.Contains(err.Error(), room) {
		t.Errorf("Post: got %v, want not sent, naming the room", err)
	}
	if got := h.count("send"); got != 0 {
		t.Errorf("got %d sends, want none", got)
	}
}

func outcome(err error) bot.Outcome { o, _ := bot.OutcomeOf(err); return o }

func TestWhatAFailedSendMeans(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		want   bot.Outcome
		after  time.Duration
	}{
		"rate limit, header":        {answer{status: 429, body: `{"errcode":"M_LIMIT_EXCEEDED"}`, header: "7"}, bot.NotSent, 7 * time.Second},
		"rate limit, body":          {answer{status: 429, body: `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}`}, bot.NotSent, 1500 * time.Millisecond},
		"rate limit, neither":       {answer{status: 429, body: `{"errcode":"M_LIMIT_EXCEEDED"}`}, bot.NotSent, 0},
		"rate limit, absurd":        {answer{status: 429, body: `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1e15}`}, bot.NotSent, time.Hour},
		"rate limit of a proxy":     {answer{status: 429, body: `slow down`, header: "3"}, bot.NotSent, 3 * time.Second},
		"forbidden":                 {answer{status: 403, body: `{"errcode":"M_FORBIDDEN","error":"not in room"}`}, bot.Gone, 0},
		"not found":                 {answer{status: 404, body: `{"errcode":"M_NOT_FOUND"}`}, bot.Gone, 0},
		"forbidden by a proxy":      {answer{status: 403, body: `<html>`}, bot.NotSent, 0},
		"not found by a proxy":      {answer{status: 404, body: `<html>`}, bot.NotSent, 0},
		"too large":                 {answer{status: 413, body: `{"errcode":"M_TOO_LARGE"}`}, bot.Refused, 0},
		"too large for a proxy":     {answer{status: 413, body: `<html>`}, bot.Refused, 0},
		"bad JSON":                  {answer{status: 400, body: `{"errcode":"M_BAD_JSON"}`}, bot.Refused, 0},
		"a policy server says no":   {answer{status: 400, body: `{"errcode":"ORG.MATRIX.POLICY"}`}, bot.Refused, 0},
		"internal error":            {answer{status: 500, body: `{"errcode":"M_UNKNOWN"}`}, bot.Unknown, time.Second},
		"bad gateway":               {answer{status: 502, body: `<html>`}, bot.Unknown, time.Second},
		"unavailable, with a time":  {answer{status: 503, body: ``, header: "30"}, bot.Unknown, 30 * time.Second},
		"timeout at the other side": {answer{status: 408, body: ``}, bot.Unknown, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.refuse = []answer{c.answer}
			_, err := newClient(t, h, started()).Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("x"), Key: "k"})
			if o, after := bot.OutcomeOf(err); err == nil || o != c.want || after != c.after {
				t.Errorf("got %v (%v, after %v), want %v, after %v", err, o, after, c.want, c.after)
			}
			if got := h.count("send"); got != 1 {
				t.Errorf("got %d sends, want one: the caller repeats", got)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		h := newHS(t)
		client := newClient(t, h, started())
		h.Close()
		if _, err := client.Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("x"), Key: "k"}); outcome(err) != bot.NotSent {
			t.Errorf("got %v, want not sent", err)
		}
	})
	t.Run("another platform's room", func(t *testing.T) {
		t.Parallel()
		if _, err := newClient(t, newHS(t), started()).Post(t.Context(), bot.Post{Room: bot.Room{Platform: "slack", ID: "C1"}, Reply: bot.Say("x"), Key: "k"}); outcome(err) != bot.Refused {
			t.Errorf("got %v, want refused", err)
		}
	})
}

func TestAnEmptyReplySendsNothing(t *testing.T) {
	t.Parallel()
	h := newHS(t)
	for _, r := range []bot.Reply{nil, {bot.List{}}, {bot.Quotation{}}} {
		if receipt, err := newClient(t, h, started()).Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: r, Key: "k"}); err != nil || receipt.ID != "" {
			t.Errorf("Post %v: got %v, %v, want nothing", r, receipt, err)
		}
	}
	if got := h.count("send"); got != 0 {
		t.Errorf("got %d sends, want none", got)
	}
}

// TestAThreadThatIsRefusedBecomesAReply is acceptance 10.
func TestAThreadThatIsRefusedBecomesAReply(t *testing.T) {
	t.Parallel()
	h := newHS(t)
	h.refuse = []answer{{status: 400, body: `{"errcode":"M_UNKNOWN","error":"Cannot start threads from an event with a relation"}`}}
	if _, err := newClient(t, h, started()).Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Thread: "$q", Reply: bot.Say("x"), Key: "k"}); err != nil {
		t.Fatal(err)
	}
	got := h.posts()
	if len(got) != 1 {
		t.Fatalf("got %d posts, want one", len(got))
	}
	if diff := cmp.Diff(any(map[string]any{"m.in_reply_to": map[string]any{"event_id": "$q"}}), got[0].Content["m.relates_to"]); diff != "" {
		t.Errorf("relation (-want +got):\n%s", diff)
	}
}

func TestADoubtfulPostIsLookedForBeforeItIsRepeated(t *testing.T) {
	t.Parallel()
	post := bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Thread: "$q", Reply: bot.Say("x"), Key: "k", Since: time.UnixMilli(1795000000000)}
	name := posted(t, post)[0].Txn
	event := func(sender, delivery string) string {
		return `{"start":"a","chunk":[` + message("$there", sender, map[string]any{"msgtype": "m.notice", "body": "x", "org.rapporteur.delivery": delivery}) + `]}`
	}
	for caseName, c := range map[string]struct {
		relations, messages string
		sends               int
	}{
		"in the thread":           {event(self, name), `{"start":"a","chunk":[]}`, 0},
		"in the room":             {`{"chunk":[]}`, event(self, name), 0},
		"nowhere":                 {`{"chunk":[]}`, `{"start":"a","chunk":[]}`, 1},
		"somebody else copied it": {event(alice, name), event(alice, name), 1},
		"another delivery":        {event(self, "other"), event(self, "other"), 1},
	} {
		t.Run(caseName, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.relations, h.messages[""] = c.relations, c.messages
			doubtful := post
			doubtful.Doubtful = true
			receipt, err := newClient(t, h, started()).Post(t.Context(), doubtful)
			want := "$there"
			if c.sends > 0 {
				want = "$e0"
			}
			if err != nil || receipt.ID != want || h.count("send") != c.sends {
				t.Errorf("got %v, %v with %d sends, want %s with %d", receipt, err, h.count("send"), want, c.sends)
			}
		})
	}
	t.Run("nobody can look", func(t *testing.T) {
		t.Parallel()
		h := newHS(t)
		h.relations = `<html>` // no JSON
		doubtful := post
		doubtful.Doubtful = true
		if _, err := newClient(t, h, started()).Post(t.Context(), doubtful); outcome(err) != bot.Unknown || h.count("send") != 0 {
			t.Errorf("got %v with %d sends, want unknown and none", err, h.count("send"))
		}
	})
	for own, failure := range map[string]answer{
		"after our own failure":               {status: 504, body: `<html>`, stored: true},
		"after an answer that cannot be read": {status: 200, body: `<html>`, stored: true},
	} {
		t.Run(own, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.refuse = []answer{failure}
			h.relations, h.messages[""] = event(self, name), `{"start":"a","chunk":[]}`
			client := newClient(t, h, started())
			if _, err := client.Post(t.Context(), post); outcome(err) != bot.Unknown {
				t.Errorf("first attempt: got %v, want unknown", err)
			}
			h.mu.Lock()
			h.sent = nil // the homeserver restarts and forgets its transactions
			h.mu.Unlock()
			if receipt, err := client.Post(t.Context(), post); err != nil || receipt.ID != "$there" || h.count("send") != 1 {
				t.Errorf("second attempt: got %v, %v with %d sends, want $there with one", receipt, err, h.count("send"))
			}
		})
	}
}

func TestARevokedTokenIsRenewedInTheMiddleOfAPost(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.token, h.relations = "revoked", `{"chunk":[]}`
	receipt, err := newClient(t, h, s).Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Thread: "$q", Reply: bot.Say("x"), Key: "k"})
	if err != nil || receipt.ID == "" || h.count("login") != 1 || h.devices[0] != "DEV" || s.value("access_token") != h.token {
		t.Errorf("got %v, %v after %d logins as %q, want it posted after one login as DEV", receipt, err, h.count("login"), h.devices)
	}
	if got := h.count("relations"); got != 1 {
		t.Errorf("looked %d times for the post, want once: a new token is unknown to the homeserver's memory", got)
	}
}

func TestWhatPeopleSayNeverReachesTheLog(t *testing.T) {
	t.Parallel()
	const planted = "planted-canary"
	h, log := newHS(t), &buffer{}
	h.batches = []string{joinBatch(says("$1", "!iis "+planted)), inviteBatch("@x:evil.example")}
	h.refuse = []answer{{status: 500, body: `{"errcode":"M_UNKNOWN"}`}, {status: 200, body: `no JSON`}, {status: 403, body: `{"errcode":"M_FORBIDDEN"}`}}
	e := &ear{h: h, fail: func(n int) error {
		if n == 1 {
			return errors.New("busy")
		}
		return nil
	}}
	s := &state{values: map[string]string{"matrix/" + self + " since": "s0"}}
	client := newClient(t, h, s, func(o *matrix.Options) {
		o.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	listen(t, client, e)
	h.settled(t, "s2")
	for i := range 4 {
		_, _ = client.Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say(planted), Key: strconv.Itoa(i)})
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, _ = client.Post(stopped, bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say(planted), Key: "stopped"})
	text := log.String()
	for _, secret := range []string{planted, "right", s.value("access_token")} {
		if strings.Contains(text, `"`+secret) || strings.Contains(text, " "+secret) {
			t.Errorf("the log holds %q, want it never to:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, "matrix sync interrupted") {
		t.Errorf("got the log\n%s\nwant what went wrong in it", text)
	}
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
