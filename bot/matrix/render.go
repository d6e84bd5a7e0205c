package matrix

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"rapporteur/bot"
)

// Rules for what people see:
//
//   - Every tag is written in this file, every text is escaped. The tags are
//     some of those that the Matrix specification allows: a, blockquote, br,
//     code, em, h4, li, p, strong, ul.
//   - Only http and https addresses become links, and never one to matrix.to,
//     for a client would draw it as a mention.
//   - The plain body is complete by itself. Nobody is mentioned, in no part.
//   - Characters that make text run backwards or hide in it are left out.

// limit bounds the two texts of one event, as mautrix writes them in JSON. The
// homeserver refuses events above 65,536 bytes; an edit holds its texts twice, and
// encryption makes four bytes of three and adds about a thousand of its own, so that
// what is encrypted may take 47,900 bytes: twice this and the other fields.
const limit = 23_000

// drawn is a piece of a reply in both forms.
type drawn struct{ body, html string }

// draw draws a reply as pieces that each fit an event. Usually there is one.
func draw(r bot.Reply, prefix string) []drawn {
	var (
		pieces []drawn
		open   bot.Reply
	)
	flush := func() {
		if d := whole(open); d.body != "" {
			pieces = append(pieces, d)
		}
		open = nil
	}
	for _, b := range spelled(r, prefix) {
		next := append(slices.Clip(open), b)
		if fits(whole(next)) {
			open = next
			continue
		}
		flush()
		if alone := whole(bot.Reply{b}); !fits(alone) {
			pieces = append(pieces, cut(alone.body)...)
			continue
		}
		open = bot.Reply{b}
	}
	flush()
	return pieces
}

// whole draws a reply in one piece.
func whole(r bot.Reply) drawn {
	return drawn{body: visible(r.String()), html: toHTML(r)}
}

// fits says whether the piece leaves room for the other fields of an event.
func fits(d drawn) bool { return size(d.body)+size(d.html) < limit }

// size is how many bytes a text takes as JSON. Of "<", ">" and "&" mautrix makes six
// each, and what is encrypted stays so.
func size(s string) int {
	data, err := json.Marshal(s)
	if err != nil {
		return limit // strings always encode
	}
	return len(data)
}

// cut cuts a text that is too long for one event at line ends or spaces.
func cut(text string) []drawn {
	var pieces []drawn
	for text != "" {
		piece, at := cutAt(text, limit/2) // no letter takes less than a byte in each form
		for most := at * 3 / 4; !fits(piece); most = most * 3 / 4 {
			piece, at = cutAt(text, most)
		}
		pieces = append(pieces, piece)
		text = text[at:]
	}
	return pieces
}

// cutAt draws the beginning of a text, of at most so many bytes, and says where it
// ends.
func cutAt(text string, most int) (piece drawn, at int) {
	if at = len(text); at > most {
		for at = most; !utf8.RuneStart(text[at]); at-- {
		}
		if space := strings.LastIndexAny(text[:at], "\n "); space > at/2 {
			at = space + 1
		}
	}
	return drawn{body: text[:at], html: "<p>" + escape(strings.TrimSpace(text[:at])) + "</p>"}, at
}

// spelled writes the commands that a reply offers as people type them in a room.
func spelled(r bot.Reply, prefix string) bot.Reply {
	out := make(bot.Reply, len(r))
	for i, b := range r {
		if actions, ok := b.(bot.Actions); ok {
			typed := make(bot.Actions, len(actions))
			for j, a := range actions {
				typed[j] = bot.Action{Label: a.Label, Command: prefix + " " + a.Command}
			}
			b = typed
		}
		out[i] = b
	}
	return out
}

