package matrix_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

// TestARoomWhoseMakingHadNoAnswerIsFound breaks the connection when the homeserver has
// made a direct room, or before it has: the person is invited once, also by the next
// process.
func TestARoomWhoseMakingHadNoAnswerIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ made, restart bool }{
		"made":                      {true, false},
		"made, and a process later": {true, true},
		"not made":                  {false, false},
		"not made, a process later": {false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newHS(t), started()
			var rooms []string // made, in order
			breaks := true
			const v3 = "/_matrix/client/v3"
			mux := http.NewServeMux()
			mux.HandleFunc("POST "+v3+"/createRoom", func(w http.ResponseWriter, r *http.Request) {
				h.mu.Lock()
				defer h.mu.Unlock()
				var body struct {
					Invite  []string
					Content json.RawMessage `json:"creation_content"`
				}
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.Invite) != 1 || body.Invite[0] != alice {
					t.Errorf("got %+v, %v, want a room for alice", body, err)
				}
				broken := breaks
				breaks = false
				if !broken || c.made {
					made := fmt.Sprintf("!direct%d:hs.example", len(rooms))
					rooms = append(rooms, made)
					h.state[made+" m.room.create"] = string(body.Content)
				}
				if broken {
					panic(http.ErrAbortHandler)
				}
				reply(w, 200, `{"room_id":"`+rooms[len(rooms)-1]+`"}`)
			})
			mux.HandleFunc("GET "+v3+"/joined_rooms", func(w http.ResponseWriter, _ *http.Request) {
				h.mu.Lock()
				defer h.mu.Unlock()
				data, _ := json.Marshal(map[string]any{"joined_rooms": append([]string{room}, rooms...)})
				reply(w, 200, string(data))
			})
			mux.HandleFunc("GET "+v3+"/rooms/{room}/members", func(w http.ResponseWriter, _ *http.Request) {
				reply(w, 200, fmt.Sprintf(`{"chunk":[{"type":"m.room.member","state_key":%q,"content":{"membership":"join"}},{"type":"m.room.member","state_key":%q,"content":{"membership":"invite"}}]}`, self, alice))
			})
			mux.HandleFunc(v3+"/user/{user}/account_data/m.direct", func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPut {
					reply(w, 200, `{}`)
					return
				}
				reply(w, 404, `{"errcode":"M_NOT_FOUND","error":"none"}`)
			})
			mux.Handle("/", h.routes())
			h.Config.Handler = mux
			client := newClient(t, h, s)
			if _, err := client.Direct(t.Context(), alice, bot.Room{}); err == nil {
				t.Fatal("got no error where the connection broke")
			}
			if c.restart {
				client = newClient(t, h, s)
			}
			for range 2 {
				got, err := client.Direct(t.Context(), alice, bot.Room{})
				if err != nil {
					t.Fatal(err)
				}
				if len(rooms) != 1 || got.ID != rooms[0] {
					t.Errorf("got room %s of %q, want the one room", got.ID, rooms)
				}
			}
		})
	}
}

// TestWhatTheBotSaysAloneIsForWhoeverComesInMeanwhile has a person enter an encrypted
// direct room while the bot finds out who is in it.
func TestWhatTheBotSaysAloneIsForWhoeverComesInMeanwhile(t *testing.T) {
	t.Parallel()
	for _, membership := range []string{"invite", "join"} { // by the second question
		t.Run(membership, func(t *testing.T) {
			t.Parallel()
			h := newHS(t)
			h.members, h.encrypted = 1, `{"algorithm":"m.megolm.v1.aes-sha2"}`
			mux := http.NewServeMux()
			mux.HandleFunc("GET /_matrix/client/v3/rooms/{room}/members", func(w http.ResponseWriter, r *http.Request) {
				state := func(user, membership string) string {
					if wanted := r.URL.Query().Get("membership"); wanted != "" && wanted != membership {
						return `{"type":"m.room.member","state_key":"@gone:hs.example","content":{"membership":"leave"}}`
					}
					return fmt.Sprintf(`{"type":"m.room.member","state_key":%q,"content":{"membership":%q}}`, user, membership)
				}
				reply(w, 200, `{"chunk":[`+state(self, "join")+`,`+state(alice, membership)+`,`+state("@bob:hs.example", "leave")+`]}`)
			})
			mux.HandleFunc("PUT /_matrix/client/v3/rooms/{room}/send/m.room.encrypted/{txn}", func(w http.ResponseWriter, _ *http.Request) {
				reply(w, 200, `{"event_id":"$sent"}`)
			})
			mux.Handle("/", h.routes())
			h.Config.Handler = mux
			client := newClient(t, h, started())
			var heard []id.UserID
			client.UseCipher(&matrix.FakeCipher{For: func(members []id.UserID) { heard = members }})
			if _, err := client.Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("x"), Key: "k"}); err != nil {
				t.Fatal(err)
			}
			slices.Sort(heard)
			if want := []id.UserID{alice, self}; !slices.Equal(heard, want) {
				t.Errorf("encrypted for %q, want %q", heard, want)
			}
		})
	}
}
