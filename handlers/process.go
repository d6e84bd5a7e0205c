package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/search"
)

var (
	ordinalSession = regexp.MustCompile(`(?i)\b(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|\d{1,2}(?:st|nd|rd|th))\s+(?:(substantive|formal|organizational|plenary|intersessional)\s+)?(?:session|plenary|meeting)s?\b`)
	nextSession    = regexp.MustCompile(`(?i)\b(?:next|upcoming|coming)\b.*\b(?:session|meeting|plenary|talks|round)s?\b|\b(?:session|meeting|plenary)s?\b.*\b(?:next|upcoming)\b|^what(?:'s|’s| is) next\b`)
	lastSession    = regexp.MustCompile(`(?i)\b(?:last|latest|previous|most recent|final)\b.*\b(?:session|meeting|plenary)\b`)
	chairOf        = regexp.MustCompile(`(?i)\bwho\b.*\b(?:chair|chairs|chaired|chairing|chairperson|chairman|chairwoman|presides?|presided|heads?|headed|leads?|led)\b|\bchair of\b`)
	successorOf    = regexp.MustCompile(`(?i)\b(?:replac|succe(?:ed|ss)|follow(?:s|ed)? (?:the|on)|came after|comes after|took over|takes over|instead of)`)
	predecessorOf  = regexp.MustCompile(`(?i)\bdid (?:the )?.+ (?:replace|succeed|follow)\s*\??$|\bpredecessor|came before|preceded`)
	establishedBy  = regexp.MustCompile(`(?i)\b(?:resolution|decision|mandate)\b.*\b(?:establish|creat|set up|launch|found|mandat|convene)|\b(?:establish|creat|set up|launch|found|mandat|conven)\w*\b.*\b(?:by (?:which|what) )(?:resolution|decision)`)
	howManySession = regexp.MustCompile(`(?i)\bhow many (?:substantive |formal |regular )?(?:sessions|meetings)\b`)
	howManyMembers = regexp.MustCompile(`(?i)\bhow many (?:members|states|experts|countries)\b`)
	howManyGroups  = regexp.MustCompile(`(?i)\bhow many (?:UN )?GGEs?\b|\bhow many groups of governmental experts\b`)
	whereMeets     = regexp.MustCompile(`(?i)^(?:in (?:which|what) (?:city|cities)|where)\b`)
	asksWhat       = regexp.MustCompile(`(?i)^(?:what|when|which|tell|show|define|explain|A/|resolution|decision|\d)`)
	endOf          = regexp.MustCompile(`(?i)^when\b.*\b(?:end|ends|ended|finish|finished|conclude|concluded|expire|expired|expires|over)\b`)
	outcomeOf      = regexp.MustCompile(`(?i)^(?:did|when|what|which|has)\b.*\b(?:final report|outcomes?|consensus report|progress reports?)\b`)
	secretariatOf  = regexp.MustCompile(`(?i)\bsecretariat\b`)
	symbol         = regexp.MustCompile(`(?i)\b(?:A/(?:RES/|AC\.\d+/|C\.\d/)?)?\d{2}/\d{1,3}\b`)
)

