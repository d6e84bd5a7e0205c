package matrix_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"rapporteur/bot/matrix"
)

// waitFor waits for longer than until does.
func waitFor(t *testing.T, what string, limit time.Duration, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for: %s", limit, what)
		}
	}
}

func limitedBatch(events ...string) string {
	return fmt.Sprintf(`"rooms":{"join":{%q:{"timeline":{"limited":true,"prev_batch":"p1","events":[%s]}}}}`, room, strings.Join(events, ","))
}

// TestAHomeserverThatFailsForLongLosesNoQuestion has requests that reading a room
// needs fail with a Matrix error for longer than any patience.
func TestAHomeserverThatFailsForLongLosesNoQuestion(t *testing.T) {
	t.Parallel()
	for call, batch := range map[string]string{
		"messages": limitedBatch(says("$6", "!iis six")),
		"event":    joinBatch(message("$6", alice, map[string]any{"msgtype": "m.text", "body": "!iis six", "m.relates_to": map[string]any{"m.in_reply_to": map[string]any{"event_id": "$5"}}})),
		"members":  joinBatch(says("$6", "six")),
		"state":    joinBatch(says("$6", "!iis six")),
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			h.members = 2
			h.batches = []string{batch}
			h.broken = map[string]*fault{call: {times: 6 * 3, status: 500, body: `{"errcode":"M_UNKNOWN","error":"database is locked"}`}}
			e := &ear{h: h}
			c := newClient(t, h, s)
			c.Hurry()
			listen(t, c, e)
			h.settled(t, "s1")
			if got := e.texts(); !slices.Equal(got, []string{"six"}) {
				t.Errorf("heard: got %q, want the question once the homeserver works again", got)
			}
		})
	}
}

// TestAGapThatMayNotBeReadTakesNothingWithIt refuses the events before a gap.
func TestAGapThatMayNotBeReadTakesNothingWithIt(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	h.batches = []string{limitedBatch(says("$6", "!iis six"))}
	h.broken = map[string]*fault{"messages": {times: 100, status: 403, body: `{"errcode":"M_FORBIDDEN","error":"not in the room then"}`}}
	e := &ear{h: h}
	listen(t, newClient(t, h, s), e)
	h.settled(t, "s1")
	if got := e.texts(); !slices.Equal(got, []string{"six"}) {
		t.Errorf("heard: got %q, want what is behind the gap", got)
	}
}

// TestAPartThatPanicsIsPutAsideTheThirdTime breaks the keys' part of a batch, and
// a room's part outside of any event.
func TestAPartThatPanicsIsPutAsideTheThirdTime(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"keys", "room"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			h, s, kept := newHS(t), started(), &notes{}
			h.batches = []string{joinBatch(says("$1", "!iis one")), joinBatch(says("$2", "!iis two"))}
			c := newClient(t, h, s, func(o *matrix.Options) { o.Notes = kept })
			poison := func() {
				if s.value("since") == "s0" {
					panic("poison")
				}
			}
			c.Hurry()
			switch part {
			case "keys":
				c.UseCipher(&matrix.FakeCipher{Absorb: poison})
			case "room":
				s.fail = func(key string) error {
					if strings.HasPrefix(key, "last/") && s.values["matrix/"+self+" since"] == "s0" {
						panic("poison")
					}
					return nil
				}
			}
			e := &ear{h: h}
			listen(t, c, e)
			h.settled(t, "s2")
			if got := e.texts(); !slices.Contains(got, "two") || !slices.Contains(got, "one") {
				t.Errorf("heard: got %q, want what does not break", got)
			}
			if found, _ := kept.Notes(t.Context(), "matrix/"+self+"/dead", part); len(found) != 1 {
				t.Errorf("put aside: got %v, want the part %s", found, part)
			}
		})
	}
}

// TestAPartThatFailsForHoursStopsTheOthersNoMore lets the homeserver fail over one
// room for as long as it takes.
func TestAPartThatFailsForHoursStopsTheOthersNoMore(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	ill, own := errors.New("internal server error"), matrix.StoreFailure(errors.New("disk full"))
	kept := &notes{}
	part := matrix.NewPart(func(o *matrix.Options) { o.Notes = kept })
	for _, c := range []struct {
		after time.Duration
		err   error
		aside bool
	}{{0, ill, false}, {time.Hour, ill, false}, {90 * time.Minute, nil, false}, {2 * time.Hour, ill, false}, {3 * time.Hour, own, false}, {5 * time.Hour, ill, true}, {6 * time.Hour, own, false}, {20 * time.Hour, own, false}} {
		err := part.Hope(t.Context(), now.Add(c.after), "room/!r", c.err)
		if aside := err == nil && c.err != nil; aside != c.aside {
			t.Errorf("after %v, %v: got %v, want it put aside: %v", c.after, c.err, err, c.aside)
		}
	}
	if found, _ := kept.Notes(t.Context(), "matrix//dead", "room/!r"); len(found) != 1 {
		t.Errorf("put aside: got %v, want the part once", found)
	}
}

