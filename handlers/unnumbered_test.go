package handlers_test

import (
	"strings"
	"testing"
)

// TestANumberThatTheTextDoesNotGive is J3.4: where the text mentions what is asked
// for, the refusal says so and where, and gives no number from elsewhere.
func TestANumberThatTheTextDoesNotGive(t *testing.T) {
	t.Parallel()
	d := desk(t)
	for question, want := range map[string]string{
		"Which resolution number was adopted in 2018?":                        "the text mentions a resolution of 2018 (¶12) but gives no number or symbol",
		"Which resolution number did the Assembly adopt on climate in 2018?":  "",
		"Which resolution number was adopted in 2019 according to the text?":  "",
		"Which decision number did the General Assembly give for 2018?":       "",
		"What was the resolution number of 2018, according to the statement?": "the text mentions a resolution of 2018 (¶12)",
	} {
		reply := say(t, d, "2026-11-23", question)
		got := reply.String()
		if reply.Answered() || len(reply.Quotations())+len(reply.Facts()) > 0 || strings.Contains(got, "73/27") {
			t.Errorf("%s: got %q, want a refusal without a number", question, got)
		}
		if want == "" && strings.Contains(got, "the text mentions") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", question, got, want)
		}
	}
}
