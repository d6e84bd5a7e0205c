package bot

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// String returns the whole reply as plain text, complete by itself: no line
// depends on a button, a colour or a link being drawn.
func (r Reply) String() string {
	var (
		out  strings.Builder
		last Block
	)
	for _, b := range r {
		text := plain(b)
		if text == "" {
			continue
		}
		if last != nil {
			out.WriteString(gap(last, b))
		}
		out.WriteString(text)
		last = b
	}
	return out.String()
}

// gap is what stands between two blocks: facts and headings sit close to what
// follows them, everything else is set apart by a blank line.
func gap(before, after Block) string {
	_, fact := before.(Fact)
	_, factNext := after.(Fact)
	_, heading := before.(Heading)
	_, list := after.(List)
	if _, times := after.(Times); times {
		list = true
	}
	if p, is := before.(Paragraph); is && list && strings.HasSuffix(p.Text, ":") {
		return "\n"
	}
	if heading || (fact && factNext) {
		return "\n"
	}
	return "\n\n"
}

func plain(b Block) string {
	switch b := b.(type) {
	case Heading:
		return b.Text
	case Paragraph:
		return b.Text
	case Lead:
		return b.Text
	case Refusal:
		return b.Text
	case Quotation:
		if b.Document() == nil {
			return ""
		}
		// Lines within the quotation are marked, lest one of them look like a line
		// of ours.
		return strings.ReplaceAll(b.Attributed(), "\n", "\n│ ") + "\n  " + b.SourceLine()
	case Fact:
		return "• " + b.line() + "\n  " + b.SourceLine()
	case Diff:
		return b.String()
	case List:
		if len(b.Items) == 0 {
			return ""
		}
		return "• " + strings.Join(b.Items, "\n• ")
	case Times:
		return plain(List{Items: b.Lines()})
	case Scope:
		return b.String()
	case File:
		return b.String()
	case Actions:
		lines := make([]string, len(b))
		for i, a := range b {
			lines[i] = "→ " + a.Label + ": " + a.Command
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

// Attributed returns the quoted words with whose they are, so that a position
// never stands without its owner: `Russian Federation: «…»`.
func (q Quotation) Attributed() string {
	return q.Owner() + ": «" + q.Text() + "»"
}

// Owner names whose words these are: the delegation, else the speaker.
func (q Quotation) Owner() string {
	if p := q.Passage(); p.Speaker != "" {
		return p.Speaker
	}
	return q.Document().Attribution()
}

// SourceLine says who spoke, where, when (and how that is known), in which
// paragraph, of which text of record, and the quotation's code.
func (q Quotation) SourceLine() string {
	d, p := q.Document(), q.Passage()
	who := p.By()
	switch {
	case who == "":
		who = d.Title
	case p.Speaker == "" && d.Delegation != "":
		who += " (" + d.Delegation + ")"
	}
	if len(d.OnBehalfOf) > 0 {
		who += ", on behalf of " + strings.Join(d.OnBehalfOf, ", ")
	}
	parts := []string{who}
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(d.Symbol)
	add(d.Occasion())
	add(q.Dated())
	if p.Para > 0 {
		add("¶" + strconv.Itoa(p.Para))
	}
	record := d.RecordKind
	if d.Language != "" {
		record = strings.TrimPrefix(record+", "+d.Language, ", ")
	}
	add(record)
	add(q.Code())
	return strings.Join(parts, " · ")
}

// Dated returns the date of the quotation's document with how it is known, for
// example "29 June 2021 (from metadata, not in the text)".
func (q Quotation) Dated() string {
	d := q.Document()
	if d.Date == "" {
		return "no date known"
	}
	switch d.DateSource {
	case "text":
		return Day(d.Date) + " (in the text)"
	default:
		return Day(d.Date) + " (from metadata, not in the text)"
	}
}

// String writes the diff in one line: "must [−not−] impose [+nothing+]".
func (d Diff) String() string {
	if len(d) == 0 {
		return ""
	}
	parts := make([]string, len(d))
	for i, e := range d {
		switch e.Op {
		case Delete:
			parts[i] = "[−" + e.Text + "−]"
		case Insert:
			parts[i] = "[+" + e.Text + "+]"
		default:
			parts[i] = e.Text
		}
	}
	return "From the record to the claim: " + strings.Join(parts, " ")
}

// line is the fact with what qualifies it.
func (f Fact) line() string {
	if f.Note == "" {
		return f.Text
	}
	return f.Text + " (" + f.Note + ")"
}

// SourceLine says where the fact comes from, when that was checked and how
// sure it is.
func (f Fact) SourceLine() string {
	if f.Cited != "" {
		return f.Cited
	}
	line := "source: " + f.Source
	if f.Checked != "" {
		line += " · checked " + Day(f.Checked)
	}
	if f.Confidence != "" {
		line += " · confidence " + f.Confidence
	}
	return line
}

// String returns one line, for example "Searched 1 document, 19 passages
// (corpus 5b1f0a2c) · as of 23 November 2026".
func (s Scope) String() string {
	if s.Said != "" {
		return s.Said
	}
	var parts []string
	if s.Documents > 0 {
		line := "Searched " + Count(s.Documents, "document") + ", " + Count(s.Passages, "passage")
		if s.Searched != "" {
			line = "Searched " + s.Searched + ": " + Count(s.Passages, "passage")
		}
		if s.Version != "" {
			line += " (corpus " + s.Version + ")"
		}
		parts = append(parts, line)
	}
	if s.AsOf != "" {
		parts = append(parts, "as of "+Day(s.AsOf))
	}
	return strings.Join(parts, " · ")
}

// Day writes an ISO day, month or year as people do: "29 June 2021", "June
// 2021", "2021". What is no ISO date comes back as it is.
func Day(iso string) string {
	for _, layout := range [][2]string{{time.DateOnly, "2 January 2006"}, {"2006-01", "January 2006"}} {
		if t, err := time.Parse(layout[0], iso); err == nil {
			return t.Format(layout[1])
		}
	}
	return iso
}

// Count writes a number with its noun: "1 document", "19 passages".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
