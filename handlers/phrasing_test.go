package handlers_test

import (
	"strings"
	"testing"

	"rapporteur/bot"
)

// phrasing is a question in one of the many ways in which people ask it, and
// words of which one has to stand in the first quotation, the lead or the first
// fact; at is the day of the question where it matters, cite the paragraph that
// has to be among the first two quoted.
type phrasing struct {
	ask  string
	want []string
	cite int
	at   string
}

func checkPhrasings(t *testing.T, questions []phrasing) {
	t.Helper()
	mux := desk(t)
	for _, q := range questions {
		if q.at == "" {
			q.at = "2026-11-23"
		}
		reply := say(t, mux, q.at, "ask "+q.ask)
		if !reply.Answered() || !opensWithOneOf(reply, q.want) || !cites(reply, q.cite) {
			t.Errorf("as of %s, %s\n got %s\nwant an answer that opens with one of %q, paragraph %d", q.at, q.ask, reply, q.want, q.cite)
		}
	}
}

func opensWithOneOf(reply bot.Reply, want []string) bool {
	text := reply.Lead()
	if quoted := reply.Quotations(); len(quoted) > 0 {
		text += quoted[0].Text()
	}
	if facts := reply.Facts(); len(facts) > 0 {
		text += facts[0].Text
	}
	for _, w := range want {
		if strings.Contains(strings.ToLower(text), strings.ToLower(w)) {
			return true
		}
	}
	return false
}

func cites(reply bot.Reply, paragraph int) bool {
	for i, q := range reply.Quotations() {
		if i < 2 && q.Passage().Para == paragraph {
			return true
		}
	}
	return paragraph == 0
}