// secret is an encrypted event.
func secret(id, sender string) string {
	return fmt.Sprintf(`{"type":"m.room.encrypted","event_id":%q,"sender":%q,"origin_server_ts":1795000000000,"content":{"algorithm":"m.megolm.v1.aes-sha2","session_id":"s%s","ciphertext":"x","sender_key":"k","device_id":"D"}}`, id, sender, id)
}

// TestAHeldEventThatBreaksTheReaderIsPutAside lets its key come late.
func TestAHeldEventThatBreaksTheReaderIsPutAside(t *testing.T) {
	t.Parallel()
	h, s, kept := newHS(t), started(), &notes{}
	h.batches = []string{joinBatch(secret("$1", alice), secret("$2", alice))}
	c := newClient(t, h, s, func(o *matrix.Options) { o.Notes = kept })
	var mu sync.Mutex
	keys := false
	c.Hurry()
	c.UseCipher(&matrix.FakeCipher{Open: func(evt *event.Event) (*event.Event, error) {
		mu.Lock()
		defer mu.Unlock()
		if !keys {
			return nil, matrix.ErrNoKey
		}
		if evt.ID == "$1" {
			panic("poison")
		}
		clear := &event.Event{}
		err := clear.UnmarshalJSON([]byte(says(evt.ID.String(), "!iis two")))
		clear.RoomID = evt.RoomID
		return clear, err
	}})
	e := &ear{h: h}
	listen(t, c, e)
	h.settled(t, "s1")
	mu.Lock()
	keys = true
	mu.Unlock()
	h.until(t, "the event that can be read", func() bool { return len(e.texts()) > 0 })
	waitFor(t, "the other one to be put aside", 20*time.Second, func() bool {
		dead, _ := kept.Notes(t.Context(), "matrix/"+self+"/dead", "")
		held, _ := kept.Notes(t.Context(), "matrix/"+self+"/held", "")
		return len(dead) == 1 && len(held) == 0
	})
}

// TestAFloodOfUnreadableEventsHoldsUpNothing sends more than are kept.
func TestAFloodOfUnreadableEventsHoldsUpNothing(t *testing.T) {
	t.Parallel()
	h, s, kept := newHS(t), started(), &notes{}
	var flood []string
	for i := range 3000 {
		flood = append(flood, secret(fmt.Sprintf("$x%d", i), fmt.Sprintf("@flood%d:hs.example", i%5)))
	}
	h.batches = []string{joinBatch(flood...), joinBatch(says("$1", "!iis one"))}
	f := &matrix.FakeCipher{}
	c := newClient(t, h, s, func(o *matrix.Options) { o.Notes = kept })
	c.Hurry()
	c.UseCipher(f)
	e := &ear{h: h}
	listen(t, c, e)
	h.settled(t, "s2")
	held, _ := kept.Notes(t.Context(), "matrix/"+self+"/held", "")
	if len(held) > 100 {
		t.Errorf("events kept: got %d, want at most a hundred of one room", len(held))
	}
	waitFor(t, "all to be given up", time.Minute, func() bool {
		held, _ := kept.Notes(t.Context(), "matrix/"+self+"/held", "")
		return len(held) == 0
	})
	decrypts, asked := f.Counts()
	if decrypts > 3000+100*10 || asked > 30 {
		t.Errorf("got %d attempts at decryption and %d requests for keys, want few", decrypts, asked)
	}
}

