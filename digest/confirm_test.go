package digest_test

import (
	"strings"
	"testing"
)

// TestAnOrderIsConfirmedOrCancelled is J4.2: an order shows its next times and asks;
// yes leaves it, no takes it back, and neither touches what it is not about.
func TestAnOrderIsConfirmedOrCancelled(t *testing.T) {
	t.Parallel()
	var b book
	for _, c := range []struct{ at, text, want string }{
		{"2026-11-24T08:00:00Z", "yes", "There is nothing to confirm: "},
		{"2026-11-24T08:00:00Z", "no", "There is nothing to cancel: "},
		{"2026-11-24T09:00:00Z", "subscribe digest daily 08:00 UTC", "→ ✅ Confirm: yes 1\n→ ❌ Cancel: no 1\n"},
		{"2026-11-24T09:01:00Z", "Yes!", "Confirmed #1: digest daily 08:00 UTC — active, next Wed 25 Nov 2026, 08:00 UTC."},
		{"2026-11-24T09:02:00Z", "subscribe digest daily 18:00 UTC", "Subscribed this room to #2"},
		{"2026-11-24T09:03:00Z", "no", "Ended #2: digest daily 18:00 UTC."},
		{"2026-11-24T09:03:00Z", "no 2", "There is nothing to cancel: "},
		{"2026-11-24T09:10:01Z", "no", "There is nothing to cancel: "},
		{"2026-11-24T09:10:01Z", "no 1", "#1 was ordered more than ten minutes ago, so I leave it as it is; to end it, write: unsubscribe 1."},
		{"2026-11-24T09:10:01Z", "yes 1", "Confirmed #1: "},
		{"2026-11-24T09:10:01Z", "subscriptions", "This room has 1 subscription."},
	} {
		if got := sayAt(t, &b, nil, c.at, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want it to hold %q", c.text, got, c.want)
		}
	}
}
