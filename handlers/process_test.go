package handlers_test

import (
	"strings"
	"testing"

	"rapporteur/bot"
)

// question is a question and what its reply has to say: want stands in its lead
// or in a fact; a refused one has neither quotations nor facts.
type question struct{ ask, want string }

func checkAnswers(t *testing.T, at string, answered bool, questions []question) {
	t.Helper()
	mux := desk(t)
	for _, q := range questions {
		reply := say(t, mux, at, q.ask)
		if reply.Answered() != answered || !answered && len(reply.Quotations())+len(reply.Facts()) > 0 {
			t.Errorf("as of %s, %s\n got answered %t: %s\nwant answered %t", at, q.ask, reply.Answered(), reply, answered)
			continue
		}
		if !strings.Contains(leadAndFacts(reply), q.want) {
			t.Errorf("as of %s, %s\n got %s\nwant %q in the lead or a fact", at, q.ask, reply, q.want)
		}
	}
}

func leadAndFacts(reply bot.Reply) string {
	lines := []string{reply.Lead()}
	for _, f := range reply.Facts() {
		lines = append(lines, f.Text)
	}
	return strings.Join(lines, "\n")
}

func TestSessionsAreFoundByNumberNameAndTime(t *testing.T) {
	t.Parallel()
	checkAnswers(t, "2026-11-23", true, []question{
		// by number, in words, figures and abbreviations
		{"When was the ninth session of the OEWG 2021-2025?", "2–6 December 2024"},
		{"when was the 11th substantive session of the OEWG?", "7–11 July 2025"},
		{"9th sess. OEWG II", "2–6 December 2024"},
		{"When was session 4 of the second OEWG?", "6–10 March 2023"},
		{"AHC7", "29 January – 9 February 2024"},
		{"when was AHC 3?", "29 August – 9 September 2022"},
		{"When did the GGE hold its second session?", "24–28 February 2020"},
		{"When was the eleventh session?", "7–11 July 2025"},
		{"When was the third session of the first OEWG?", "8–12 March 2021"},
		{"When was the first plenary of the GM?", "20–24 July 2026"},
		{"When was the first Security Council debate on cyber?", "29 June 2021"},
		// by name
		{"When was the organizational session of the renewed OEWG?", "1 June 2021"},
		{"when was the organisational session of the global mechanism", "30–31 March 2026"},
		{"When was the concluding session of the Ad Hoc Committee?", "29 January – 9 February 2024"},
		{"When was the reconvened concluding session of the AHC?", "29 July – 9 August 2024"},
		{"When was the informal intersessional meeting with industry?", "2–4 December 2019"},
		{"What happened at the meeting of the Security Council of the Russian Federation?", "26 March 2021"},
		{"When was the signing ceremony?", "25–26 October 2025"},
		{"When was the Security Council meeting on ransomware?", "8 November 2024"},
		{"When was the third session of the OEWG postponed?", "6–10 July 2020"},
		// with slips
		{"when is the nxt OEWG sesion", "7–11 December 2026"},
		{"When is the next session of the Global Mecanism?", "7–11 December 2026"},
		{"When was the fifth session of the Ad Hoc Commmittee?", "11–21 April 2023"},
		// by time
		{"What was the previous session?", "20–24 July 2026"},
		{"When was the last session of the AHC?", "26–30 January 2026"},
		{"When was the penultimate session of the second OEWG?", "17–21 February 2025"},
		{"Which meetings are in December?", "7–11 December 2026"},
		{"What is on 7–11 December?", "7–11 December 2026"},
		{"What happened in July 2025?", "7–11 July 2025"},
		{"Which sessions did the second OEWG hold in 2022?", "25–29 July 2022"},
		{"How many days until the next session?", "in 14 days"},
		// what else is asked of them
		{"Where was the third session of the AHC held?", "New York, United Nations Headquarters"},
		{"Where was the Convention against Cybercrime opened for signature?", "Hanoi"},
		{"Who chaired the ninth session of the second OEWG?", "Burhan Gafoor (Singapore)"},
		{"Who chaired the Security Council open debate of June 2021?", "Kaja Kallas"},
		{"How long was the ninth session of the OEWG?", "5 days"},
		{"What was agreed at the eleventh session of the OEWG?", "A/80/257"},
	})
	checkAnswers(t, "2026-08-10", true, []question{
		{"When was last month's session?", "20–24 July 2026"},
		{"what was the session last month", "20–24 July 2026"},
	})
	checkAnswers(t, "2026-12-09", true, []question{
		{"What are this week's meetings?", "7–11 December 2026"},
		{"What is happening today?", "7–11 December 2026"},
	})
	checkAnswers(t, "2024-11-25", true, []question{
		{"When is the session after next of the OEWG?", "17–21 February 2025"},
		{"Which meetings are there next week?", "2–6 December 2024"},
		{"What sessions are there in the next 14 days?", "2–6 December 2024"},
	})
}