func TestHeadersAreAskedForInManyWords(t *testing.T) {
	t.Parallel()
	checkPhrasings(t, []phrasing{
		{ask: "title of the speech?", want: []string{"Maintenance of international peace"}},
		{ask: "what is the statement titled", want: []string{"Maintenance of international peace"}},
		{ask: "what's the name of this document?", want: []string{"Maintenance of international peace"}},
		{ask: "What is the headline of the statement?", want: []string{"Maintenance of international peace"}},
		{ask: "date of the speech?", want: []string{"29 June 2021"}},
		{ask: "when did Nebenzia deliver his statement?", want: []string{"29 June 2021"}},
		{ask: "when did Nebenzia speak", want: []string{"29 June 2021"}},
		{ask: "On what day was the statement given?", want: []string{"29 June 2021"}},
		{ask: "remind me when the statement was made", want: []string{"29 June 2021"}},
		{ask: "could you tell me the date of the statement please", want: []string{"29 June 2021"}},
		{ask: "what's the statement's date?", want: []string{"29 June 2021"}},
		{ask: "When did the Russian ambassador deliver this speech?", want: []string{"29 June 2021"}},
		{ask: "who was speaking", want: []string{"Nebenzia"}},
		{ask: "who's the speaker?", want: []string{"Nebenzia"}},
		{ask: "speaker?", want: []string{"Nebenzia"}},
		{ask: "name of the speaker", want: []string{"Nebenzia"}},
		{ask: "Whose statement is this?", want: []string{"Russia", "Nebenzia"}},
		{ask: "who is the author of the text?", want: []string{"Nebenzia"}},
		{ask: "by whom was the speech delivered", want: []string{"Nebenzia"}},
		{ask: "the statement was delivered by whom?", want: []string{"Nebenzia"}},
		{ask: "tell me who delivered the statement", want: []string{"Nebenzia"}},
		{ask: "Do you know who gave the speech?", want: []string{"Nebenzia"}},
		{ask: "any idea who made this statement?", want: []string{"Nebenzia"}},
		{ask: "Which diplomat delivered the statement?", want: []string{"Nebenzia"}},
		{ask: "which country's representative spoke?", want: []string{"Russia"}},
		{ask: "which state made the statement", want: []string{"Russia"}},
		{ask: "On behalf of which country was the statement delivered?", want: []string{"Russia"}},
		{ask: "what country is the speaker from?", want: []string{"Russia"}},
		{ask: "language of the document", want: []string{"English"}},
		{ask: "in what language is the statement?", want: []string{"English"}},
		{ask: "What language is the text written in?", want: []string{"English"}},
		{ask: "is the document in English?", want: []string{"English"}},
		{ask: "what post does Vassily Nebenzia hold?", want: []string{"Permanent Representative"}},
		{ask: "what is Nebenzia's position?", want: []string{"Permanent Representative"}},
		{ask: "what's nebenzia's job title", want: []string{"Permanent Representative"}},
		{ask: "who is Nebenzia?", want: []string{"Permanent Representative"}},
		{ask: "Who is Vassily Nebenzia", want: []string{"Permanent Representative"}},
		{ask: "what is Nebenzia's role", want: []string{"Permanent Representative"}},
		{ask: "in what capacity did Nebenzia speak?", want: []string{"Permanent Representative"}},
		{ask: "where was the statement delivered?", want: []string{"VTC", "Security Council"}},
		{ask: "at what event was the statement delivered", want: []string{"VTC", "Security Council"}},
		{ask: "before which body did Nebenzia speak", want: []string{"Security Council", "VTC"}},
		{ask: "At which meeting did the ambassador speak?", want: []string{"Security Council", "VTC"}},
		{ask: "what was the topic of the meeting where the statement was made?", want: []string{"Maintenance of international peace"}},
		{ask: "which mission issued the statement", want: []string{"Permanent Mission", "Russia"}},
		{ask: "Kindly tell me who gave this speech", want: []string{"Nebenzia"}},
		{ask: "who was the statement read by", want: []string{"Nebenzia"}},
		{ask: "Can you give me the speaker's name?", want: []string{"Nebenzia"}},
		{ask: "Which ambassador made this intervention?", want: []string{"Nebenzia"}},
		{ask: "who is speaking here?", want: []string{"Nebenzia"}},
		{ask: "the author of the statement is who?", want: []string{"Nebenzia"}},
		{ask: "which delegation does the speaker represent?", want: []string{"Russia"}},
		{ask: "What nation is behind this statement?", want: []string{"Russia"}},
		{ask: "What date does the statement carry?", want: []string{"29 June 2021"}},
		{ask: "statement date?", want: []string{"29 June 2021"}},
		{ask: "on which date did Russia's ambassador speak", want: []string{"29 June 2021"}},
		{ask: "When was Russia's statement given?", want: []string{"29 June 2021"}},
		{ask: "when exactly was this speech held?", want: []string{"29 June 2021"}},
		{ask: "At which UN body was the statement made?", want: []string{"Security Council"}},
		{ask: "where did the Russian ambassador make the statement", want: []string{"Security Council", "VTC"}},
		{ask: "in which language is the speech", want: []string{"English"}},
		{ask: "statement language?", want: []string{"English"}},
		{ask: "what office does Nebenzia hold", want: []string{"Permanent Representative"}},
		{ask: "what function does Mr. Nebenzia have?", want: []string{"Permanent Representative"}},
		{ask: "Nebenzia is who?", want: []string{"Permanent Representative"}},
		{ask: "under what title was the statement published?", want: []string{"Maintenance of international peace"}},
		{ask: "full title of the document please", want: []string{"Maintenance of international peace"}},
	})
}

