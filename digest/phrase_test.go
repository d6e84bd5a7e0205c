package digest_test

import (
	"strings"
	"testing"

	"rapporteur/bot"
	"rapporteur/digest"

	"github.com/google/go-cmp/cmp"
)

func TestPhrases(t *testing.T) {
	t.Parallel()
	const zurich = "Europe/Zurich"
	for _, c := range []struct {
		text, cron, zone string
		options          map[string]string
		phrase           string
	}{
		{"digest weekly mon 08:00 Europe/Zurich", "0 8 * * 1", zurich, nil, "digest weekly mon 08:00 Europe/Zurich"},
		{"Digest WEEKLY Monday 8:00 europe/zurich", "0 8 * * 1", zurich, nil, "digest weekly mon 08:00 Europe/Zurich"},
		{"weekly sun,Thu,sunday 18:05 UTC", "5 18 * * 0,4", "UTC", nil, "digest weekly sun,thu 18:05 UTC"},
		{"weekly mon, thu 08:00 UTC", "0 8 * * 1,4", "UTC", nil, "digest weekly mon,thu 08:00 UTC"},
		{"weekly Mon , Thursday, and fri 08:00 UTC", "0 8 * * 1,4,5", "UTC", nil, "digest weekly mon,thu,fri 08:00 UTC"},
		{"weekly mon and thu 08:00 UTC", "0 8 * * 1,4", "UTC", nil, "digest weekly mon,thu 08:00 UTC"},
		{"weekly mon thu 08:00 UTC", "0 8 * * 1,4", "UTC", nil, "digest weekly mon,thu 08:00 UTC"},
		{"digest daily 07:30 America/New_York", "30 7 * * *", "America/New_York", nil, "digest daily 07:30 America/New_York"},
		{"digest monthly 1 09:00 UTC", "0 9 1 * *", "UTC", nil, "digest monthly 1 09:00 UTC"},
		{"digest monthly 22nd 09:00 UTC", "0 9 22 * *", "UTC", nil, "digest monthly 22 09:00 UTC"},
		{`digest cron "0 8 * * 1" Europe/Zurich`, "0 8 * * 1", zurich, nil, "digest weekly mon 08:00 Europe/Zurich"},
		{"digest cron “0 8 1,15 * *” Europe/Zurich", "0 8 1,15 * *", zurich, nil, `digest cron "0 8 1,15 * *" Europe/Zurich`},
		{"digest cron '0  8 * * 1-5' Europe/Zurich", "0 8 * * 1-5", zurich, nil, `digest cron "0 8 * * 1-5" Europe/Zurich`},
		{"digest cron «0 8 * * 1-5» Europe/Zurich", "0 8 * * 1-5", zurich, nil, `digest cron "0 8 * * 1-5" Europe/Zurich`},
		{"digest cron `0 8 * * 1-5` Europe/Zurich", "0 8 * * 1-5", zurich, nil, `digest cron "0 8 * * 1-5" Europe/Zurich`},
		{"digest cron 0 */6 * * 1 Europe/Zurich lead:7d", "0 */6 * * 1", zurich, map[string]string{"lead": "7d"}, `digest cron "0 */6 * * 1" Europe/Zurich lead:7d`},
		{
			`digest weekly mon 08:00 Europe/Zurich topics:OEWG,"Global  Mechanism" lead:30d empty:skip`, "0 8 * * 1", zurich,
			map[string]string{"topics": "OEWG,Global Mechanism", "lead": "30d", "empty": "skip"},
			`digest weekly mon 08:00 Europe/Zurich topics:OEWG,"Global Mechanism" lead:30d empty:skip`,
		},
		{
			"digest daily 08:00 UTC EMPTY:Short Lead:7 topics:„Côte d’Ivoire“,Côte,oewg,OEWG", "0 8 * * *", "UTC",
			map[string]string{"topics": "Côte d’Ivoire,Côte,oewg", "lead": "7d", "empty": "short"},
			`digest daily 08:00 UTC topics:"Côte d’Ivoire",Côte,oewg lead:7d empty:short`,
		},
		{"digest monthly 31 09:00 UTC", "0 9 31L * *", "UTC", nil, "digest monthly 31 09:00 UTC"},
		{"monthly last day 09:00 UTC", "0 9 31L * *", "UTC", nil, "digest monthly 31 09:00 UTC"},
		{"digest sessions 09:00 Europe/Zurich", "sessions T-30,T-14,T-7,T-1 09:00", zurich, nil, "digest sessions T-30,T-14,T-7,T-1 09:00 Europe/Zurich"},
		{"before each session t-1 T-7,T-1 9:00 UTC", "sessions T-7,T-1 09:00", "UTC", nil, "digest sessions T-7,T-1 09:00 UTC"},
		{
			`digest daily 08:00 UTC processes:OEWG,"Global Mechanism" LANG:FR quiet:22:00–07:00 grace:90m ics:on succession:off`, "0 8 * * *", "UTC",
			map[string]string{"processes": "OEWG,Global Mechanism", "lang": "fr", "quiet": "22:00-07:00", "grace": "90m", "ics": "yes", "succession": "no"},
			`digest daily 08:00 UTC processes:OEWG,"Global Mechanism" lang:fr quiet:22:00-07:00 grace:90m ics:yes succession:no`,
		},
		{"digest\u00a0daily\t08:00\nUTC", "0 8 * * *", "UTC", nil, "digest daily 08:00 UTC"},
	} {
		got, err := digest.ParsePhrase(c.text)
		want := digest.Request{Kind: "digest", Cron: c.cron, Zone: c.zone, Options: c.options}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ParsePhrase(%q): got error %v and (-want +got):\n%s", c.text, err, diff)
			continue
		}
		if got := got.String(); got != c.phrase {
			t.Errorf("phrase of %q: got %s, want %s", c.text, got, c.phrase)
		}
		sub := bot.Subscription{Kind: got.Kind, Cron: got.Cron, Zone: got.Zone, Options: got.Options}
		if got := digest.Phrase(sub); got != c.phrase {
			t.Errorf("Phrase of %q: got %s, want %s", c.text, got, c.phrase)
		}
	}
}

