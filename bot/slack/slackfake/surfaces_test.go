package slackfake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot/slack/slackfake"
)

const token = "xoxb-fake"

// ask calls a method without a network.
func ask(t *testing.T, s *slackfake.Server, method, token string, form url.Values) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.APIURL()+method, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{Transport: s.Transport()}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return answer
}

func code(answer map[string]any) string {
	c, _ := answer["error"].(string)
	return c
}

func modal(callback, blocks string) string {
	return fmt.Sprintf(`{"type":"modal","callback_id":%q,"title":{"type":"plain_text","text":"T"},"submit":{"type":"plain_text","text":"Go"},"blocks":[%s]}`, callback, blocks)
}

const (
	line  = `{"type":"section","text":{"type":"plain_text","text":"line"}}`
	input = `{"type":"input","block_id":"b","label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input","action_id":"a","initial_value":"first"}}`
)

// answering is an app that answers every request with a body.
func answering(s *slackfake.Server, body string) *app {
	a := &app{answer: func(_ int, w http.ResponseWriter) { _, _ = io.WriteString(w, body) }}
	s.DeliverTo("http://app.example/", slackfake.InMemory(a))
	return a
}

func TestModalsWantAFreshTriggerOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := offline(t, slackfake.Config{})
		answering(s, "")
		open := func(trigger string) string {
			return code(ask(t, s, "views.open", token, url.Values{"trigger_id": {trigger}, "view": {modal("c", line)}}))
		}
		v, err := s.GlobalShortcut("c", "U1")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"", "exchanged_trigger_id"} {
			if got := open(v.TriggerID); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		late, err := s.GlobalShortcut("c", "U1")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		if got := open(late.TriggerID); got != "expired_trigger_id" {
			t.Errorf("after 4 s: got %q, want expired_trigger_id", got)
		}
		if got := open("made up"); got != "invalid_trigger_id" {
			t.Errorf("made up: got %q, want invalid_trigger_id", got)
		}
		if got := s.Modals("U1"); len(got) != 1 || got[0].Visible() != "line" {
			t.Errorf("got modals %+v, want one", got)
		}
	})
}

func TestViewsAreCheckedAndStacked(t *testing.T) {
	t.Parallel()
	s := offline(t, slackfake.Config{})
	answering(s, "")
	trigger := func() string {
		v, err := s.GlobalShortcut("c", "U1")
		if err != nil {
			t.Fatal(err)
		}
		return v.TriggerID
	}
	long := strings.Repeat("x", 25)
	for name, view := range map[string]string{
		"title of 25":            strings.Replace(modal("c", line), `"T"`, `"`+long+`"`, 1),
		"submit of 25":           strings.Replace(modal("c", line), `"Go"`, `"`+long+`"`, 1),
		"101 blocks":             modal("c", strings.TrimSuffix(strings.Repeat(line+",", 101), ",")),
		"input without a submit": strings.Replace(modal("c", input), `"submit":{"type":"plain_text","text":"Go"},`, "", 1),
		"long metadata":          strings.Replace(modal("c", line), `"type":"modal"`, `"type":"modal","private_metadata":"`+strings.Repeat("x", 3001)+`"`, 1),
		"a home":                 strings.Replace(modal("c", line), `"modal"`, `"home"`, 1),
	} {
		if got := code(ask(t, s, "views.open", token, url.Values{"trigger_id": {trigger()}, "view": {view}})); got != "invalid_arguments" {
			t.Errorf("%s: got %q, want invalid_arguments", name, got)
		}
	}
	for i, want := range []string{"", "", "", "push_limit_reached"} {
		method := "views.push"
		if i == 0 {
			method = "views.open"
		}
		if got := code(ask(t, s, method, token, url.Values{"trigger_id": {trigger()}, "view": {modal("c", line)}})); got != want {
			t.Errorf("view %d: got %q, want %q", i+1, got, want)
		}
	}
	top := s.Modals("U1")[2]
	for _, c := range []struct{ hash, want string }{{top.Hash, ""}, {top.Hash, "hash_conflict"}, {"", ""}} {
		if got := code(ask(t, s, "views.update", token, url.Values{"view_id": {top.ID}, "hash": {c.hash}, "view": {modal("c", line)}})); got != c.want {
			t.Errorf("update with hash %q: got %q, want %q", c.hash, got, c.want)
		}
	}
	home := `{"type":"home","blocks":[` + line + `]}`
	if got := code(ask(t, s, "views.publish", token, url.Values{"user_id": {"U1"}, "view": {home}})); got != "" {
		t.Errorf("publish: got %q, want it published", got)
	}
	if v, is := s.Home("U1"); !is || v.Visible() != "line" {
		t.Errorf("got home %+v, want the published one", v)
	}
}