func TestParagraphsAreFoundByNumberAndTopic(t *testing.T) {
	t.Parallel()
	checkPhrasings(t, []phrasing{
		{ask: "in which paragraph is the digital gap mentioned?", want: []string{"digital gap"}, cite: 16},
		{ask: "which paragraph mentions sovereignty", want: []string{"sovereignty"}, cite: 15},
		{ask: "which para talks about criminal use of ICTs?", want: []string{"criminal"}, cite: 17},
		{ask: "where does the text speak of preventive military cyberstrikes", want: []string{"cyberstrikes"}, cite: 10},
		{ask: "Where in the statement is the UN majority mentioned?", want: []string{"UN majority"}, cite: 6},
		{ask: "what does paragraph 12 say", want: []string{"Provisions of GGE"}, cite: 12},
		{ask: "what is in para 15?", want: []string{"inviolability"}, cite: 15},
		{ask: "quote paragraph 17", want: []string{"counter the use of ICTs"}, cite: 17},
		{ask: "show me paragraph 6", want: []string{"landmark"}, cite: 6},
		{ask: "read me the fifth paragraph", want: []string{"shared achievement"}, cite: 5},
		{ask: "text of ¶14", want: []string{"peaceful purposes"}, cite: 14},
		{ask: "paragraph 18 please", want: []string{"key platform"}, cite: 18},
		{ask: "What does the first paragraph say?", want: []string{"Nakamitsu"}, cite: 1},
		{ask: "what's the last paragraph about?", want: []string{"key platform"}, cite: 18},
		{ask: "in what paragraph does Nebenzia speak about the pandemic?", want: []string{"pandemic"}, cite: 2},
		{ask: "find where he mentions mutual distrust", want: []string{"mutual distrust"}, cite: 8},
		{ask: "point me to the passage on the Ad Hoc Committee", want: []string{"Ad Hoc Committee"}, cite: 17},
		{ask: "which part of the statement deals with the Basic Principles?", want: []string{"Basic Principles"}, cite: 13},
		{ask: "how is the statement entitled?", want: []string{"Maintenance of international peace"}},
		{ask: "paragraph about capacity-building?", want: []string{"capacity-building"}, cite: 16},
		{ask: "in which para does he mention sanctions?", want: []string{"sanctions"}, cite: 10},
		{ask: "Which passage deals with the 2018 resolution?", want: []string{"2018"}, cite: 12},
		{ask: "where are the Western colleagues mentioned?", want: []string{"Western colleagues"}, cite: 12},
		{ask: "where does Nebenzia mention Putin?", want: []string{"Putin"}, cite: 13},
		{ask: "Where exactly is \"digital gap\" mentioned in the statement?", want: []string{"digital gap"}, cite: 16},
		{ask: "what is written in paragraph 3?", want: []string{"positive exception"}, cite: 3},
		{ask: "could you quote paragraph 8 please", want: []string{"Effective multilateral"}, cite: 8},
		{ask: "what's said in the tenth paragraph", want: []string{"preventive"}, cite: 10},
		{ask: "para 11?", want: []string{"international law"}, cite: 11},
		{ask: "third paragraph of the statement", want: []string{"positive exception"}, cite: 3},
	})
}

