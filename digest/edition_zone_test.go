package digest_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
)

func TestAnEditionIsOfTheDayOfItsRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, due string
		want      []string
	}{
		{"Asia/Tokyo", "2026-11-30T08:00", []string{
			"at the UN: 30 November 2026", "This week\n• Global Mechanism, dedicated thematic group", "7–11 December 2026, in 7 days",
		}},
		{"Pacific/Kiritimati", "2026-12-07T08:00", []string{"at the UN: 7 December 2026", ", today"}},
		{"America/Los_Angeles", "2026-12-06T20:00", []string{"at the UN: 6 December 2026", ", tomorrow"}},
	} {
		zone, err := time.LoadLocation(c.zone)
		ok(t, err)
		due, err := time.ParseInLocation("2006-01-02T15:04", c.due, zone)
		ok(t, err)
		// The store hands instants out in UTC.
		e := digest.Edition{Subscription: bot.Subscription{Zone: c.zone}, Slot: c.due, Due: due.UTC(), Now: due.UTC()}
		reply, err := press(t).Write(t.Context(), e)
		ok(t, err)
		for _, want := range c.want {
			if got := reply.String(); !strings.Contains(got, want) {
				t.Errorf("%s in %s: got\n%s\nwant it to hold %q", c.due, c.zone, got, want)
			}
		}
		if got := reply.Scope().AsOf; got != c.due[:10] {
			t.Errorf("%s in %s: got an edition as of %s, want %s", c.due, c.zone, got, c.due[:10])
		}
	}
}

func TestTheLastEditionIsNamedByTheDayOfItsRoom(t *testing.T) {
	t.Parallel()
	s := newSeries(t, "2026-11-29T23:00:00Z", nil)
	s.sub.Zone = "Asia/Tokyo"
	s.edition("2026-11-29T23:00:00Z")
	if got := s.edition("2026-11-30T23:00:00Z").String(); !strings.Contains(got, "as announced by the edition of 30 November 2026") {
		t.Errorf("got\n%s\nwant the edition before to be that of Monday the 30th in Tokyo", got)
	}
}
