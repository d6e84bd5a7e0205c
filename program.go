package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/config"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/handlers"
)

// program is what every command works with.
type program struct {
	cli *cli
	env environment
	at  time.Time
	// started is when the program started, from which --at goes on.
	started time.Time
}

// settings reads the configuration file and the environment.
func (p *program) settings() (config.Config, error) {
	var data []byte
	if p.cli.Config != "" {
		var err error
		if data, err = os.ReadFile(p.cli.Config); err != nil {
			return config.Config{}, fmt.Errorf("read the settings: %w", err)
		}
	}
	c, err := config.Read(data, config.Source{Getenv: p.env.getenv, ReadFile: os.ReadFile})
	if err != nil {
		return config.Config{}, fmt.Errorf("settings: %w", err)
	}
	if p.cli.Corpus != "" {
		c.Corpus = p.cli.Corpus
	}
	return c, nil
}

// knowledge is what the bot knows: the record and the calendar.
type knowledge struct {
	corpus   *corpus.Corpus
	calendar *calendar.Calendar
	// public is the part of the corpus that everybody may see: guests too.
	public   *corpus.Corpus
	problems []corpus.Problem
}

// confidential says whether the record holds documents that not everybody may see.
func (k knowledge) confidential() bool { return k.public != k.corpus }

// openTo says whether everybody may see a document.
func (k knowledge) openTo(d *corpus.Document) bool {
	_, open := k.public.Document(d.ID)
	return open
}

// know loads the embedded record and calendar, and the folder of further
// documents where one is given. Broken files are told on stderr; the rest loads.
func (p *program) know(c config.Config) (knowledge, error) {
	record, err := corpus.Embedded()
	if err != nil {
		return knowledge{}, err
	}
	cal, err := loadCalendar(c)
	if err != nil {
		return knowledge{}, err
	}
	k := knowledge{corpus: record, calendar: cal, public: record}
	if c.Corpus == "" {
		return k, nil
	}
	docs, problems, err := further(c.Corpus)
	if err != nil {
		return knowledge{}, fmt.Errorf("corpus %s: %w", c.Corpus, err)
	}
	k.corpus, k.problems = record.With(docs...), problems
	if c.CorpusPublic {
		k.public = k.corpus
	}
	return k, nil
}

// further loads the documents of a folder, or of one file.
func further(name string) ([]*corpus.Document, []corpus.Problem, error) {
	about, err := os.Stat(name)
	if err == nil && !about.IsDir() {
		return corpus.LoadFile(os.DirFS(filepath.Dir(name)), filepath.Base(name))
	}
	return corpus.Load(os.DirFS(name))
}

// knownDesk builds the desk of what the record holds, for commands that tell no dates
// of the calendar.
func (p *program) knownDesk() (*handlers.Desk, error) {
	c, err := p.settings()
	if err != nil {
		return nil, err
	}
	k, err := p.knowAloud(c)
	if err != nil {
		return nil, err
	}
	defer lean(k.corpus)()
	return handlers.New(k.corpus, k.calendar, c.Stale())
}

// knowAloud loads what is known and names broken files on stderr.
func (p *program) knowAloud(c config.Config) (knowledge, error) {
	k, err := p.know(c)
	for _, problem := range k.problems {
		_, _ = fmt.Fprintln(p.env.err, "rapporteur: "+problem.String())
	}
	return k, err
}

// desk builds what answers.
func (p *program) desk(ctx context.Context) (*bot.Mux, error) {
	c, err := p.settings()
	if err != nil {
		return nil, err
	}
	k, err := p.knowAmended(ctx, c)
	if err != nil {
		return nil, err
	}
	desk, err := handlers.New(k.corpus, k.calendar, c.Stale())
	if err != nil {
		return nil, err
	}
	press := digest.NewPress(k.calendar, k.corpus, c.Stale())
	return bot.NewMux(append(desk.Verbs(), press.Verb())...)
}

// answer runs a verb on a text and prints the reply.
func (p *program) answer(ctx context.Context, verb string, words []string) error {
	mux, err := p.desk(ctx)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(verb + " " + strings.ToValidUTF8(strings.Join(words, " "), "�"))
	v, rest := mux.Parse(text)
	if v.Name != verb { // "when was …" is a question, not the verb
		for _, known := range mux.Verbs() {
			if known.Name == verb {
				v, rest = known, strings.TrimSpace(strings.Join(words, " "))
			}
		}
	}
	reply, err := v.Handler.Answer(ctx, bot.Message{ID: "cli", Room: bot.Room{Platform: "cli", ID: "local"}, Sender: "you", Text: rest, SentAt: p.at})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return p.print(reply, verb)
}

func (p *program) print(reply bot.Reply, verb string) error {
	if !p.cli.JSON {
		_, err := fmt.Fprintln(p.env.out, reply.String())
		return err
	}
	return p.printJSON(reply.Data(verb, p.at))
}

func (p *program) printJSON(v any) error {
	out := json.NewEncoder(p.env.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// logger writes to stderr; the terminal platform hears of warnings only.
func (p *program) logger(c config.Config, least slog.Level) *slog.Logger {
	level, err := c.Level()
	if err != nil || level < least {
		level = least
	}
	return slog.New(slog.NewTextHandler(p.env.err, &slog.HandlerOptions{Level: level}))
}
