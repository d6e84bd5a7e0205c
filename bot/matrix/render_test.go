package matrix_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/corpus"
)

var update = flag.Bool("update", false, "write the golden files anew")

func scripted(t *testing.T, text string) bot.Reply {
	t.Helper()
	r, err := bottest.Script{}.Answer(t.Context(), bot.Message{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// posted posts to a fresh homeserver, which takes no files, and returns what went over
// the wire.
func posted(t *testing.T, p bot.Post) []sent {
	t.Helper()
	h := newHS(t)
	h.broken = map[string]*fault{"upload": {times: 9, status: 413, body: `{"errcode":"M_TOO_LARGE","error":"no"}`}}
	p.Room = bot.Room{Platform: "matrix", ID: room}
	if p.Key == "" {
		p.Key = "answer/matrix:" + room + "/$question"
	}
	if _, err := newClient(t, h, started()).Post(t.Context(), p); err != nil {
		t.Fatalf("Post: %v", err)
	}
	return h.posts()
}

func TestWhatGoesOverTheWireIsTheGolden(t *testing.T) {
	t.Parallel()
	matrixTo := bot.Fact{Text: "A fact with a mention for a source.", Source: "https://matrix.to/#/@alice:hs.example", Checked: "2026-11-20"}
	for name, p := range map[string]bot.Post{
		"answer-in-thread": {Reply: scripted(t, "all"), Thread: "$question"},
		"digest":           {Reply: scripted(t, "fact"), Purpose: bot.ForDigest, Key: "digest-key"},
		"list":             {Reply: scripted(t, "list"), Thread: "$question"},
		"refusal":          {Reply: scripted(t, "refuse"), Thread: "$question"},
		"hostile":          {Reply: append(bottest.HostileReply(), matrixTo), Thread: "$question"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := posted(t, p)
			if len(got) != 1 {
				t.Fatalf("got %d events, want one", len(got))
			}
			var pretty bytes.Buffer
			enc := json.NewEncoder(&pretty)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			body, html := got[0].Content["body"].(string), got[0].Content["formatted_body"].(string)
			rest := map[string]any{}
			for k, v := range got[0].Content {
				if k != "body" && k != "formatted_body" {
					rest[k] = v
				}
			}
			if err := enc.Encode(rest); err != nil {
				t.Fatal(err)
			}
			html = strings.NewReplacer("</p>", "</p>\n", "</li>", "</li>\n", "</h4>", "</h4>\n", "<ul>", "<ul>\n", "</ul>", "</ul>\n", "<blockquote>", "<blockquote>\n", "</blockquote>", "</blockquote>\n").Replace(html)
			archive := txtar.Format(&txtar.Archive{
				Comment: []byte("What Matrix gets; line ends after tags are added here to make it readable.\n"),
				Files: []txtar.File{
					{Name: "body", Data: []byte(body + "\n")}, {Name: "formatted_body", Data: []byte(html)}, {Name: "rest.json", Data: pretty.Bytes()},
				},
			})
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, archive, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(archive)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// TestEveryBodyIsWhatTheReplySays holds the plain body against the reply itself.
func TestEveryBodyIsWhatTheReplySays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"quote", "fact", "list", "refuse"} {
		r := scripted(t, text)
		if got := posted(t, bot.Post{Reply: r})[0].Content["body"]; got != r.String() {
			t.Errorf("body of %q: got %q, want %q", text, got, r.String())
		}
	}
}

func TestHostileTextHasNoPower(t *testing.T) {
	t.Parallel()
	evil := strings.Join([]string{
		"https://matrix.to/#/@alice:hs.example", `<a href="https://matrix.to/#/@alice:hs.example">Alice</a>`, "@room", "@alice:hs.example",
		`<img src="https://evil.example/x.png">`, `<img src='mxc://evil/x'>`, "[x](javascript:alert(1))", "<script>alert(1)</script>", "\u202Edlrow\u202C",
		"\u2066x\u2069", "\U000E0041\U000E007F", "a\x00b\x1bc", "</blockquote></p><h1>", `" onclick="x`, "&lt;b&gt;", string([]byte{0xff, 0xfe}),
	}, " ")
	doc := &corpus.Document{ID: "d", Title: evil, URL: `javascript:alert("x")`, Speaker: evil, Delegation: evil, Symbol: evil, Text: evil, RecordKind: evil}
	passage := corpus.Passage{ID: "d#1", Doc: doc, Text: evil}
	q, err := passage.Quote(0, len(evil)-2) // the last two bytes are no characters
	if err != nil {
		t.Fatal(err)
	}
	r := bot.Reply{
		bot.Heading{Text: evil},
		bot.Lead{Text: evil},
		bot.Paragraph{Text: evil},
		bot.Refusal{Text: evil},
		bot.Quotation{Quotation: q},
		bot.List{Items: []string{evil}},
		bot.Scope{Documents: 1, Version: evil, AsOf: evil},
		bot.Actions{{Label: evil, Command: evil}},
	}
	for _, source := range []string{
		evil, "javascript:alert(1)", "data:text/html,x", "https://matrix.to/#/@alice:hs.example", "HTTPS://MATRIX.TO/#/@alice:hs.example",
		"https://user:pass@evil.example/", `https://evil.example/"><img src=x>`, "//evil.example", "mxc://a/b", "matrix:u/alice:hs.example",
	} {
		r = append(r, bot.Fact{Text: evil, Source: source, Note: evil, Confidence: evil})
	}
	for _, purpose := range []bot.Purpose{bot.ForAnswer, bot.ForDigest, bot.ForNotice} {
		for i, s := range posted(t, bot.Post{Reply: r, Thread: "$question", Purpose: purpose, To: alice}) {
			if got, want := s.Content["m.mentions"], map[string]any{}; !cmp.Equal(got, any(want)) {
				t.Errorf("part %d, m.mentions: got %v, want it there and empty", i, got)
			}
			body, html := s.Content["body"].(string), s.Content["formatted_body"].(string)
			for _, c := range "\u202E\u202C\u2066\u2069\U000E0041\U000E007F\x00\x1b" {
				if strings.ContainsRune(body+html, c) {
					t.Errorf("part %d holds %U, want it left out", i, c)
				}
			}
			for _, want := range []string{"&lt;img src=", "&lt;script&gt;", "@room"} {
				if !strings.Contains(html, want) {
					t.Errorf("part %d: formatted body lacks %q, want hostile text to be shown", i, want)
				}
			}
			for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(html, -1) {
				if !harmless(tag) {
					t.Errorf("part %d: got the tag %s, want none but those of render.go", i, tag)
				}
			}
		}
	}
}

// harmless says whether a tag is one that render.go writes.
func harmless(tag string) bool {
	if link, ok := strings.CutPrefix(tag, `<a href="`); ok {
		return (strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://")) && strings.Count(link, `"`) == 1 &&
			!strings.Contains(strings.ToLower(link), "matrix.to") && !strings.Contains(link, "@")
	}
	return slices.Contains([]string{"p", "strong", "em", "del", "ul", "li", "h4", "br", "code", "blockquote", "a"}, strings.Trim(tag, "</>"))
}

func TestLongRepliesAreSplitIntoEventsThatFit(t *testing.T) {
	t.Parallel()
	quotes := strings.Repeat(`"<&>' `, 40_000)
	for name, r := range map[string]bot.Reply{
		"many blocks":                bottest.LongReply(),
		"many more blocks":           slices.Concat(bottest.LongReply(), bottest.LongReply(), bottest.LongReply(), bottest.LongReply()),
		"a line of 40 kB":            scripted(t, "line"),
		"a quarter megabyte, quoted": bot.Say(quotes),
		"no space to cut at":         bot.Say(strings.Repeat("é", 100_000)),
		"newlines":                   bot.Say(strings.Repeat("\n\n<>", 50_000) + "."),
		"a long line of tags":        bot.Say(strings.Repeat("<&>", 30_000)),
		"a file shown as text":       {bot.File{Name: "all.ics", Type: "text/calendar", Data: []byte(strings.Repeat("DESCRIPTION:<\"&\">\r\n", 10_000))}},
		"many blocks of tags":        slices.Repeat(bot.Say(strings.Repeat("<b>&", 900)), 40),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events := posted(t, bot.Post{Reply: r, Thread: "$question"})
			var whole strings.Builder
			txns := map[string]bool{}
			for i, e := range events {
				if got := sealedEdit(t, e.Content); got >= 65_000 {
					t.Errorf("part %d: got %d bytes as an encrypted edit, want less than 65,000", i, got)
				}
				if rel, _ := e.Content["m.relates_to"].(map[string]any); rel["event_id"] != "$question" || rel["rel_type"] != "m.thread" {
					t.Errorf("part %d: got relation %v, want the thread of $question", i, rel)
				}
				txns[e.Txn] = true
				whole.WriteString(e.Content["body"].(string) + "\n\n")
			}
			if len(txns) != len(events) {
				t.Errorf("got %d transaction IDs for %d events, want one each", len(txns), len(events))
			}
			if got, want := strings.Join(strings.Fields(whole.String()), ""), strings.Join(strings.Fields(r.String()), ""); got != want {
				t.Errorf("the parts together: got %d bytes of text, want the same %d bytes", len(got), len(want))
			}
		})
	}
}

// sealedEdit returns how many bytes an event takes at most that puts a content in the
// place of another one, encrypted by Megolm.
func sealedEdit(t *testing.T, content map[string]any) int {
	t.Helper()
	edit, long := maps.Clone(content), "$"+strings.Repeat("x", 254)
	edit["m.new_content"] = content
	edit["m.relates_to"] = map[string]any{"rel_type": "m.replace", "event_id": long}
	edit["body"], edit["formatted_body"] = "* "+content["body"].(string), "* "+content["formatted_body"].(string)
	data, err := json.Marshal(map[string]any{"room_id": long, "type": "m.room.message", "content": edit})
	if err != nil {
		t.Fatal(err)
	}
	return len(data)*4/3 + 1024
}

func TestTransactionsHaveStableNames(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[A-Z2-7]{32}$`)
	one := posted(t, bot.Post{Reply: bot.Say("x"), Key: "k1"})[0]
	again := posted(t, bot.Post{Reply: bot.Say("y"), Key: "k1", Since: time.Now()})[0]
	other := posted(t, bot.Post{Reply: bot.Say("x"), Key: "k2"})[0]
	if one.Txn != again.Txn || one.Txn == other.Txn || !name.MatchString(one.Txn) {
		t.Errorf("transaction IDs: got %q and %q for one key, %q for another; want 32 characters of base32, equal only for the same key", one.Txn, again.Txn, other.Txn)
	}
	if got := one.Content["org.rapporteur.delivery"]; got != one.Txn {
		t.Errorf("delivery field: got %v, want %s", got, one.Txn)
	}
}
