package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"

	"rapporteur/bot"
)

type askCmd struct {
	Question []string `arg:"" help:"The question."`
}

func (c *askCmd) Run(ctx context.Context, p *program) error { return p.answer(ctx, "ask", c.Question) }

type quoteCmd struct {
	Topic []string `arg:"" help:"The topic."`
}

func (c *quoteCmd) Run(ctx context.Context, p *program) error {
	return p.answer(ctx, "quote", c.Topic)
}

type codeCmd struct {
	Code []string `arg:"" help:"The code behind a quotation, such as Q-5D5E21."`
}

func (c *codeCmd) Run(ctx context.Context, p *program) error { return p.answer(ctx, "q", c.Code) }

type verifyCmd struct {
	Text []string `arg:"" help:"The words, or a sentence that quotes them."`
}

// verdictData is what verify prints with --json: the answer, and the ruling.
type verdictData struct {
	bot.Answer
	Verdict   string             `json:"verdict"`
	Alarm     []string           `json:"alarm"`
	Diff      []editData         `json:"diff"`
	Quotation *bot.QuotationData `json:"quotation"`
}

type editData struct {
	Op   string `json:"op"`
	Text string `json:"text"`
}

func (c *verifyCmd) Run(_ context.Context, p *program) error {
	desk, err := p.knownDesk()
	if err != nil {
		return err
	}
	v := desk.Verify(strings.ToValidUTF8(strings.Join(c.Text, " "), "\uFFFD"))
	reply := desk.Ruled(bot.Message{SentAt: p.at}, v)
	if !p.cli.JSON {
		return p.print(reply, "verify")
	}
	data := verdictData{Answer: reply.Data("verify", p.at), Verdict: string(v.Ruling), Alarm: append([]string{}, v.Alarm...), Diff: []editData{}}
	for _, e := range v.Diff {
		data.Diff = append(data.Diff, editData{e.Op, e.Text})
	}
	if len(data.Quotations) > 0 {
		data.Quotation = &data.Quotations[0]
	}
	return p.printJSON(data)
}

type whenCmd struct {
	Phrase []string `arg:"" help:"The phrase."`
}

func (c *whenCmd) Run(ctx context.Context, p *program) error { return p.answer(ctx, "when", c.Phrase) }

type timelineCmd struct {
	Topic []string `arg:"" help:"The topic."`
}

func (c *timelineCmd) Run(ctx context.Context, p *program) error {
	return p.answer(ctx, "timeline", c.Topic)
}

type upcomingCmd struct {
	What []string `arg:"" optional:"" help:"A process and how far ahead: OEWG 30d."`
}

func (c *upcomingCmd) Run(ctx context.Context, p *program) error {
	return p.answer(ctx, "upcoming", c.What)
}

type nextCmd struct {
	Process []string `arg:"" optional:"" help:"A process."`
}

func (c *nextCmd) Run(ctx context.Context, p *program) error { return p.answer(ctx, "next", c.Process) }

type glossaryCmd struct {
	Term []string `arg:"" optional:"" help:"A term or an acronym."`
}

func (c *glossaryCmd) Run(ctx context.Context, p *program) error {
	return p.answer(ctx, "glossary", c.Term)
}

type digestCmd struct {
	Post bool `help:"Post the edition to every subscribed room, once, instead of printing it."`
}

func (c *digestCmd) Run(ctx context.Context, p *program) error {
	if c.Post {
		return p.postEdition(ctx)
	}
	return p.answer(ctx, "digest", nil)
}

type versionCmd struct{}

func (*versionCmd) Run(p *program) error {
	if p.cli.JSON {
		return p.printJSON(map[string]string{"version": version, "go": runtime.Version()})
	}
	_, err := fmt.Fprintf(p.env.out, "rapporteur %s (%s)\n", version, runtime.Version())
	return err
}

type corpusCmd struct {
	List  corpusListCmd  `cmd:"" help:"List the documents."`
	Check corpusCheckCmd `cmd:"" help:"Check every file; exit 1 when one is broken."`
}

type corpusListCmd struct{}

// documentData is one document in the output of corpus list --json.
type documentData struct {
	Document   string `json:"document"`
	Title      string `json:"title"`
	Speaker    string `json:"speaker"`
	Delegation string `json:"delegation"`
	Body       string `json:"body"`
	Date       string `json:"date"`
	DateSource string `json:"date_source"`
	Language   string `json:"language"`
	RecordKind string `json:"record_kind"`
	Passages   int    `json:"passages"`
}

func (*corpusListCmd) Run(p *program) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	k, err := p.knowAloud(c)
	if err != nil {
		return err
	}
	list := []documentData{}
	for _, d := range k.corpus.Documents() {
		list = append(list, documentData{
			Document: d.ID, Title: d.Title, Speaker: d.Speaker, Delegation: d.Delegation, Body: d.Body,
			Date: d.Date, DateSource: d.DateSource, Language: d.Language, RecordKind: d.RecordKind, Passages: len(d.Passages()),
		})
	}
	if p.cli.JSON {
		return p.printJSON(map[string]any{"version": k.corpus.Version(), "documents": list})
	}
	for _, d := range list {
		date := bot.Day(d.Date)
		if date == "" {
			date = "no date known"
		}
		if _, err := fmt.Fprintf(p.env.out, "%s\n  %s\n  %s · %s · %s\n", d.Document, d.Title, d.Delegation, date, bot.Count(d.Passages, "passage")); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	_, err = fmt.Fprintf(p.env.out, "%s, corpus %s\n", bot.Count(len(list), "document"), k.corpus.Version())
	return err
}

type corpusCheckCmd struct{}