func TestSubmissionIsAnsweredInTheAcknowledgement(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, answer string
		check        func([]slackfake.View) bool
	}{
		{"nothing closes it", "", func(v []slackfake.View) bool { return len(v) == 0 }},
		{"errors keep it", `{"response_action":"errors","errors":{"b":"no"}}`, func(v []slackfake.View) bool { return len(v) == 1 && v[0].Errors["b"] == "no" }},
		{"update replaces it", `{"response_action":"update","view":` + modal("next", line) + `}`, func(v []slackfake.View) bool { return len(v) == 1 && v[0].CallbackID == "next" }},
		{"push lies on it", `{"response_action":"push","view":` + modal("next", line) + `}`, func(v []slackfake.View) bool { return len(v) == 2 && v[1].Previous == v[0].ID }},
		{"clear closes all", `{"response_action":"clear"}`, func(v []slackfake.View) bool { return len(v) == 0 }},
		{"nonsense leaves it", `{`, func(v []slackfake.View) bool { return len(v) == 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := offline(t, slackfake.Config{})
				a := answering(s, c.answer)
				v, err := s.GlobalShortcut("c", "U1")
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				ask(t, s, "views.open", token, url.Values{"trigger_id": {v.TriggerID}, "view": {modal("c", input)}})
				if _, err := s.Submit(s.Modals("U1")[0].ID, map[string]map[string]any{}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if got := s.Modals("U1"); !c.check(got) {
					t.Errorf("got modals %+v", got)
				}
				_, bodies := a.requests()
				if form, _ := url.ParseQuery(bodies[1]); !strings.Contains(form.Get("payload"), `"value":"first"`) {
					t.Errorf("got %s, want what the view offers as initial", form.Get("payload"))
				}
			})
		})
	}
}

func TestStreamsLiveFiveMinutesUnlessThePersonStopsThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := offline(t, slackfake.Config{})
		answering(s, "")
		channel, ts := s.DM("U1", "hello")
		begin := func() string {
			answer := ask(t, s, "chat.startStream", token, url.Values{"channel": {channel}, "thread_ts": {ts}})
			stamp, _ := answer["ts"].(string)
			if stamp == "" {
				t.Fatalf("start: got %v, want a ts", answer)
			}
			return stamp
		}
		grow := func(method, stamp string, more url.Values) string {
			form := url.Values{"channel": {channel}, "ts": {stamp}}
			maps.Copy(form, more)
			return code(ask(t, s, method, token, form))
		}
		one := begin()
		if got := grow("chat.update", one, url.Values{"text": {"x"}}); got != "streaming_state_conflict" {
			t.Errorf("update while streaming: got %q, want streaming_state_conflict", got)
		}
		if got := grow("chat.appendStream", one, url.Values{"chunks": {`[{"type":"blocks","blocks":[` + line + `]}]`}}); got != "" {
			t.Errorf("append: got %q, want none", got)
		}
		if got := grow("chat.stopStream", one, url.Values{"metadata": {`{"event_type":"e","event_payload":{"delivery":"d"}}`}}); got != "" {
			t.Errorf("stop: got %q, want none", got)
		}
		if got := grow("chat.appendStream", one, nil); got != "message_not_in_streaming_state" {
			t.Errorf("append after stop: got %q", got)
		}
		two := begin()
		s.StopSession(channel, ts, "U1")
		if got := grow("chat.appendStream", two, nil); got != "stopped_by_user" {
			t.Errorf("append after the person's stop: got %q", got)
		}
		three := begin()
		time.Sleep(5 * time.Minute)
		if got := grow("chat.appendStream", three, nil); got != "message_not_in_streaming_state" {
			t.Errorf("append after five minutes: got %q", got)
		}
		posts := s.Posts()
		if len(posts) != 3 || posts[0].Visible() != "line" || posts[0].Delivery("delivery") != "d" {
			t.Errorf("got posts %+v, want three, the first with blocks and metadata", posts)
		}
		if got := code(ask(t, s, "chat.startStream", token, url.Values{"channel": {"C1"}, "thread_ts": {ts}})); got != "missing_recipient_user_id" {
			t.Errorf("a stream to nobody in a channel: got %q", got)
		}
	})
}

