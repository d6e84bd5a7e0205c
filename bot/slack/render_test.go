package slack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
	"rapporteur/corpus"
)

var update = flag.Bool("update", false, "write the golden files anew")

// record quotes a whole text.
func record(t *testing.T, text string) bot.Quotation {
	t.Helper()
	doc := &corpus.Document{
		ID: "doc", Symbol: "S/2021/1", Title: "A statement", RecordKind: "mission release", Body: "Security Council", Language: "en",
		Date: "2021-06-29", DateSource: corpus.DateFromText, Speaker: "V. Speaker", Delegation: "Ruritania",
		OnBehalfOf: []string{"a group"}, Text: text,
	}
	q, err := corpus.Passage{ID: "doc#7", Doc: doc, Para: 7, Text: text}.Quote(0, len(text))
	if err != nil {
		t.Fatal(err)
	}
	return bot.Quotation{Quotation: q}
}

// asked is a post that answers a question, with all that is offered below one.
func asked(reply bot.Reply) bot.Post {
	p := post(reply)
	p.Asked = "quote sovereignty"
	return p
}

// drawn posts a reply and returns what came over the wire.
func drawn(t *testing.T, p bot.Post) []slackfake.Message {
	t.Helper()
	fake := start(t, slackfake.Config{})
	if _, err := connectAs(t, fake, slack.Options{AppToken: appToken, Sockets: 1, PostGap: time.Millisecond, Ratings: &ratings{}}).Post(waiting(t), p); err != nil {
		t.Fatal(err)
	}
	if calls := len(fake.Calls("chat.postMessage")); calls != len(fake.Posts()) {
		t.Errorf("got %d calls for %d posts: Slack refused blocks", calls, len(fake.Posts()))
	}
	for i, m := range fake.Posts() {
		for _, h := range m.Harm() {
			t.Errorf("post %d: %s", i+1, h)
		}
	}
	return fake.Posts()
}

func TestRepliesAreDrawnAsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	all, err := bottest.Script{}.Answer(t.Context(), bot.Message{Text: "all"})
	if err != nil {
		t.Fatal(err)
	}
	for name, reply := range map[string]bot.Reply{
		"all":     all,
		"refusal": {bot.Refusal{Text: "Not in the corpus."}, bot.Scope{Documents: 3, Passages: 40, AsOf: "2026-11-23"}},
		"quotation": {
			record(t, "First line of the record,\nsecond «line» with *stars*, _lines_ and <angles> & ampersands."),
			record(t, " \u202Eturned\u202C and spaced "),
		},
		"facts": {
			bot.Lead{Text: "Two facts."},
			bot.Fact{ID: "a", Text: "It is so.", Source: "https://example.org/a?b=1&c=2"},
			bot.Fact{ID: "b", Text: "It may be so.", Source: "javascript:alert(1)", Confidence: "low", Note: "expected"},
			bot.Fact{ID: "c", Text: "It was so.", Source: "the paper archive", Checked: "2026-11-01"},
		},
		"buttons": {bot.Actions{
			{Label: strings.Repeat("a long label ", 10), Command: "short"},
			{Label: "long command", Command: strings.Repeat("long ", 500)},
			{Label: "", Command: "no label"},
		}},
		"headings": {bot.Heading{Text: "Short"}, bot.Heading{Text: strings.Repeat("long heading ", 15)}, bot.Paragraph{Text: "After headings."}},
		"hostile":  bottest.HostileReply(),
		"verdict": {
			bot.Lead{Text: "ALTERED, a meaning-bearing change: a negation."},
			bot.Diff{{Op: bot.Equal, Text: "must"}, {Op: bot.Delete, Text: "not"}, {Op: bot.Equal, Text: "impose anything"}},
			record(t, "Those who believe themselves to be more “advanced” must not impose anything on the others."),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive := &txtar.Archive{Comment: fmt.Appendf(nil, "The reply %q of render_test.go as it goes over the wire.\n", name)}
			for i, m := range drawn(t, asked(reply)) {
				if faults := slack.Faults(m.Blocks, false); len(faults) > 0 {
					t.Errorf("post %d is beyond the limits: %q", i+1, faults)
				}
				var pretty bytes.Buffer
				if err := json.Indent(&pretty, m.Blocks, "", "  "); err != nil {
					t.Fatal(err)
				}
				archive.Files = append(archive.Files,
					txtar.File{Name: fmt.Sprintf("text-%d", i+1), Data: []byte(m.Text + "\n")},
					txtar.File{Name: fmt.Sprintf("blocks-%d.json", i+1), Data: append(pretty.Bytes(), '\n')})
			}
			got, file := txtar.Format(archive), filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// quoted returns the bytes that stand in quote blocks.
func quoted(t *testing.T, messages []slackfake.Message) string {
	t.Helper()
	var all strings.Builder
	for _, m := range messages {
		var blocks []struct {
			Elements []struct {
				Type     string
				Elements []struct{ Type, Text string }
			}
		}
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			continue // an actions block has other elements
		}
		for _, b := range blocks {
			for _, e := range b.Elements {
				if e.Type != "rich_text_quote" {
					continue
				}
				for _, text := range e.Elements {
					if text.Type != "text" {
						t.Errorf("got a %s in a quotation, want text alone", text.Type)
					}
					all.WriteString(text.Text)
				}
			}
		}
	}
	return all.String()
}

func TestQuotationsKeepEveryByte(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"spaces":        "  two before, two after  ",
		"hostile":       bottest.Hostile,
		"lines":         "one\n\n\ttwo\r\nthree\u2028four",
		"long":          strings.Repeat("A sentence of the record. ", 1500),
		"one word":      strings.Repeat("x", 9000),
		"emoji":         strings.Repeat("👩🏽‍💻🇺🇳é", 900),
		"right to left": strings.Repeat("أمن المعلومات الدولي\u200f، ", 400),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			messages := drawn(t, post(bot.Reply{record(t, text)}))
			if got := quoted(t, messages); got != text {
				t.Errorf("quoted bytes: got %d, want %d: %s", len(got), len(text), cmp.Diff(text, got))
			}
			last := messages[len(messages)-1].Visible()
			if !strings.Contains(last, "Ruritania") || !strings.Contains(last, "¶7") {
				t.Errorf("last post: got %q, want owner and source in it", last)
			}
		})
	}
}

func TestProseHidesAndTurnsNothing(t *testing.T) {
	t.Parallel()
	for _, m := range drawn(t, post(bot.Reply{bot.Paragraph{Text: "a\u202Eb\u2066c\U000E0041d\x00e\x1bf"}, bot.List{Items: []string{"\u202Ax"}}, bot.Actions{{Label: "l\u202E", Command: "c\u202E"}}})) {
		if got := m.Visible(); got != "abcdef\n\nx\n\nl: c" {
			t.Errorf("got %q, want what turns and hides taken out", got)
		}
		if strings.ContainsAny(m.Text, "\u202E\u2066\u202A\U000E0041\x00\x1b") {
			t.Errorf("text: got %q, want what turns and hides taken out", m.Text)
		}
	}
}

func TestTextIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("<", 5000), strings.Repeat("é👩🏽‍💻&", 1000), strings.Repeat("word ", 1000)} {
		for _, m := range drawn(t, post(bot.Say(text))) {
			if n := len([]rune(m.Text)); n > 3500 || n == 0 {
				t.Errorf("got a text of %d characters, want 1 to 3500", n)
			}
			rest := strings.NewReplacer("&lt;", "", "&amp;", "", "&gt;", "").Replace(m.Text)
			if strings.ContainsAny(rest, "&<>\uFFFD") {
				t.Errorf("got a text that is cut inside of a character: …%q", rest[max(0, len(rest)-40):])
			}
		}
	}
}
