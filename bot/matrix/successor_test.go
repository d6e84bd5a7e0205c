package matrix_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

// mover is a [matrix.Mover] that counts.
type mover struct{ moves []string }

func (m *mover) MoveRoom(_ context.Context, from, to bot.Room) (int, error) {
	m.moves = append(m.moves, from.ID+" to "+to.ID)
	return 1, nil
}

// TestOnlyARealSuccessorIsFollowed closes a room in favour of rooms that name it,
// or do not, as their predecessor (acceptance 54).
func TestOnlyARealSuccessorIsFollowed(t *testing.T) {
	t.Parallel()
	const next = "!next"
	names := `{"predecessor":{"room_id":"` + room + `","event_id":"$t"}}`
	for name, c := range map[string]struct {
		create      string
		closer      string
		most        int
		joins, left int
		moves       int
		before      string // the bot's membership, where it may read the successor before it joins
	}{
		"it names its predecessor":            {names, alice, 10, 1, 0, 1, ""},
		"it names none":                       {`{}`, alice, 10, 1, 1, 0, ""},
		"it names another":                    {`{"predecessor":{"room_id":"!other:hs.example"}}`, alice, 10, 1, 1, 0, ""},
		"who closed the room may not invite":  {names, "@stranger:elsewhere.example", 10, 0, 0, 0, ""},
		"too many rooms were entered already": {names, alice, -1, 0, 0, 0, ""},
		"the bot is in it":                    {names, alice, 10, 0, 0, 1, "join"},
		"the bot has left it":                 {names, alice, 10, 1, 0, 1, "leave"},
		"the whole world may read it":         {names, alice, 10, 1, 0, 1, "none"},
		"a stranger names what may be read":   {names, "@stranger:elsewhere.example", 10, 0, 0, 0, "leave"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s, m := newHS(t), started(), &mover{}
			tomb := fmt.Sprintf(`{"type":"m.room.tombstone","event_id":"$t","sender":%q,"state_key":"","origin_server_ts":1795000000000,"content":{"replacement_room":%q}}`, c.closer, next)
			arrival := fmt.Sprintf(`"rooms":{"join":{%q:{"timeline":{"events":[{"type":"m.room.member","event_id":"$me","sender":%[2]q,"state_key":%[2]q,"origin_server_ts":1795000000000,"content":{"membership":"join"}}]}}}}`, next, self)
			h.batches = []string{joinBatch(tomb)}
			if c.before != "" {
				h.state[next+" m.room.create"] = c.create
			}
			if c.before != "" && c.before != "none" {
				h.state[next+" m.room.member "+self] = fmt.Sprintf(`{"membership":%q}`, c.before)
			}
			h.joined = func(string) { h.state[next+" m.room.create"] = c.create }
			client := newClient(t, h, s, func(o *matrix.Options) { o.Mover, o.InvitesPerHour = m, c.most })
			listen(t, client, &ear{h: h})
			h.settled(t, "s1")
			if c.joins > 0 { // as where a crash came between the join and the leave
				h.change(func() { h.batches = append(h.batches, arrival) })
				h.settled(t, "s2")
			}
			if got := h.count("join"); got != c.joins {
				t.Errorf("joins: got %d, want %d", got, c.joins)
			}
			if got := len(h.reasons); (got > 0) != (c.left > 0) {
				t.Errorf("leaves: got %q, want %d", h.reasons, c.left)
			}
			if len(m.moves) != c.moves {
				t.Errorf("moved: got %q, want %d rooms", m.moves, c.moves)
			}
			for _, post := range h.posts() {
				if c.moves == 0 || !strings.Contains(post.Raw, "came along") {
					t.Errorf("got %s said, want nothing but a notice where the bot has followed", post.Raw)
				}
			}
		})
	}
}
