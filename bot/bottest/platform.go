package bottest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"unicode"

	"rapporteur/bot"
)

// Platform runs the suite. newSeat starts a [bot.Server] with the handler on
// the platform under test, in a room of its own, and returns a seat there; it
// stops everything when its test ends. [Serve] does the server's part.
func Platform(t *testing.T, newSeat func(t *testing.T, h bot.Handler) Seat) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*table)
	}{
		{"a question is answered", questionIsAnswered},
		{"a question is answered in its thread", answeredInItsThread},
		{"other voices are ignored", otherVoicesAreIgnored},
		{"an empty reply posts nothing", emptyReplyPostsNothing},
		{"a redelivered message is answered once", redeliveredIsAnsweredOnce},
		{"a long reply is split with nothing lost", longReplyIsSplit},
		{"a line of 40 kB arrives", longLineArrives},
		{"hostile text is harmless", hostileTextIsHarmless},
		{"hostile words of a person come back harmless", hostileWordsComeBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newTable(t, newSeat))
		})
	}
	t.Run("conversations", func(t *testing.T) {
		t.Parallel()
		files, err := conversations()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range files {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				conversationIsTheSame(newTable(t, newSeat), c)
			})
		}
	})
}

// table is what one case sits at.
type table struct {
	Seat
	t     *testing.T
	asked *recorder
}

func newTable(t *testing.T, newSeat func(*testing.T, bot.Handler) Seat) *table {
	t.Helper()
	asked := newRecorder(Script{})
	return &table{Seat: newSeat(t, asked), t: t, asked: asked}
}

func waiting(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	t.Cleanup(stop)
	return ctx
}

// say says text and fails the test when that is impossible.
func (b *table) say(ctx context.Context, t *testing.T, text string) string {
	t.Helper()
	key, err := b.Say(ctx, text)
	if err != nil {
		t.Fatalf("say %q: %v", text, err)
	}
	return key
}

// replies waits for n posts in answer to key.
func (b *table) replies(ctx context.Context, t *testing.T, key string, n int) []string {
	t.Helper()
	got, err := b.Replies(ctx, key, n)
	if err != nil {
		t.Fatalf("wait for %d replies to %s: %v (got %q)", n, key, err, got)
	}
	return got
}

// upTo waits for posts in answer to key until one of them ends with last.
func (b *table) upTo(ctx context.Context, t *testing.T, key, last string) []string {
	t.Helper()
	for n := 1; ; n++ {
		got := b.replies(ctx, t, key, n)
		if strings.Contains(squeeze(strings.Join(got, "\n")), squeeze(last)) {
			return got
		}
		n = len(got)
	}
}

// settle waits until the bot has dealt with what it was told before. It asks as
// many questions at once as a [bot.Server] has workers, and the handler holds
// each until all have come: none of the workers can then be busy with anything
// older. A platform that takes one message at a time is not held up long.
func (b *table) settle(ctx context.Context, t *testing.T) {
	t.Helper()
	var keys []string
	for i := range workers {
		keys = append(keys, b.say(ctx, t, fmt.Sprintf("%s, number %d", present, i)))
	}
	for _, key := range keys {
		b.replies(ctx, t, key, 1)
	}
}

func questionIsAnswered(b *table) {
	t := b.t
	ctx := waiting(t)
	for _, text := range []string{"What is new?", "a < b && c > d", "тест ünïcode 日本語 👩🏽‍💻"} {
		got := b.replies(ctx, t, b.say(ctx, t, text), 1)
		if want := "You said: " + text; len(got) != 1 || squeeze(got[0]) != squeeze(want) {
			t.Errorf("say %q: got replies %q, want one: %q", text, got, want)
		}
	}
}

