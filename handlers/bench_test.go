package handlers_test

import (
	"context"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/handlers"
)

func BenchmarkAsk(b *testing.B) {
	record, err := corpus.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	cal, err := calendar.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	d, err := handlers.New(record, cal, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	mux, err := bot.NewMux(d.Verbs()...)
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, question := range map[string]string{
		"record":   "When did Russia first raise information security at the UN?",
		"calendar": "When was the eleventh substantive session of the OEWG?",
		"refusal":  "What did China say about sovereignty?",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := mux.Answer(context.Background(), bot.Message{Text: question, SentAt: at}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