func (*corpusCheckCmd) Run(p *program) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	k, err := p.know(c)
	if err != nil {
		return err
	}
	problems := []string{}
	for _, problem := range k.problems {
		problems = append(problems, problem.String())
	}
	if p.cli.JSON {
		if err := p.printJSON(map[string]any{"documents": len(k.corpus.Documents()), "passages": k.corpus.Numbered(), "problems": problems}); err != nil {
			return err
		}
	} else {
		for _, line := range problems {
			_, _ = fmt.Fprintln(p.env.out, line)
		}
		_, _ = fmt.Fprintf(p.env.out, "%s, %s, %s\n", bot.Count(len(k.corpus.Documents()), "document"), bot.Count(k.corpus.Numbered(), "passage"), bot.Count(len(problems), "problem"))
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s in the corpus", bot.Count(len(problems), "problem"))
	}
	return nil
}

type checkCmd struct{}

func (*checkCmd) Run(p *program) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	k, err := p.know(c)
	if err != nil {
		return err
	}
	would := []string{"record: " + bot.Count(len(k.corpus.Documents()), "document") + ", " + bot.Count(k.corpus.Numbered(), "passage"), fmt.Sprintf("calendar: %d rows", k.calendar.Rows())}
	switch db := c.Database.Reveal(); {
	case db == "":
		would = append(would, "database: SQLite in "+defaultDatabase(p.env.getenv)+" (database is not set)")
	case strings.HasPrefix(db, "postgres"):
		would = append(would, "database: PostgreSQL")
	default:
		would = append(would, "database: SQLite in "+db)
	}
	if c.Slack.Enabled() {
		would = append(would, slackPlan(c.Slack))
	} else {
		would = append(would, "slack: off; to start it set slack.bot_token and slack.app_token (or slack.signing_secret and slack.listen)")
	}
	if c.Matrix.Enabled() {
		would = append(would, "matrix: would start as "+c.Matrix.User+" on "+c.Matrix.Homeserver+"; "+encryptionPlan(c, p.env.getenv))
		if len(c.Matrix.AllowInvites) == 0 {
			would = append(would, "matrix: accepts no invitations; to change that set matrix.allow_invites")
		}
	} else {
		would = append(would, "matrix: off; to start it set matrix.homeserver, matrix.user and matrix.password or matrix.token")
	}
	if !c.Slack.Enabled() && !c.Matrix.Enabled() {
		would = append(would, "terminal: would start, for no other platform is set up")
	}
	if c.Feed.Listen != "" {
		would = append(would, "feed: would serve the calendar at "+c.Feed.Listen)
	} else {
		would = append(would, "feed: off; to let calendar programs subscribe set feed.listen and feed.url")
	}
	switch len(c.Administrators) {
	case 0:
		would = append(would, "administrators: none, so nobody changes the calendar by chat; to allow it set administrators, two at least")
	case 1:
		would = append(would, "administrators: one, and a change of the calendar needs a second to confirm it")
	}
	for _, problem := range k.problems {
		would = append(would, "broken file: "+problem.String())
	}
	if p.cli.JSON {
		return p.printJSON(map[string]any{"ok": len(k.problems) == 0, "lines": would})
	}
	_, err = fmt.Fprintln(p.env.out, strings.Join(would, "\n"))
	return err
}

type evalCmd struct {
	File string `arg:"" help:"Questions, one JSON object a line: id, ask, want (answer or refuse), any, cite, at."`
}

// evalQuestion is one line of a file of questions.
type evalQuestion struct {
	ID   string   `json:"id"`
	Ask  string   `json:"ask"`
	Want string   `json:"want"`
	Any  []string `json:"any"`
	Cite int      `json:"cite"`
	At   string   `json:"at"`
}

// right says whether an answer is the one the question wants.
func (q evalQuestion) right(a bot.Answer) bool {
	if q.Want == "refuse" {
		return !a.Answered && len(a.Quotations) == 0
	}
	said := a.Lead
	if len(a.Quotations) > 0 {
		said += "\n" + a.Quotations[0].Text
	}
	if len(a.Facts) > 0 {
		said += "\n" + a.Facts[0].Text
	}
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "–", "-") }
	found := false
	for _, want := range q.Any {
		found = found || strings.Contains(plain(said), plain(want))
	}
	cited := q.Cite == 0
	for i, quotation := range a.Quotations {
		cited = cited || (i < 2 && quotation.Paragraph == q.Cite)
	}
	return a.Answered && found && cited
}

func (c *evalCmd) Run(ctx context.Context, p *program) error {
	mux, err := p.desk(ctx)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open the questions: %w", err)
	}
	defer func() { _ = file.Close() }()
	right, total := map[string]int{}, map[string]int{}
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		q := evalQuestion{Want: "answer"}
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return fmt.Errorf("%s:%d: %w", c.File, n, err)
		}
		if q.At == "" {
			q.At = "2026-11-23"
		}
		at, err := asOf(q.At, p.at)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", c.File, n, err)
		}
		reply, err := mux.Answer(ctx, bot.Message{ID: q.ID, Room: bot.Room{Platform: "cli", ID: "eval"}, Text: "ask " + q.Ask, SentAt: at})
		if err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
		total[q.Want]++
		a := reply.Data("ask", at)
		if q.right(a) {
			right[q.Want]++
			continue
		}
		_, _ = fmt.Fprintf(p.env.out, "miss %s, want %s %q: %s\n  got answered=%v: %s\n", q.ID, q.Want, q.Any, q.Ask, a.Answered, a.Lead)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the questions: %w", err)
	}
	for _, want := range []string{"answer", "refuse"} {
		if total[want] > 0 {
			_, _ = fmt.Fprintf(p.env.out, "%s: %d of %d right (%.0f %%)\n", want, right[want], total[want], 100*float64(right[want])/float64(total[want]))
		}
	}
	return nil
}
