//go:build goolm

package matrix

import (
	"encoding/json"
	"strings"
	"testing"

	"maunium.net/go/mautrix"
)

// TestAProofIsAskedForInWordsThatFitTheLogin reads what a homeserver answers that
// leaves logins to an OAuth 2.0 service, and one that wants a password.
func TestAProofIsAskedForInWordsThatFitTheLogin(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"session":"s","flows":[{"stages":["m.oauth"]}],"params":{"m.oauth":{"url":"https://account.example/reset"}}}`: "open https://account.example/reset as @bot:hs.example",
		`{"session":"s","flows":[{"stages":["m.login.password"]}]}`:                                                     "matrix.recovery_key_file",
	} {
		var ask mautrix.RespUserInteractive
		if err := json.Unmarshal([]byte(answer), &ask); err != nil {
			t.Fatal(err)
		}
		got := unproven("@bot:hs.example", false, pageOf(&ask))
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want it to say %q", answer, got, want)
		}
		if strings.Contains(want, "https") && strings.Contains(got, "password") {
			t.Errorf("by OAuth: got %q, want nothing of a password that does not exist", got)
		}
	}
}