func TestTermsAreAskedForInManyWords(t *testing.T) {
	t.Parallel()
	checkPhrasings(t, []phrasing{
		{ask: "acronym RID?", want: []string{"regular institutional dialogue"}},
		{ask: "UNODA meaning", want: []string{"Office for Disarmament Affairs"}},
		{ask: "meaning of CBM", want: []string{"confidence-building"}},
		{ask: "APR stands for?", want: []string{"annual progress report"}},
		{ask: "DTG = ?", want: []string{"dedicated thematic group"}},
		{ask: "what's PoA short for", want: []string{"Programme of Action"}},
		{ask: "expand APR", want: []string{"annual progress report"}},
		{ask: "what is the rid", want: []string{"regular institutional dialogue"}},
		{ask: "what's rid", want: []string{"regular institutional dialogue"}},
		{ask: "what does unodc stand for", want: []string{"Drugs and Crime"}},
		{ask: "What do the letters CBM mean?", want: []string{"confidence-building"}},
		{ask: "full form of GGE?", want: []string{"Group of Governmental Experts"}},
		{ask: "define IIS", want: []string{"international information security"}},
		{ask: "definition of RID please", want: []string{"regular institutional dialogue"}},
		{ask: "what is meant by CoSP", want: []string{"Conference of the States Parties"}},
		{ask: "CoSP: what is it?", want: []string{"Conference of the States Parties"}},
		{ask: "please explain the term OEWG", want: []string{"Open-ended Working Group"}},
		{ask: "Could you explain what DGACM is?", want: []string{"Department for General Assembly"}},
		{ask: "I need the meaning of UNIDIR", want: []string{"Disarmament Research"}},
		{ask: "what does ICT stand for?", want: []string{"information and communication"}},
		{ask: "what do you call IIS in full?", want: []string{"international information security"}},
		{ask: "abbreviation for open-ended working group", want: []string{"OEWG"}},
		{ask: "how do you abbreviate dedicated thematic group?", want: []string{"DTG"}},
		{ask: "tell me what CBM means", want: []string{"confidence-building"}},
		{ask: "Do you know what APR is?", want: []string{"annual progress report"}},
		{ask: "any idea what DTG stands for?", want: []string{"dedicated thematic group"}},
		{ask: "remind me what PoA is", want: []string{"Programme of Action"}},
		{ask: "what's the POC directory?", want: []string{"Points of Contact"}},
		{ask: "what does norm 13(f) say", want: []string{"critical infrastructure"}},
		{ask: "norm 13(e)?", want: []string{"human rights"}},
		{ask: "what is norm e about?", want: []string{"human rights"}},
		{ask: "what's an Arria formula meeting?", want: []string{"informal"}},
		{ask: "spell out UNGA", want: []string{"General Assembly"}},
		{ask: "what does UNSC mean?", want: []string{"Security Council"}},
		{ask: "give me paragraph 14 in full", want: []string{"peaceful purposes"}, cite: 14},
		{ask: "which paragraphs mention the OEWG?", want: []string{"OEWG"}},
		{ask: "What does AHC stand for?", want: []string{"Ad Hoc Committee"}},
		{ask: "AHC?", want: []string{"Ad Hoc Committee"}},
		{ask: "GGE, what does it mean?", want: []string{"Group of Governmental Experts"}},
		{ask: "explain APR pls", want: []string{"annual progress report"}},
		{ask: "CBMs?", want: []string{"confidence-building"}},
		{ask: "what are CBMs", want: []string{"confidence-building"}},
		{ask: "what does the acronym UNIDIR mean?", want: []string{"Disarmament Research"}},
		{ask: "what do you mean by RID?", want: []string{"regular institutional dialogue"}},
		{ask: "UNODC full name", want: []string{"Drugs and Crime"}},
		{ask: "the abbreviation DGACM means what?", want: []string{"General Assembly and Conference"}},
		{ask: "What is the meaning of IIS in this statement?", want: []string{"international information security"}},
		{ask: "what is regular institutional dialogue", want: []string{"RID"}},
		{ask: "short form of annual progress report?", want: []string{"APR"}},
		{ask: "please define \"PoA\"", want: []string{"Programme of Action"}},
		{ask: "IIS - meaning?", want: []string{"international information security"}},
		{ask: "What is norm 13 (b)?", want: []string{"norm 13 (b)"}},
		{ask: "norm j", want: []string{"norm 13 (j)"}},
		{ask: "could you explain norm 13 (h) to me?", want: []string{"norm 13 (h)"}},
		{ask: "what does norm c of the GGE report say?", want: []string{"territory"}},
	})
}

