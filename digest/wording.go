package digest

import (
	"embed"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"rapporteur/bot"
)

// words are the words of editions, one file for each language.
//
//go:embed words/*.txt
var words embed.FS

// languages are those in which editions are written.
func languages() []string { return []string{"ar", English, "es", "fr", "ru", "zh"} }

// wording writes the own words of editions in one language. Quotations, names and
// the texts of facts are not its matter: they stay as the record has them.
type wording struct {
	language string
	tag      language.Tag
	text     map[string]string
}

// wordingIn returns the words of a language, English where there are none.
func wordingIn(of string) *wording {
	tag, err := language.Parse(of)
	data, missing := words.ReadFile("words/" + of + ".txt")
	if (err != nil || missing != nil) && of != English {
		return wordingIn(English)
	}
	w := &wording{language: of, tag: tag, text: map[string]string{}}
	for line := range strings.Lines(string(data)) {
		if key, text, found := strings.Cut(strings.TrimSpace(line), ": "); found && !strings.HasPrefix(key, "#") {
			w.text[key] = text
		}
	}
	return w
}

// english says whether the words are those in which the calendar writes as well.
func (w *wording) english() bool { return w.language == English }

// say writes the text of a key; pairs are the names in braces and what stands for
// them.
func (w *wording) say(key string, pairs ...string) string {
	named := make([]string, len(pairs))
	for i, s := range pairs {
		named[i] = s
		if i%2 == 0 {
			named[i] = "{" + s + "}"
		}
	}
	return strings.NewReplacer(named...).Replace(w.text[key])
}

// count writes the text of a key in the form that the number n asks for.
func (w *wording) count(key string, n int, pairs ...string) string {
	form := "other"
	switch plural.Cardinal.MatchPlural(w.tag, n, 0, 0, 0, 0) {
	case plural.Zero:
		form = "zero"
	case plural.One:
		form = "one"
	case plural.Two:
		form = "two"
	case plural.Few:
		form = "few"
	case plural.Many:
		form = "many"
	default:
	}
	if _, has := w.text[key+"."+form]; !has {
		form = "other" // as French and Spanish do for a million
	}
	return w.say(key+"."+form, append([]string{"n", strconv.Itoa(n)}, pairs...)...)
}

// cite writes the source line of a fact in the language; in English, facts write
// it themselves.
func (w *wording) cite(f bot.Fact) bot.Fact {
	f.Cited = ""
	if w.english() {
		return f
	}
	parts := []string{w.say("source", "source", f.Source)}
	if f.Checked != "" {
		parts = append(parts, w.say("checked", "date", w.iso(f.Checked)))
	}
	if f.Confidence != "" {
		parts = append(parts, w.say("confidence", "level", w.or(f.Confidence, f.Confidence)))
	}
	f.Cited = strings.Join(parts, " · ")
	return f
}

// scope writes in the language what was searched.
func (w *wording) scope(s bot.Scope) bot.Scope {
	if w.english() {
		return s
	}
	var parts []string
	if s.Documents > 0 {
		parts = append(parts, w.say("searched",
			"documents", w.count("document", s.Documents), "passages", w.count("passage", s.Passages), "version", s.Version))
	}
	s.Said = strings.Join(append(parts, w.say("as.of", "date", w.iso(s.AsOf))), " · ")
	return s
}

// or writes the text of a key, and otherwise something else.
func (w *wording) or(key, otherwise string) string {
	if text, has := w.text[key]; has {
		return text
	}
	return otherwise
}

// languageOf returns the language of an edition, which its title tells; empty
// where a reply is no edition.
func languageOf(reply bot.Reply) string {
	heading := firstHeading(reply)
	for _, language := range languages() {
		if strings.HasPrefix(heading, wordingIn(language).say("title")) {
			return language
		}
	}
	return ""
}