func toHTML(r bot.Reply) string {
	var out strings.Builder
	listing := false
	for _, b := range r {
		items, isList := listItems(b)
		if isList && len(items) == 0 {
			continue
		}
		if isList != listing {
			out.WriteString(map[bool]string{true: "<ul>", false: "</ul>"}[isList])
			listing = isList
		}
		if !isList {
			out.WriteString(blockHTML(b))
		}
		for _, item := range items {
			out.WriteString("<li>" + item + "</li>")
		}
	}
	if listing {
		out.WriteString("</ul>")
	}
	return out.String()
}

// listItems draws the blocks that are lists, or items of one.
func listItems(b bot.Block) (items []string, isList bool) {
	switch b := b.(type) {
	case bot.List:
		for _, item := range b.Items {
			items = append(items, escape(item))
		}
		return items, true
	case bot.Times:
		return listItems(bot.List{Items: b.Lines()})
	case bot.Fact:
		return []string{escape(bot.Reply{b}.Lead()) + "<br><em>" + linked(b.SourceLine(), b.Source) + "</em>"}, true
	case bot.Actions:
		for _, a := range b {
			items = append(items, escape(a.Label)+": <code>"+escape(a.Command)+"</code>")
		}
		return items, true
	}
	return nil, false
}

func blockHTML(b bot.Block) string {
	switch b := b.(type) {
	case bot.Heading:
		return "<h4>" + escape(b.Text) + "</h4>"
	case bot.Paragraph:
		return "<p>" + escape(b.Text) + "</p>"
	case bot.Diff:
		return diffHTML(b)
	case bot.Lead:
		return "<p><strong>" + escape(b.Text) + "</strong></p>"
	case bot.Refusal:
		return "<p><strong>" + escape(b.Text) + "</strong></p>"
	case bot.Quotation:
		if b.Document() == nil {
			return ""
		}
		source := escape(b.SourceLine())
		if address, ok := webAddress(b.Document().URL); ok {
			source = `<a href="` + html.EscapeString(address) + `">` + source + "</a>"
		}
		return "<p><strong>" + escape(b.Owner()) + "</strong>:</p><blockquote><p>«" + escape(b.Text()) + "»</p></blockquote><p><em>" + source + "</em></p>"
	case bot.File:
		return "<p><em>" + escape(b.Line()) + "</em></p>"
	case bot.Scope:
		if line := b.String(); line != "" {
			return "<p><em>" + escape(line) + "</em></p>"
		}
	}
	return ""
}

// diffHTML strikes what the claim leaves out and sets what it adds in bold; the
// brackets of the plain text stay.
func diffHTML(d bot.Diff) string {
	if len(d) == 0 {
		return ""
	}
	parts := make([]string, len(d))
	for i, e := range d {
		switch e.Op {
		case bot.Delete:
			parts[i] = "<del>[−" + escape(e.Text) + "−]</del>"
		case bot.Insert:
			parts[i] = "<strong>[+" + escape(e.Text) + "+]</strong>"
		default:
			parts[i] = escape(e.Text)
		}
	}
	return "<p>From the record to the claim: " + strings.Join(parts, " ") + "</p>"
}

// linked escapes a line and makes a link of the address in it.
func linked(line, address string) string {
	before, after, found := strings.Cut(line, address)
	target, ok := webAddress(address)
	if !found || !ok {
		return escape(line)
	}
	return escape(before) + `<a href="` + html.EscapeString(target) + `">` + escape(address) + "</a>" + escape(after)
}

// webAddress returns an address that may be linked.
func webAddress(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return "", false
	}
	if host := strings.ToLower(u.Hostname()); host == "matrix.to" || strings.HasSuffix(host, ".matrix.to") {
		return "", false
	}
	return u.String(), true
}

// escape makes a text safe between tags. Lines stay lines.
func escape(s string) string {
	return strings.ReplaceAll(html.EscapeString(visible(s)), "\n", "<br>")
}

// visible leaves out what is not seen but changes what is seen: controls,
// directional embeddings, overrides and isolates, tag characters. The plain
// marks of right-to-left text stay.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r >= 0xe0000 && r <= 0xe007f, r == 0xfeff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