// process answers what only the calendar knows: sessions by their number, what
// is next, who chairs, what replaced what, by which resolution, how many, where.
func (d *Desk) process(m bot.Message, question string) (bot.Reply, bool) {
	if strings.HasPrefix(strings.ToLower(question), "what time") {
		return nil, false
	}
	all := d.calendar.Named(question)
	named := begun(all, m.SentAt)
	switch {
	case symbol.MatchString(question) && asksWhat.MatchString(question):
		return d.bySymbol(m, symbol.FindString(question))
	case ordinalSession.MatchString(question):
		return d.numbered(m, question, all)
	case nextSession.MatchString(question):
		return d.nextOf(m, all), true
	case len(all) > 0 && len(named) == 0:
		return d.refuse(m, "as of "+calendar.FromTime(m.SentAt).String()+" there was no "+all[0].Short, nil), true
	case howManyGroups.MatchString(question):
		return d.expertGroups(m), true
	case len(named) == 0:
		return nil, false
	case chairOf.MatchString(question):
		return d.chairs(m, named)
	case predecessorOf.MatchString(question):
		return d.predecessor(m, named[0])
	case successorOf.MatchString(question):
		return d.successor(m, named[0])
	case establishedBy.MatchString(question):
		return d.resolutions(m, narrow(named, question))
	case howManySession.MatchString(question):
		return d.count(m, named[0])
	case howManyMembers.MatchString(question):
		return d.about(m, named[0], "members", named[0].Members)
	case outcomeOf.MatchString(question):
		return d.outcomes(m, narrow(named, question))
	case endOf.MatchString(question):
		return d.ends(m, question, narrow(named, question))
	case secretariatOf.MatchString(question):
		return d.about(m, named[0], "secretariat", named[0].Secretariat)
	case lastSession.MatchString(question):
		return d.last(m, named[0])
	case whereMeets.MatchString(question):
		return d.cities(m, named[0])
	}
	return nil, false
}

// horizon is how far ahead of a day the sessions were announced by then.
const horizon = 18 // months

// begun keeps the processes that existed on a day.
func begun(named []calendar.Process, at time.Time) []calendar.Process {
	var out []calendar.Process
	for _, p := range named {
		if p.Start.IsZero() || !p.Start.First().After(at) {
			out = append(out, p)
		}
	}
	return out
}

// narrow keeps all the processes named, or those whose mandate the question's
// years fit.
func narrow(named []calendar.Process, question string) []calendar.Process {
	var kept []calendar.Process
	for _, p := range named {
		for _, y := range year.FindAllString(question, -1) {
			if strings.Contains(p.Short, y) {
				kept = append(kept, p)
				break
			}
		}
	}
	if len(kept) > 0 {
		return kept
	}
	return named
}

// bySymbol says what is known of a resolution, decision or report.
func (d *Desk) bySymbol(m bot.Message, asked string) (bot.Reply, bool) {
	number := asked[strings.LastIndex(strings.ToUpper(asked), "RES/")+1:]
	number = strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(number), "ES/"), "A/")
	var reply bot.Reply
	for _, ms := range d.calendar.Milestones() {
		if ms.Symbol != "" && strings.HasSuffix(ms.Symbol, "/"+number) || ms.Symbol == "decision "+number {
			reply = append(reply, d.milestone(ms, m.SentAt))
		}
	}
	for _, p := range d.calendar.Processes() {
		for _, r := range p.Resolutions {
			if strings.HasSuffix(r, "/"+number) && len(reply) == 0 {
				reply = append(reply, d.fact("The "+p.Short+" rests on "+r, p.Fact, m.SentAt))
			}
		}
	}
	if len(reply) == 0 {
		return nil, false
	}
	return append(reply, d.scope(m)), true
}

// ordinal reads "ninth" or "9th".
func ordinal(word string) int {
	names := strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth")
	if i := slices.Index(names, strings.ToLower(word)); i >= 0 {
		return i + 1
	}
	n, _ := strconv.Atoi(strings.TrimRight(strings.ToLower(word), "stndrh"))
	return n
}

// numbered answers for a session by its number. A number that no session has is
// a mistake in the question, and the refusal says how many there were.
func (d *Desk) numbered(m bot.Message, question string, named []calendar.Process) (bot.Reply, bool) {
	found := ordinalSession.FindStringSubmatch(question)
	n, kind := ordinal(found[1]), strings.ToLower(found[2])
	if len(named) == 0 {
		return nil, false
	}
	named = narrow(named, question)
	var reply bot.Reply
	for _, p := range named {
		for _, s := range d.calendar.SessionsOf(p.ID) {
			if s.Ordinal != n || !counts(s, kind) || s.Start.First().After(m.SentAt.AddDate(0, horizon, 0)) {
				continue
			}
			f := d.session(s, m.SentAt)
			if s.Outcome != "" && s.StatusAt(m.SentAt) == calendar.Held {
				f.Text += ". " + s.Outcome
			}
			reply = append(reply, f)
			break
		}
	}
	if len(reply) > 0 {
		return append(reply, d.scope(m)), true
	}
	var counted []string
	for _, p := range named {
		if k := d.substantive(p.ID, m.SentAt.AddDate(0, horizon, 0)); k > 0 {
			counted = append(counted, fmt.Sprintf("the %s: %s", p.Short, bot.Count(k, "substantive session")))
		}
	}
	text := fmt.Sprintf("I know no %s session of the %s", found[1], named[0].Short)
	if len(counted) > 0 {
		text += " (" + strings.Join(counted, "; ") + ")"
	}
	return bot.Reply{bot.Refusal{Text: text + "."}, d.scope(m)}, true
}