func TestWhatIsNoPhraseIsExplained(t *testing.T) {
	t.Parallel()
	const (
		week    = "digest weekly mon 08:00 Europe/Zurich"
		day     = "digest daily 07:30 America/New_York"
		month   = "digest monthly 1 09:00 UTC"
		options = `the options are topics:OEWG,"Global Mechanism", processes:OEWG, lead:30d, lang:en, empty:skip or empty:short, quiet:22:00-07:00, grace:6h, ics:yes and succession:no`
	)
	for _, c := range []struct{ text, want string }{
		{"", "say what to send and when, for example " + week},
		{" \n ", "say what to send and when, for example " + week},
		{"news daily 08:00 UTC", `there is nothing called "news" to subscribe to; write for example ` + week},
		{"digest", "say when: daily, weekly, monthly, sessions or cron, for example " + week},
		{"digest yearly 08:00 UTC", `the digest comes daily, weekly, monthly, before sessions or by a cron expression, not "yearly"; write for example ` + week},
		{"digest weekly 08:00 UTC", `weekly needs a day such as mon or Monday, not "08:00"; write for example ` + week},
		{"digest weekly mon, 08:00 UTC", `weekly needs a day such as mon or Monday, not "08:00"; write for example ` + week},
		{"digest weekly mon, someday 08:00 UTC", `weekly needs a day such as mon or Monday, not "someday"; write for example ` + week},
		{"digest weekly ,", "weekly needs a day such as mon or Monday; write for example " + week},
		{"digest weekly", "weekly needs a day such as mon or Monday; write for example " + week},
		{"digest weekly mo 08:00 UTC", `weekly needs a day such as mon or Monday, not "mo"; write for example ` + week},
		{"digest weekly mon,someday 08:00 UTC", `weekly needs a day such as mon or Monday, not "someday"; write for example ` + week},
		{"digest monthly first 09:00 UTC", `monthly needs a day from 1 to 31, or last, not "first"; write for example ` + month},
		{"digest monthly 0 09:00 UTC", `monthly needs a day from 1 to 31, or last, not "0"; write for example ` + month},
		{"digest monthly 32 09:00 UTC", `monthly needs a day from 1 to 31, or last, not "32"; write for example ` + month},
		{"digest daily", "say at what time; write for example " + day},
		{"digest weekly fri", "say at what time; write for example digest weekly fri 08:00 Europe/Zurich"},
		{"digest daily 8am UTC", `write the time "8am" as 08:00, for example ` + day},
		{"digest daily 12:30AM UTC", `write the time "12:30AM" as 00:30, for example ` + day},
		{"digest daily 8:30pm UTC", `write the time "8:30pm" as 20:30, for example ` + day},
		{"digest daily 8 UTC", `write the time "8" as 08:00, for example ` + day},
		{"digest daily 8h30 UTC", `write the time "8h30" as 08:30, for example ` + day},
		{"digest daily 0800 UTC", `write the time "0800" as 08:00, for example ` + day},
		{"digest daily 24:00 UTC", `write the time "24:00" as 00:00, for example ` + day},
		{"digest daily 25:00 UTC", `there is no time "25:00"; the day goes from 00:00 to 23:59, for example ` + day},
		{"digest daily 13pm UTC", `there is no time "13pm"; the day goes from 00:00 to 23:59, for example ` + day},
		{"digest daily noon UTC", `"noon" is no time of day; write it as 08:00, for example ` + day},
		{"digest weekly mon 08:00", "say in which time zone, for example digest weekly mon 08:00 Europe/Zurich"},
		{"digest daily 18:00 lead:30d", "say in which time zone, for example digest daily 18:00 Europe/Zurich"},
		{"digest weekly mon 08:00 Europe/Geneva", `there is no time zone "Europe/Geneva"; did you mean Europe/Zurich?`},
		{"digest daily 08:00 Local", "a time zone needs its name, such as Europe/Zurich, America/New_York or UTC; my own clock is not yours"},
		{"digest sessions 09 UTC", `write the time "09" as 09:00, for example digest sessions T-30,T-14,T-7,T-1 09:00 Europe/Zurich`},
		{"digest sessions T+7 09:00 UTC", `"T+7" is no day before a session; T-7 is seven days before, and T-0 to T-366 work: digest sessions T-30,T-14,T-7,T-1 09:00 Europe/Zurich`},
		{"digest daily 08:00 UTC quiet:22", `quiet: is a stretch of the day, not "22"; write for example quiet:22:00-07:00`},
		{"digest daily 08:00 UTC quiet:22:00-22:00", "quiet hours that never end would leave nothing to send; write for example quiet:22:00-07:00"},
		{"digest daily 08:00 UTC grace:3d", `grace: is how late a digest may still come, from 0h to 48h, not "3d"; write grace:6h`},
		{"digest daily 08:00 UTC grace:49h", `grace: is how late a digest may still come, from 0h to 48h, not "49h"; write grace:6h`},
		{"digest daily 08:00 UTC lang:de", `digests are not written in "de"; the languages are ar, en, es, fr, ru and zh, as in lang:fr`},
		{"digest daily 08:00 UTC ics:maybe", `ics: is yes or no, not "maybe"; write ics:yes`},
		{"digest daily 08:00 UTC colour:red", `there is no option "colour"; ` + options},
		{"digest daily 08:00 UTC please", `"please" cannot stand after the time zone; ` + options},
		{"digest daily 08:00 UTC lead:7d lead:8d", "lead: stands there twice; write it once"},
		{"digest daily 08:00 UTC lead:soon", `lead: is a number of days from 1 to 366, not "soon"; write lead:30d`},
		{"digest daily 08:00 UTC lead:9999d", `lead: is a number of days from 1 to 366, not "9999d"; write lead:30d`},
		{"digest daily 08:00 UTC empty:maybe", `empty: is skip (send nothing) or short (send one line), not "maybe"; write empty:skip`},
		{"digest daily 08:00 UTC topics:", `topics: needs a topic, as in topics:OEWG,"Global Mechanism"`},
		{`digest daily 08:00 UTC topics:"a,b"`, `"a,b" is no topic; separate topics by commas and write those of several words in quotation marks, as in topics:OEWG,"Global Mechanism"`},
		{`digest daily 08:00 UTC topics:"Global Mechanism`, `a quotation mark is opened and never closed; write both, as in topics:"Global Mechanism"`},
		{"digest cron", `cron needs an expression of five fields; write for example digest cron "0 8 * * 1" Europe/Zurich`},
		{"digest cron 0 8", "a cron expression has five fields (minute, hour, day of the month, month, day of the week) and not 2; 0 8 * * 1 is Monday at 08:00"},
		{`digest cron "0 8 * * 1"`, `say in which time zone, for example digest cron "0 8 * * 1" Europe/Zurich`},
		{`digest cron "* * * * *" UTC`, `the cron expression "* * * * *" runs more often than every 15 minutes; 0 * * * * runs every hour`},
		{`digest cron "TZ=UTC" UTC`, "a cron expression holds no time zone; write it behind the expression, as in 0 8 * * 1 Europe/Zurich"},
		{`digest cron "@daily" UTC`, `"@daily" is no cron expression of five fields; write 0 8 * * * for every day at 08:00`},
		{strings.Repeat("digest ", 2000), "that is longer than 500 characters; write for example " + week},
	} {
		got, err := digest.ParsePhrase(c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("ParsePhrase(%.60q):\n got %+v, %v\nwant %s", c.text, got, err, c.want)
		}
	}
}