func TestAgentSurface(t *testing.T) {
	t.Parallel()
	s := offline(t, slackfake.Config{})
	answering(s, "")
	channel := s.OpenHome("U1", "messages")
	prompt := `{"title":"t","message":"m"}`
	for _, c := range []struct {
		method, want string
		form         url.Values
	}{
		{"assistant.threads.setSuggestedPrompts", "", url.Values{"prompts": {"[" + prompt + "]"}}},
		{"assistant.threads.setSuggestedPrompts", "invalid_arguments", url.Values{"prompts": {"[" + strings.Repeat(prompt+",", 4) + prompt + "]"}}},
		{"assistant.threads.setStatus", "", url.Values{"thread_ts": {"1.000001"}, "status": {"is reading"}}},
		{"assistant.threads.setTitle", "invalid_arguments", url.Values{"thread_ts": {"1.000001"}, "title": {strings.Repeat("x", 201)}}},
		{"agents.sessions.setStatus", "thread_ts_required", url.Values{"status": {"processing"}}},
		{"agents.sessions.setStatus", "invalid_arguments", url.Values{"thread_ts": {"1.000001"}, "status": {"asleep"}}},
		{"agents.sessions.setStatus", "", url.Values{"thread_ts": {"1.000001"}, "status": {"processing"}, "title": {"T"}}},
		{"agents.sessions.setStatus", "", url.Values{"thread_ts": {"1.000001"}, "status": {"active"}, "title": {"ignored"}}},
	} {
		c.form.Set("channel_id", channel)
		if got := code(ask(t, s, c.method, token, c.form)); got != c.want {
			t.Errorf("%s %v: got %q, want %q", c.method, c.form, got, c.want)
		}
	}
	if got := s.Sessions(channel, "1.000001"); !slices.Equal(got, []string{"processing", "active"}) || s.Title(channel, "1.000001") != "T" {
		t.Errorf("got states %q and title %q", got, s.Title(channel, "1.000001"))
	}
	if s.Status(channel, "1.000001") != "is reading" || len(s.Prompts(channel, "")) != 1 {
		t.Errorf("got status %q and prompts %v", s.Status(channel, "1.000001"), s.Prompts(channel, ""))
	}
	plain := offline(t, slackfake.Config{NoAgent: true})
	if got := code(ask(t, plain, "chat.startStream", token, url.Values{"channel": {"C1"}})); got != "not_agent_app" {
		t.Errorf("an app that is no agent: got %q, want not_agent_app", got)
	}
}