// counts says whether a session is one that people count by number.
func counts(s calendar.Session, kind string) bool {
	if s.Status == calendar.Postponed || s.Status == calendar.Cancelled {
		return false
	}
	switch kind {
	case "organizational", "intersessional":
		return s.Kind == kind
	}
	return s.Kind == "substantive" || s.Kind == "expert-meeting"
}

// substantive counts the sessions of a process that began before at.
func (d *Desk) substantive(process string, at time.Time) int {
	seen := map[int]bool{}
	for _, s := range d.calendar.SessionsOf(process) {
		if counts(s, "") && s.Ordinal > 0 && !s.Start.IsZero() && s.Start.First().Before(at) {
			seen[s.Ordinal] = true
		}
	}
	return len(seen)
}

func (d *Desk) count(m bot.Message, p calendar.Process) (bot.Reply, bool) {
	n := d.substantive(p.ID, m.SentAt)
	if n == 0 {
		return nil, false
	}
	text := fmt.Sprintf("The %s has held %s", p.Short, bot.Count(n, "substantive session"))
	if !p.End.IsZero() && p.End.Last().Before(m.SentAt) {
		text = fmt.Sprintf("The %s held %s", p.Short, bot.Count(n, "substantive session"))
	}
	return bot.Reply{d.fact(text, p.Fact, m.SentAt), d.scope(m)}, true
}

func (d *Desk) expertGroups(m bot.Message) bot.Reply {
	var reply bot.Reply
	n := 0
	for _, p := range d.calendar.Processes() {
		if p.Kind == "expert-group" && !p.Start.First().After(m.SentAt) {
			n++
			reply = append(reply, d.span(p, m))
		}
	}
	return append(append(bot.Reply{bot.Lead{Text: bot.Count(n, "Group") + " of Governmental Experts:"}}, reply...), d.scope(m))
}