func TestOptionsAreRead(t *testing.T) {
	t.Parallel()
	options := map[string]string{"topics": "OEWG,Global Mechanism", "lead": "14d"}
	if diff := cmp.Diff([]string{"OEWG", "Global Mechanism"}, digest.Topics(options)); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	if got := digest.Topics(nil); got != nil {
		t.Errorf("topics of nothing: got %q, want none", got)
	}
	for value, want := range map[string]int{"14d": 14, "": 30, "0d": 30, "-1d": 30, "999d": 30, "x": 30} {
		if got := digest.LeadDays(map[string]string{"lead": value}, 30); got != want {
			t.Errorf("lead %q: got %d, want %d", value, got, want)
		}
	}
}

func FuzzParsePhrase(f *testing.F) {
	for _, text := range []string{
		"digest weekly mon 08:00 Europe/Zurich", "digest daily 07:30 America/New_York", "digest monthly 1 09:00 UTC",
		`digest cron "0 8 * * 1" Europe/Zurich`, "digest cron 0 8 * * 1 Europe/Zurich", "digest cron “00 08 * * 7,1-2” UTC",
		`digest daily 08:00 UTC topics:OEWG,"Global Mechanism" lead:30d empty:skip`, `digest daily 08:00 UTC topics:'a “b” c',"it's",x:y`,
		"TZ=UTC", "CRON_TZ=", "@every 1ns", "* * * * *", ", , , , ,", strings.Repeat("x", 10_000), "digest daily 08:00 \x00", "Cron \"0\x000 1 1 0\"", "weekly , 08:00 UTC", `"`, "''", "digest daily 8am",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		request, err := digest.ParsePhrase(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x00") {
				t.Fatalf("ParsePhrase(%q): got %q, want one plain sentence", text, err)
			}
			return
		}
		if _, err := digest.Parse(request.Cron, request.Zone); err != nil {
			t.Fatalf("ParsePhrase(%q): got %+v, which Parse refuses: %v", text, request, err)
		}
		again, err := digest.ParsePhrase(request.String())
		if diff := cmp.Diff(request, again); err != nil || diff != "" {
			t.Fatalf("ParsePhrase(%q).String() is %q, which reads with error %v and as (-want +got):\n%s", text, request.String(), err, diff)
		}
	})
}