// TestASenderIsToldAgainWhereTheNoticeWasNotPosted refuses the notice about an
// event that cannot be read: the next process says it.
func TestASenderIsToldAgainWhereTheNoticeWasNotPosted(t *testing.T) {
	t.Parallel()
	h, s, kept := newHS(t), started(), &notes{}
	old := fmt.Sprintf(`{"event":{"room_id":%q,%s,"since":%q}`, room, secret("$1", alice)[1:], time.Now().Add(-time.Minute).Format(time.RFC3339))
	kept.values = map[string]string{"matrix/" + self + "/held " + room + "|$1": old}
	h.batches = []string{joinBatch()}
	h.broken = map[string]*fault{"encryption": {times: 3, status: 502, body: "bad gateway"}}
	c := newClient(t, h, s, func(o *matrix.Options) { o.Notes = kept })
	c.Hurry()
	c.UseCipher(&matrix.FakeCipher{})
	listen(t, c, &ear{h: h})
	h.until(t, "a failed attempt to tell", func() bool { return h.calls["encryption"] > 0 })
	told := "unread/" + room + "/" + alice
	if s.value(told) != "" {
		t.Error("told: got it written down before it was said")
	}
	h.until(t, "the notice", func() bool {
		return slices.ContainsFunc(h.sent, func(s sent) bool { return strings.Contains(s.Raw, "I cannot read this message") })
	})
	waitFor(t, "that to be written down", 20*time.Second, func() bool {
		held, _ := kept.Notes(t.Context(), "matrix/"+self+"/held", "")
		return s.value(told) != "" && len(held) == 0
	})
}

// TestAnInvitationThatCannotBeAcceptedIsKept has the join fail for as long as five
// tries, with an error that is not final.
func TestAnInvitationThatCannotBeAcceptedIsKept(t *testing.T) {
	t.Parallel()
	h, s, kept := newHS(t), started(), &notes{}
	h.batches = []string{inviteBatch(alice), joinBatch(says("$1", "!iis one"))}
	h.broken = map[string]*fault{"join": {times: 3, status: 502, body: `{"errcode":"M_UNKNOWN","error":"the other server does not answer"}`}}
	e := &ear{h: h}
	c := newClient(t, h, s, func(o *matrix.Options) { o.Notes = kept })
	c.Hurry()
	listen(t, c, e)
	h.settled(t, "s2")
	if got := e.texts(); !slices.Equal(got, []string{"one"}) {
		t.Errorf("heard: got %q, want the rooms not to wait for an invitation", got)
	}
	waitFor(t, "the room to be entered", time.Minute, func() bool { return h.count("join") == 4 })
	waitFor(t, "the invitation to be forgotten", time.Minute, func() bool {
		left, _ := kept.Notes(t.Context(), "matrix/"+self+"/invite", "")
		return len(left) == 0
	})
	if !strings.Contains(s.value("entered"), "!room:allowed.example") {
		t.Errorf("entered: got %s, want the room counted", s.value("entered"))
	}
}

// TestInvitationsWaitForEachOtherNot answers twenty invitations of one batch: eight
// joins are under way before any of them ends, and no more rooms are entered than may
// be in an hour.
func TestInvitationsWaitForEachOtherNot(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	var invites []string
	for i := range 20 {
		invites = append(invites, fmt.Sprintf(`"!r%d:hs.example":{"invite_state":{"events":[{"type":"m.room.member","sender":%q,"state_key":%q,"content":{"membership":"invite"}}]}}`, i, alice, self))
	}
	h.batches = []string{`"rooms":{"invite":{` + strings.Join(invites, ",") + `}}`}
	var arrived atomic.Int64
	all := make(chan struct{})
	h.joining = func() {
		if arrived.Add(1) == 8 {
			close(all)
		}
		select {
		case <-all:
		case <-time.After(15 * time.Second):
			t.Error("eight joins are not under way at once")
		}
	}
	listen(t, newClient(t, h, s, func(o *matrix.Options) { o.InvitesPerHour = 10 }), &ear{h: h})
	h.settled(t, "s1")
	if joins, declined := h.count("join"), h.count("leave"); joins != 10 || declined != 10 {
		t.Errorf("got %d joins and %d invitations declined, want ten of each", joins, declined)
	}
}

// TestTheBoundOnInvitationsOutlivesARestart fills the hour by what an earlier
// process accepted.
func TestTheBoundOnInvitationsOutlivesARestart(t *testing.T) {
	t.Parallel()
	h, s := newHS(t), started()
	s.values["matrix/"+self+" entered"] = fmt.Sprintf(`{"!a:x":%[1]q,"!b:x":%[1]q,"!old:x":"2026-01-01T00:00:00Z"}`, time.Now().Add(-30*time.Minute).UTC().Format(time.RFC3339))
	h.batches = []string{inviteBatch(alice)}
	listen(t, newClient(t, h, s, func(o *matrix.Options) { o.InvitesPerHour = 2 }), &ear{h: h})
	h.settled(t, "s1")
	if h.count("join") != 0 || len(h.reasons) != 1 || !strings.Contains(h.reasons[0], "in one hour") {
		t.Errorf("got %d joins and %q, want the third in an hour declined", h.count("join"), h.reasons)
	}
}