// chairs names who leads the process on the day of the question, or led it.
func (d *Desk) chairs(m bot.Message, named []calendar.Process) (bot.Reply, bool) {
	var reply bot.Reply
	for _, p := range named {
		var names []string
		for _, c := range p.Chairs {
			name := c.Name
			if name == "" {
				continue
			}
			name += parenthesis(c.State)
			if c.Note != "" {
				name += ", " + c.Note
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			reply = append(reply, d.fact("Chair of the "+p.Short+": "+strings.Join(names, "; "), p.Fact, m.SentAt))
		}
	}
	if len(reply) == 0 {
		return d.refuse(m, "no Chair of the "+named[0].Short+" is confirmed by a source", nil), true
	}
	return append(reply, d.scope(m)), true
}

func (d *Desk) successor(m bot.Message, p calendar.Process) (bot.Reply, bool) {
	next, known := d.calendar.Process(p.Successor)
	if !known || next.Start.First().After(m.SentAt) && (p.End.IsZero() || p.End.First().After(m.SentAt)) {
		return d.refuse(m, "the calendar names no successor of the "+p.Short, nil), true
	}
	text := fmt.Sprintf("The %s follows the %s", next.Short, p.Short)
	if !p.End.IsZero() && p.End.Last().Before(m.SentAt) {
		text += ", which ended " + p.End.On()
	}
	return bot.Reply{d.fact(text, next.Fact, m.SentAt), d.scope(m)}, true
}

func (d *Desk) predecessor(m bot.Message, p calendar.Process) (bot.Reply, bool) {
	before, known := d.calendar.Process(p.Predecessor)
	if !known {
		return d.refuse(m, "the calendar names no predecessor of the "+p.Short, nil), true
	}
	return bot.Reply{d.fact(fmt.Sprintf("Before the %s came the %s", p.Short, before.Short), p.Fact, m.SentAt), d.scope(m)}, true
}

func (d *Desk) resolutions(m bot.Message, named []calendar.Process) (bot.Reply, bool) {
	var reply bot.Reply
	for _, p := range named {
		if len(p.Resolutions) > 0 {
			reply = append(reply, d.fact("The "+p.Short+" was established by "+strings.Join(p.Resolutions, ", "), p.Fact, m.SentAt))
		}
	}
	if len(reply) == 0 {
		return nil, false
	}
	return append(reply, d.scope(m)), true
}

func (d *Desk) about(m bot.Message, p calendar.Process, what, text string) (bot.Reply, bool) {
	if text == "" {
		return nil, false
	}
	return bot.Reply{d.fact(fmt.Sprintf("%s, %s: %s", p.Short, what, text), p.Fact, m.SentAt), d.scope(m)}, true
}

// last returns the latest session that was over on the day of the question.
func (d *Desk) last(m bot.Message, p calendar.Process) (bot.Reply, bool) {
	var latest calendar.Session
	for _, s := range d.calendar.SessionsOf(p.ID) {
		if counts(s, "") && !s.End.IsZero() && s.End.Last().Before(m.SentAt) {
			latest = s
		}
	}
	if latest.ID == "" {
		return nil, false
	}
	return bot.Reply{d.session(latest, m.SentAt), d.scope(m)}, true
}

// outcomes lists the reports in which the work of the processes ended.
func (d *Desk) outcomes(m bot.Message, named []calendar.Process) (bot.Reply, bool) {
	var reply bot.Reply
	for _, p := range named {
		for _, o := range slices.Backward(p.Outcomes) {
			if !o.Adopted.IsZero() && o.Adopted.First().After(m.SentAt) {
				continue
			}
			text := p.Short + ": report"
			if o.Symbol != "" {
				text += " " + o.Symbol
			}
			if !o.Adopted.IsZero() {
				text += ", adopted " + o.Adopted.On()
			}
			if o.Consensus {
				text += ", by consensus"
			}
			if o.Note != "" {
				text += " (" + o.Note + ")"
			}
			reply = append(reply, d.fact(text, p.Fact, m.SentAt))
		}
	}
	if len(reply) == 0 {
		return nil, false
	}
	return append(reply, d.scope(m)), true
}

// ends says when processes ended, or that they go on.
func (d *Desk) ends(m bot.Message, question string, named []calendar.Process) (bot.Reply, bool) {
	if len(search.StatesIn(question)) > 0 {
		return nil, false
	}
	var reply bot.Reply
	for _, p := range named {
		if !p.End.IsZero() && p.End.Last().Before(m.SentAt) {
			reply = append(reply, d.fact("The "+p.Short+" ended "+p.End.On(), p.Fact, m.SentAt))
		}
	}
	if len(reply) == 0 {
		return d.refuse(m, "as of "+calendar.FromTime(m.SentAt).String()+" the "+named[0].Short+" had not ended", nil), true
	}
	return append(reply, d.scope(m)), true
}

// cities says where a process meets.
func (d *Desk) cities(m bot.Message, p calendar.Process) (bot.Reply, bool) {
	var names []string
	for _, s := range d.calendar.SessionsOf(p.ID) {
		if s.City != "" && (counts(s, "") || s.Kind == "organizational" || s.Kind == "signing") && !slices.Contains(names, s.City) {
			names = append(names, s.City)
		}
	}
	if len(names) == 0 {
		return nil, false
	}
	return bot.Reply{d.fact(fmt.Sprintf("Sessions of the %s: %s", p.Short, strings.Join(names, " and ")), p.Fact, m.SentAt), d.scope(m)}, true
}