func TestChairsTextsCountsAndDeadlinesAreAnswered(t *testing.T) {
	t.Parallel()
	checkAnswers(t, "2026-11-23", true, []question{
		{"Who chairs the gm?", "Egriselda López (El Salvador)"},
		{"chiar of the third GGE?", "Deborah Stokes (Australia)"},
		{"Who chaired the OEWG in 2019?", "Juerg Lauber (Switzerland)"},
		{"Who is Burhan Gafoor?", "OEWG 2021–2025"},
		{"What is A/RES/75/240?", "31 December 2020"},
		{"75/240", "second OEWG"},
		{"res 75/240", "A/RES/75/240"},
		{"What is GA resolution 53/70?", "first resolution on information security"},
		{"When was 73/27 adopted?", "5 December 2018"},
		{"What did resolution 73/266 do?", "renewing the GGE"},
		{"What is A/76/135?", "Sixth GGE adopts its consensus report"},
		{"What is decision 75/564?", "28 April 2021"},
		{"What is A/RES/60/45?", "second GGE"},
		{"How many votes did 73/27 get?", "119 votes"},
		{"Which resolution created the Ad Hoc Committee?", "A/RES/74/247"},
		{"Which resolution endorsed the final report of the OEWG?", "A/RES/80/16"},
		{"Which resolution adopted the convention against cybercrime?", "A/RES/79/243"},
		{"Which decision endorsed the first OEWG's report?", "75/564"},
		{"What is the symbol of the 2015 GGE report?", "A/70/174"},
		{"What did the third GGE agree?", "A/68/98"},
		{"On what day was the first OEWG's final report adopted?", "12 March 2021"},
		{"What came before the Global Mechanism?", "OEWG 2021–2025"},
		{"What replaced the GGE?", "OEWG 2021–2025"},
		{"How many sessions has the Ad Hoc Committee held?", "8 substantive sessions"},
		{"How many sessions did the OEWG hold?", "3 substantive sessions"},
		{"How many substantive sessions did the second OEWG hold in 2022?", "2 substantive sessions"},
		{"How many intersessional consultations did the AHC hold?", "5 intersessional consultations"},
		{"How many OEWGs were there?", "2 Open-ended Working Groups"},
		{"How many annual progress reports were adopted?", "three annual progress reports"},
		{"How many States signed the cybercrime convention?", "72 States"},
		{"How many ratifications does the convention need to enter into force?", "40th instrument"},
		{"How many members did the first GGE have?", "15"},
		{"How many norms are there?", "11 voluntary norms"},
		{"How long do I have to sign the convention?", "in 38 days"},
		{"When does the cybercrime convention close for signature?", "31 December 2026"},
		{"What deadlines are coming up?", "31 December 2026"},
		{"What is the full name of the Global Mechanism?", "advancing responsible State behaviour"},
		{"Who services the AHC?", "UNODC"},
		{"What is the acronym for annual progress report?", "APR"},
		{"What does DTG mean?", "Dedicated thematic group"},
		{"What does norm 13 (c) say?", "territory"},
		{"CBM?", "Confidence-building measure"},
	})
}

// TestWhatNoRowHoldsIsRefusedAndCorrected names sessions, groups, texts, Chairs,
// places and years that are not.
func TestWhatNoRowHoldsIsRefusedAndCorrected(t *testing.T) {
	t.Parallel()
	checkAnswers(t, "2026-11-23", false, []question{
		{"When is the fourteenth session of the OEWG?", "11 substantive sessions"},
		{"When was the fourteenth session?", "no process with a fourteenth session"},
		{"When is the ninth session of the Human Rights Council?", ""},
		{"When was the ninth session of the OEWG on ransomware?", ""},
		{"When was the ninth session of the OEWG in 2022?", "2–6 December 2024"},
		{"Was the ninth session of the OEWG held in Geneva?", "New York"},
		{"When was the OEWG session in Vienna?", "New York"},
		{"When was the OEWG's session in 2030?", "ended on 11 July 2025"},
		{"Who spoke at the ninth session of the OEWG?", ""},
		{"What did China say at the ninth session of the OEWG?", "China"},
		{"When was last month's session?", "the next is"},
		{"Any meetings tomorrow?", "24 November 2026"},
		{"Who chaired the seventh GGE?", "There were six"},
		{"When did the third OEWG start?", "There were two"},
		{"Which resolution established the OEWG 2030-2035?", "There were two"},
		{"Who chaired the fourth GGE?", "no Chair"},
		{"Who chaired the fifth GGE?", "Germany"},
		{"Who is the vice-chair of the Global Mechanism?", "vice-chair"},
		{"Did Gafoor chair the Global Mechanism?", "Egriselda López"},
		{"When did France chair the OEWG?", ""},
		{"Who is Barack Obama?", ""},
		{"What is A/RES/99/999?", "A/RES/99/999"},
		{"Who voted against 73/27?", ""},
		{"Was 75/240 adopted in 2019?", "31 December 2020"},
		{"Which resolution number was adopted in 2018?", ""},
		{"How many ratifications does the convention have?", "40 are needed"},
		{"Who were the members of the sixth GGE?", "25 members"},
		{"Is there a deadline for accreditation?", "no deadline for accreditation"},
		{"What does XYZ stand for?", "XYZ"},
		{"When was the Budapest Convention signed?", ""},
		{"Has the Global Mechanism ended?", "had not ended"},
		{"What was the outcome of the July 2026 plenary?", "No outcome"},
		{"Where will the thematic groups meet in December?", "No source names the place"},
	})
}

func TestOfWhatIsExpectedNoDateIsGuessed(t *testing.T) {
	t.Parallel()
	checkAnswers(t, "2026-11-23", false, []question{
		{"When is the next plenary of the Global Mechanism?", "No date is known"},
		{"When is the GM session in 2027?", "No date is known"},
		{"What is the session after next?", "No date is known"},
		{"When will the Conference of the States Parties meet?", "No date is known"},
		{"When will the AHC negotiate the supplementary protocol?", "No date is known"},
		{"When is the next intersessional meeting of the AHC?", "no next intersessional session"},
	})
}