func TestTokensAreGrantedRotatedAndRevoked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := offline(t, slackfake.Config{Rotation: true})
		a := answering(s, "")
		form := func(more url.Values) url.Values {
			more.Set("client_id", "client")
			more.Set("client_secret", "client-secret")
			return more
		}
		c := s.Code(slackfake.Grant{Team: "T2", User: "U1"})
		answer := ask(t, s, "oauth.v2.access", "", form(url.Values{"code": {c}}))
		access, _ := answer["access_token"].(string)
		refresh, _ := answer["refresh_token"].(string)
		if got := code(ask(t, s, "oauth.v2.access", "", form(url.Values{"code": {c}}))); got != "invalid_code" {
			t.Errorf("a code used twice: got %q, want invalid_code", got)
		}
		if got := ask(t, s, "auth.test", access, nil)["team_id"]; got != "T2" {
			t.Errorf("got the token of %v, want T2", got)
		}
		time.Sleep(13 * time.Hour)
		if got := code(ask(t, s, "auth.test", access, nil)); got != "token_expired" {
			t.Errorf("after 13 hours: got %q, want token_expired", got)
		}
		next := ask(t, s, "oauth.v2.access", "", form(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}))
		access, _ = next["access_token"].(string)
		if got := code(ask(t, s, "auth.test", access, nil)); got != "" {
			t.Errorf("the new token: got %q, want it good", got)
		}
		if got := code(ask(t, s, "oauth.v2.access", "", form(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}))); got != "invalid_refresh_token" {
			t.Errorf("a refresh token used twice: got %q", got)
		}
		s.Uninstall("T2", true)
		synctest.Wait()
		if got := code(ask(t, s, "auth.test", access, nil)); got != "token_revoked" {
			t.Errorf("after the uninstall: got %q", got)
		}
		if _, bodies := a.requests(); len(bodies) != 2 || !strings.Contains(bodies[0]+bodies[1], "app_uninstalled") || !strings.Contains(bodies[0], `"team_id":"T2"`) {
			t.Errorf("got %q, want both events of T2", bodies)
		}
	})
}

func TestPeopleLinksAndResponses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := offline(t, slackfake.Config{})
		a := answering(s, "")
		s.AddUser(slackfake.User{ID: "U1", TZ: "Asia/Kathmandu", Locale: "de-DE", Guest: true})
		s.AddUserGroup(slackfake.UserGroup{ID: "S1", Handle: "desk", Users: []string{"U1"}})
		user, _ := ask(t, s, "users.info", token, url.Values{"user": {"U1"}, "include_locale": {"true"}})["user"].(map[string]any)
		if user["tz"] != "Asia/Kathmandu" || user["locale"] != "de-DE" || user["is_restricted"] != true {
			t.Errorf("got %v, want zone, locale and guest", user)
		}
		if got := ask(t, s, "usergroups.users.list", token, url.Values{"usergroup": {"S1"}})["users"]; fmt.Sprint(got) != "[U1]" {
			t.Errorf("got members %v, want U1", got)
		}
		ts := s.ShareLinks("C1", "U1", "https://docs.un.org/A/1", "https://docs.un.org/A/2")
		preview := func(link string) string {
			return code(ask(t, s, "chat.unfurl", token, url.Values{"channel": {"C1"}, "ts": {ts}, "unfurls": {fmt.Sprintf(`{%q:{"blocks":[%s]}}`, link, line)}}))
		}
		if preview("https://docs.un.org/A/2") != "" || preview("https://evil.example/") != "cannot_unfurl_url" {
			t.Error("want the links of the message unfurled and no others")
		}
		s.ChangeUser(slackfake.User{ID: "U1", TZ: "UTC"})
		synctest.Wait()
		if _, bodies := a.requests(); len(bodies) != 2 || !strings.Contains(bodies[0]+bodies[1], `"user_change"`) {
			t.Errorf("got %q, want link_shared and user_change", bodies)
		}
		// A button of an ephemeral message, which the app then takes away.
		button := `[{"type":"actions","elements":[{"type":"button","action_id":"x","text":{"type":"plain_text","text":"X"}}]}]`
		ask(t, s, "chat.postEphemeral", token, url.Values{"channel": {"C1"}, "user": {"U1"}, "text": {"x"}, "blocks": {button}})
		v, err := s.Press(s.Ephemerals()[0].TS, "x", "U1")
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: s.Transport()}).Post(v.ResponseURL, "application/json", strings.NewReader(`{"delete_original":true}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if !s.Ephemerals()[0].Deleted {
			t.Error("got the message still there, want it taken away")
		}
	})
}