func TestTreatyAndDeadlinesAreAskedForInManyWords(t *testing.T) {
	t.Parallel()
	checkPhrasings(t, []phrasing{
		{ask: "Until when can the Hanoi Convention be signed at UN Headquarters?", want: []string{"31 December 2026"}},
		{ask: "by when must states sign the cybercrime convention?", want: []string{"31 December 2026"}},
		{ask: "last day for signature of the Hanoi Convention?", want: []string{"31 December 2026"}},
		{ask: "signature deadline cybercrime convention", want: []string{"31 December 2026"}},
		{ask: "deadline for signing the UN cybercrime treaty?", want: []string{"31 December 2026"}},
		{ask: "how long is the Hanoi convention open for signature?", want: []string{"31 December 2026"}},
		{ask: "till when is the convention open for signing", want: []string{"31 December 2026"}},
		{ask: "when does signing of the convention against cybercrime close", want: []string{"31 December 2026"}},
		{ask: "final date for signatures on the cybercrime convention pls", want: []string{"31 December 2026"}},
		{ask: "is the convention in force?", want: []string{"not in force"}},
		{ask: "has the Hanoi Convention entered into force?", want: []string{"not in force"}},
		{ask: "When does the Hanoi Convention enter into force?", want: []string{"40th", "90th"}},
		{ask: "is the cybercrime treaty in force yet", want: []string{"not in force"}},
		{ask: "what is needed for the convention to enter into force?", want: []string{"40th"}},
		{ask: "how many more ratifications are needed for the hanoi convention?", want: []string{"40"}},
		{ask: "number of ratifications required for entry into force of the cybercrime convention", want: []string{"40"}},
		{ask: "how many signatories does the Hanoi convention have", want: []string{"72"}},
		{ask: "number of signatories to the cybercrime treaty?", want: []string{"72"}},
		{ask: "how many countries signed the Hanoi Convention in October 2025?", want: []string{"72"}},
		{ask: "When was the Hanoi Convention signed?", want: []string{"25–26 October 2025"}},
		{ask: "where was the Hanoi Convention signed", want: []string{"Hanoi"}},
		{ask: "when was the UN Convention against Cybercrime adopted by the General Assembly", want: []string{"24 December 2024"}},
		{ask: "date of adoption of the cybercrime treaty?", want: []string{"24 December 2024"}},
		{ask: "Hanoi convention adopted when?", want: []string{"24 December 2024"}},
		{ask: "Which resolution adopted the Hanoi Convention?", want: []string{"79/243"}},
		{ask: "poc directory nominations deadline?", want: []string{"15 April 2024"}},
		{ask: "when did nominations for the POC directory close", want: []string{"15 April 2024"}},
		{ask: "by what date should States have nominated points of contact?", want: []string{"15 April 2024"}},
		{ask: "Closing date for signature of the Convention against Cybercrime", want: []string{"31 December 2026"}},
		{ask: "how long can states still sign the Hanoi Convention", want: []string{"31 December 2026"}},
		{ask: "is the cybercrime convention still open for signature?", want: []string{"31 December 2026"}},
		{ask: "how many days left to sign the convention", want: []string{"31 December 2026"}},
		{ask: "until what date is the Hanoi Convention open for signature", want: []string{"31 December 2026"}},
		{ask: "When does the signature period of the UN cybercrime convention end?", want: []string{"31 December 2026"}},
		{ask: "what is the cut-off date for signing the Hanoi Convention?", want: []string{"31 December 2026"}},
		{ask: "Has the UN cybercrime convention come into force?", want: []string{"not in force"}},
		{ask: "entry into force of the Hanoi Convention?", want: []string{"40th"}},
		{ask: "how many states must ratify before the cybercrime treaty enters into force", want: []string{"40th"}},
		{ask: "what does it take for the Hanoi Convention to enter into force?", want: []string{"40th"}},
		{ask: "how many states have signed the UN cybercrime treaty", want: []string{"72"}},
		{ask: "where was the cybercrime convention opened for signature", want: []string{"Hanoi"}},
		{ask: "On what date did the General Assembly adopt the Hanoi Convention?", want: []string{"24 December 2024"}},
		{ask: "in which year was the UN convention against cybercrime adopted", want: []string{"2024"}},
		{ask: "when was the text of the cybercrime convention agreed?", want: []string{"8 August 2024"}},
	})
}
