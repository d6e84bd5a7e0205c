package bot

import "time"

// Answer is a reply as data: the stable schema that every answering
// sub-command prints with --json. Fields are only ever added.
type Answer struct {
	// Answered is false where record and calendar do not hold the answer; then
	// there are no quotations and no facts.
	Answered bool `json:"answered"`
	// Verb is the verb that answered.
	Verb string `json:"verb"`
	// AsOf is the ISO day that the answer is true for.
	AsOf string `json:"as_of"`
	// Lead is the one line a reader needs.
	Lead string `json:"lead"`
	// Text is the whole reply as plain text.
	Text string `json:"text"`
	// Quotations are verbatim spans of the record, the answering one first.
	Quotations []QuotationData `json:"quotations"`
	// Facts are rows of the calendar or glossary with their sources.
	Facts []FactData `json:"facts"`
	// Searched counts what was searched.
	Searched Searched `json:"searched"`
}

// QuotationData is a [Quotation] as data.
type QuotationData struct {
	Text       string `json:"text"`
	Code       string `json:"code"`
	Document   string `json:"document"`
	Title      string `json:"title"`
	Speaker    string `json:"speaker"`
	Delegation string `json:"delegation"`
	Body       string `json:"body"`
	Meeting    string `json:"meeting"`
	Paragraph  int    `json:"paragraph"`
	Date       string `json:"date"`
	DateSource string `json:"date_source"`
	Language   string `json:"language"`
	RecordKind string `json:"record_kind"`
}

// FactData is a [Fact] as data.
type FactData struct {
	ID         string `json:"id"`
	Text       string `json:"text"`
	Source     string `json:"source"`
	Checked    string `json:"checked"`
	Confidence string `json:"confidence"`
}

// Searched counts what was searched for an answer.
type Searched struct {
	Documents int `json:"documents"`
	Passages  int `json:"passages"`
}

// Data returns the reply as data.
func (r Reply) Data(verb string, asOf time.Time) Answer {
	scope := r.Scope()
	a := Answer{
		Answered: r.Answered(), Verb: verb, AsOf: asOf.Format(time.DateOnly),
		Lead: r.Lead(), Text: r.String(),
		Quotations: []QuotationData{}, Facts: []FactData{},
		Searched: Searched{Documents: scope.Documents, Passages: scope.Passages},
	}
	for _, q := range r.Quotations() {
		d, p := q.Document(), q.Passage()
		a.Quotations = append(a.Quotations, QuotationData{
			Text: q.Text(), Code: q.Code(), Document: d.ID, Title: d.Title,
			Speaker: p.By(), Delegation: d.Delegation, Body: d.Body, Meeting: d.Meeting, Paragraph: p.Para,
			Date: d.Date, DateSource: d.DateSource, Language: d.Language, RecordKind: d.RecordKind,
		})
	}
	for _, f := range r.Facts() {
		a.Facts = append(a.Facts, FactData{ID: f.ID, Text: f.line(), Source: f.Source, Checked: f.Checked, Confidence: f.Confidence})
	}
	return a
}