func answeredInItsThread(b *table) {
	t := b.t
	threads, ok := b.Seat.(Threads)
	if !ok {
		t.Skip("this platform has no threads")
	}
	ctx := waiting(t)
	one, two := b.say(ctx, t, "question one"), b.say(ctx, t, "question two")
	gotTwo, gotOne := b.replies(ctx, t, two, 1), b.replies(ctx, t, one, 1)
	if squeeze(gotOne[0]) != squeeze("You said: question one") {
		t.Errorf("thread of question one: got %q, want the answer to question one", gotOne)
	}
	if squeeze(gotTwo[0]) != squeeze("You said: question two") {
		t.Errorf("thread of question two: got %q, want the answer to question two", gotTwo)
	}
	three, err := threads.SayIn(ctx, one, "question three")
	if err != nil {
		t.Fatalf("say in the thread of question one: %v", err)
	}
	if got := b.replies(ctx, t, three, 1); squeeze(got[0]) != squeeze("You said: question three") {
		t.Errorf("a question in a thread: got %q, want its answer in that thread", got)
	}
	elsewhere, err := threads.Elsewhere(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(elsewhere) != 0 {
		t.Errorf("posts outside of threads: got %q, want none", elsewhere)
	}
}

func otherVoicesAreIgnored(b *table) {
	t := b.t
	voices, ok := b.Seat.(OtherVoices)
	if !ok {
		t.Skip("only people talk on this platform")
	}
	ctx := waiting(t)
	b.settle(ctx, t)
	if err := voices.SayAsBot(ctx, "from another bot"); err != nil {
		t.Fatalf("let another bot speak: %v", err)
	}
	if err := voices.SayAsSelf(ctx, "from the bot itself"); err != nil {
		t.Fatalf("let the bot itself speak: %v", err)
	}
	b.settle(ctx, t)
	for _, text := range []string{"from another bot", "from the bot itself"} {
		if n, _ := b.asked.times(text); n != 0 {
			t.Errorf("%q: the handler was asked %d times, want 0", text, n)
		}
	}
}

func emptyReplyPostsNothing(b *table) {
	t := b.t
	ctx := waiting(t)
	key := b.say(ctx, t, "silence please")
	if err := b.asked.wait(ctx, "silence please", 1); err != nil {
		t.Fatal(err)
	}
	b.settle(ctx, t)
	if got := b.replies(ctx, t, key, 0); len(got) != 0 {
		t.Errorf("replies to a message that the handler answers with nothing: got %q, want none", got)
	}
}

func redeliveredIsAnsweredOnce(b *table) {
	t := b.t
	again, ok := b.Seat.(Redeliverer)
	if !ok {
		t.Skip("this platform delivers once")
	}
	ctx := waiting(t)
	key := b.say(ctx, t, "once only")
	b.replies(ctx, t, key, 1)
	for range 3 {
		if err := again.Redeliver(ctx, key); err != nil {
			t.Fatalf("redeliver: %v", err)
		}
	}
	b.settle(ctx, t)
	if got := b.replies(ctx, t, key, 1); len(got) != 1 {
		t.Errorf("replies after three redeliveries: got %q, want one", got)
	}
	if n, _ := b.asked.times("once only"); n != 1 {
		t.Errorf("the handler was asked %d times, want once", n)
	}
}

func longReplyIsSplit(b *table) {
	t := b.t
	ctx := waiting(t)
	got := b.upTo(ctx, t, b.say(ctx, t, "long please"), theEnd)
	text := squeeze(strings.Join(got, "\n"))
	var want []string
	for i := range 60 {
		want = append(want, longParagraph(i), longQuotation(i))
	}
	for i := range 10 {
		want = append(want, fmt.Sprintf("Fact number %03d of the long reply.", i))
	}
	inOrder(t, text, append(want, theEnd))
}

// inOrder demands that each of the pieces stands in text once, in this order.
func inOrder(t *testing.T, text string, pieces []string) {
	t.Helper()
	last := 0
	for _, piece := range pieces {
		piece = squeeze(piece)
		if n := strings.Count(text, piece); n != 1 {
			t.Errorf("%.80q: got it %d times, want once", piece, n)
			continue
		}
		at := strings.Index(text, piece)
		if at < last {
			t.Errorf("%.80q: got it before what comes before it", piece)
		}
		last = at
	}
}

func longLineArrives(b *table) {
	t := b.t
	ctx := waiting(t)
	got := b.upTo(ctx, t, b.say(ctx, t, "line please"), theEnd)
	inOrder(t, squeeze(strings.Join(got, "\n")), strings.Fields(LongLine()))
}

func hostileTextIsHarmless(b *table) {
	t := b.t
	ctx := waiting(t)
	key := b.say(ctx, t, "hostile please")
	got := b.upTo(ctx, t, key, "echo <@U1> @here")
	// Heading, lead, paragraph, quotation, fact, two items.
	text := squeeze(strings.Join(got, "\n"))
	if n := strings.Count(text, squeeze(Hostile)); n < 7 {
		t.Errorf("hostile words in the posts: got them %d times, want 7: no block may swallow them\n%s", n, strings.Join(got, "\n--\n"))
	}
	b.harmless(ctx, t, key)
}

func hostileWordsComeBack(b *table) {
	t := b.t
	ctx := waiting(t)
	// What a person can type in one line on every platform.
	typed := "say <!channel> @room [x](javascript:alert(1)) <img src=https://evil.example/x> &amp; done"
	key := b.say(ctx, t, typed)
	got := b.replies(ctx, t, key, 1)
	if want := "You said: " + typed; squeeze(got[0]) != squeeze(want) {
		t.Errorf("got %q, want %q", got[0], want)
	}
	b.harmless(ctx, t, key)
}

func (b *table) harmless(ctx context.Context, t *testing.T, key string) {
	t.Helper()
	inspector, ok := b.Seat.(Inspector)
	if !ok {
		return
	}
	harm, err := inspector.Harm(ctx, key)
	if err != nil {
		t.Fatalf("inspect the posts: %v", err)
	}
	for _, h := range harm {
		t.Errorf("got a post that does harm: %s; want none", h)
	}
}

// squeeze takes from a text what platforms may lay out differently: white
// space, and characters that nobody sees.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || (unicode.Is(unicode.Cf, r) && r != '\u200d') {
			return -1
		}
		return r
	}, s)
}

