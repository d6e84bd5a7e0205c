package e2e_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"rapporteur/bot/slack/slackfake"
)

// get reads a page of the bot's.
func get(ctx context.Context, t *testing.T, address string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// TestSlackIsAdministered walks what is left of journey J6: who may subscribe where
// is said in Slack, what was done is told, and how the bot does.
func TestSlackIsAdministered(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	fake := workspace(t)
	health, listen := freeAddress(t), freeAddress(t)
	fake.DeliverTo("http://"+listen+"/slack", nil)
	fake.AddUserGroup(slackfake.UserGroup{ID: "SLAB", Handle: "lab", Users: []string{"ULAB"}})
	startBot(t, "database: "+t.TempDir()+"/bot.db\nadministrators: [\"slack:UADMIN\"]\nhealth: {listen: \""+health+"\"}\nslack:\n  bot_token: "+botToken+
		"\n  api_url: "+fake.APIURL()+"\n  signing_secret: "+fake.SigningSecret()+"\n  listen: "+listen+"\n")
	reachable(ctx, t, "HTTP", fake)
	d := desk{t, ctx, fake}
	shown := 0
	slash := func(user, text string, wants ...string) {
		t.Helper()
		if _, err := fake.Slash("/iis", text, "C5", user); err != nil {
			t.Fatal(err)
		}
		shown++
		d.holds(user+": "+text, d.shown(shown).Visible(), wants...)
	}
	slash("UMEMBER", "admin allow-subscribe <#C5|lab> <!subteam^SLAB|@lab>", "Only administrators", "UADMIN")
	slash("UADMIN", "admin allow-subscribe <#C5|lab> the-lab", "is no person and no user group")
	slash("UADMIN", "admin allow-subscribe <#C5|lab> <!subteam^SLAB|@lab> <@UBOSS|boss>", "in C5", "SLAB", "UBOSS")
	slash("UADMIN", "admin allow-subscribe <#C5|lab>", "In C5", "SLAB, UBOSS")
	slash("UMEMBER", "subscribe digest daily 08:00 UTC", "may not", "the user group SLAB", "UBOSS")
	slash("ULAB", "subscribe digest daily 08:00 UTC", "#1", "08:00")
	slash("UMEMBER", "audit", "Only administrators")
	slash("UADMIN", "audit last 20", "UMEMBER", "admin: refused", "subscribe: refused", "ULAB in slack:C5", "subscribe: Subscribed this room to #1")
	slash("UADMIN", "audit last many", "1 to 100")
	slash("ULAB", `verify "Those who believe themselves to be more advanced must impose anything on the others."`, "ALTERED")
	slash("ULAB", "status", "This room has 1 subscription", "corpus ", "1 document", "in en", "altered 1", "% refused", "slack: listening")
	slash("UADMIN", "admin allow-subscribe <#C5|lab> default", "settings name")
	slash("UMEMBER", "subscribe digest daily 09:00 UTC", "#2", "09:00")

	// A request that Slack has not signed leaves a line.
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+listen+"/slack", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("an unsigned request: got %d, want 401", resp.StatusCode)
	}
	slash("UADMIN", "audit last 5", "signature: a request that Slack has not signed")

	for _, probe := range []string{"/livez", "/readyz"} {
		if status, _ := get(ctx, t, "http://"+health+probe); status != http.StatusOK {
			t.Errorf("%s: got %d, want 200", probe, status)
		}
	}
	_, measured := get(ctx, t, "http://"+health+"/metrics")
	d.holds("metrics", measured, `rapporteur_answers_total{verb="verify",outcome="answered"} 1`, `rapporteur_verdicts_total{verdict="altered"} 1`,
		`rapporteur_answers_total{verb="audit",outcome="refused"} 1`, "rapporteur_corpus_documents 1", `rapporteur_slack_events{kind="signature_refused"} 1`)
	for _, secret := range []string{"UMEMBER", "C5", "more advanced", botToken} {
		if strings.Contains(measured, secret) {
			t.Errorf("metrics: got %q in them, want no names and no words of people", secret)
		}
	}
}
