package handlers_test

import (
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/handlers"
)

// TestAFileOfAProcessThatNobodyKnowsSaysTheNameInPart asks for a calendar file by a
// name of megabytes.
func TestAFileOfAProcessThatNobodyKnowsSaysTheNameInPart(t *testing.T) {
	t.Parallel()
	record, err := corpus.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	cal, err := calendar.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	d, err := handlers.New(record, cal, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := d.ICS(nil, nil).Handler.Answer(t.Context(), bot.Message{Text: strings.Repeat("y", 3<<20), SentAt: time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if got := reply.String(); len(got) > 400 || !strings.Contains(got, "I know no process called") {
		t.Errorf("got %d bytes: %.300s", len(got), got)
	}
}