//go:embed testdata/*.txt
var testdata embed.FS

func conversations() ([]Conversation, error) {
	names, err := fs.Glob(testdata, "testdata/*.txt")
	if err != nil {
		return nil, fmt.Errorf("list the conversations: %w", err)
	}
	var all []Conversation
	for _, name := range names {
		data, err := testdata.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read a conversation: %w", err)
		}
		c, err := ParseConversation(path.Base(name), data)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("no conversations found")
	}
	return all, nil
}

// conversationIsTheSame demands of every line of a golden reply that a person
// reads its words on this platform too, and of the blocks that they come in the
// same order. Bullets, arrows and quotation marks are the platform's business,
// and so is whether the owner of a quotation stands before or after it.
func conversationIsTheSame(b *table, c Conversation) {
	t := b.t
	ctx := waiting(t)
	inThread := map[string]string{} // the key of the first message of each thread
	for _, turn := range c.Turns {
		if turn.Restart || turn.After > 0 || turn.Quoted != "" {
			t.Fatalf("%s: a restart, a pause and a quoted message are for Play, not for a platform", c.Name)
		}
		var key string
		if threads, can := b.Seat.(Threads); can && inThread[turn.Thread] != "" {
			var err error
			if key, err = threads.SayIn(ctx, inThread[turn.Thread], turn.In); err != nil {
				t.Fatalf("say %q in its thread: %v", turn.In, err)
			}
		} else {
			key = b.say(ctx, t, turn.In)
		}
		if turn.Thread != "" && inThread[turn.Thread] == "" {
			inThread[turn.Thread] = key
		}
		got := b.replies(ctx, t, key, 1)
		text := squeeze(strings.Join(got, "\n"))
		last := 0
		for block := range strings.SplitSeq(turn.Reply, "\n\n") {
			anchor := ""
			for _, piece := range strings.FieldsFunc(block, func(r rune) bool { return strings.ContainsRune("\n«»•→", r) }) {
				piece = strings.TrimSuffix(squeeze(piece), ":")
				if !strings.Contains(text, piece) {
					t.Errorf("reply to %q:\n%s\nwant it to hold %q", turn.In, strings.Join(got, "\n"), piece)
				}
				if len(piece) > len(anchor) {
					anchor = piece
				}
			}
			if at := strings.Index(text, anchor); at >= 0 && at < last {
				t.Errorf("reply to %q:\n%s\nwant %q after what comes before it", turn.In, strings.Join(got, "\n"), anchor)
			} else if at >= 0 {
				last = at
			}
		}
	}
}
