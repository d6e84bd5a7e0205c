package digest_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same rules on every machine

	"rapporteur/digest"

	"github.com/google/go-cmp/cmp"
)

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func schedule(t *testing.T, spec, zone string) *digest.Schedule {
	t.Helper()
	s, err := digest.Parse(spec, zone)
	if err != nil {
		t.Fatalf("Parse(%q, %q): got error %v", spec, zone, err)
	}
	return s
}

// TestClockChanges holds the cases in which robfig/cron's own calculation loses
// or doubles an occurrence.
func TestClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, spec, zone, after string
		want                    []string // slot → instant in UTC
	}{
		{"New York, 02:30 is left out", "30 2 * * *", "America/New_York", "2027-03-13T12:00:00Z", []string{
			"2027-03-14T02:30 → 2027-03-14T07:00Z", "2027-03-15T02:30 → 2027-03-15T06:30Z",
		}},
		{"New York, once a year and left out", "30 2 14 3 *", "America/New_York", "2027-01-01T00:00:00Z", []string{
			"2027-03-14T02:30 → 2027-03-14T07:00Z", "2028-03-14T02:30 → 2028-03-14T06:30Z",
		}},
		{"New York, 01:30 is shown twice", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{
			"2026-11-01T01:30 → 2026-11-01T05:30Z", "2026-11-02T01:30 → 2026-11-02T06:30Z",
		}},
		{"New York, asked between the two 01:30", "30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", []string{
			"2026-11-02T01:30 → 2026-11-02T06:30Z",
		}},
		{"New York, half-hourly from one to two, twice shown", "*/30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", []string{
			"2026-11-01T01:00 → 2026-11-01T05:00Z", "2026-11-01T01:30 → 2026-11-01T05:30Z", "2026-11-02T01:00 → 2026-11-02T06:00Z",
		}},
		{"Zurich, 02:30 is left out", "30 2 * * *", "Europe/Zurich", "2027-03-27T12:00:00Z", []string{
			"2027-03-28T02:30 → 2027-03-28T01:00Z", "2027-03-29T02:30 → 2027-03-29T00:30Z",
		}},
		{"Zurich, two readings fall into one gap and are one", "0,30 2 * * *", "Europe/Zurich", "2027-03-27T12:00:00Z", []string{
			"2027-03-28T02:00 → 2027-03-28T01:00Z", "2027-03-29T02:00 → 2027-03-29T00:00Z",
		}},
		{"Zurich, 02:30 is shown twice", "30 2 * * *", "Europe/Zurich", "2026-10-24T12:00:00Z", []string{
			"2026-10-25T02:30 → 2026-10-25T00:30Z", "2026-10-26T02:30 → 2026-10-26T01:30Z",
		}},
		{"Zurich, every Monday over the change", "0 8 * * 1", "Europe/Zurich", "2027-03-20T00:00:00Z", []string{
			"2027-03-22T08:00 → 2027-03-22T07:00Z", "2027-03-29T08:00 → 2027-03-29T06:00Z",
		}},
		{"Cairo, midnight is left out", "0 0 * * *", "Africa/Cairo", "2027-04-29T00:00:00Z", []string{
			"2027-04-30T00:00 → 2027-04-29T22:00Z", "2027-05-01T00:00 → 2027-04-30T21:00Z",
		}},
		{"Cairo, Friday's midnight is left out", "0 0 * * 5", "Africa/Cairo", "2026-04-20T00:00:00Z", []string{
			"2026-04-24T00:00 → 2026-04-23T22:00Z", "2026-05-01T00:00 → 2026-04-30T21:00Z",
		}},
		{"Havana, midnight is left out", "0 0 * * *", "America/Havana", "2027-03-13T12:00:00Z", []string{
			"2027-03-14T00:00 → 2027-03-14T05:00Z", "2027-03-15T00:00 → 2027-03-15T04:00Z",
		}},
		{"Santiago, midnight is left out", "0 0 * * *", "America/Santiago", "2027-09-04T12:00:00Z", []string{
			"2027-09-05T00:00 → 2027-09-05T04:00Z", "2027-09-06T00:00 → 2027-09-06T03:00Z",
		}},
		{"Beirut, midnight is left out", "0 0 * * *", "Asia/Beirut", "2027-03-27T12:00:00Z", []string{
			"2027-03-28T00:00 → 2027-03-27T22:00Z", "2027-03-29T00:00 → 2027-03-28T21:00Z",
		}},
		{"Lord Howe, 09:00 when clocks go half an hour forward", "0 9 * * *", "Australia/Lord_Howe", "2026-10-02T23:00:00Z", []string{
			"2026-10-04T09:00 → 2026-10-03T22:00Z", "2026-10-05T09:00 → 2026-10-04T22:00Z",
		}},
		{"Lord Howe, 09:00 when clocks go half an hour back", "0 9 * * *", "Australia/Lord_Howe", "2027-04-02T23:00:00Z", []string{
			"2027-04-04T09:00 → 2027-04-03T22:30Z", "2027-04-05T09:00 → 2027-04-04T22:30Z",
		}},
		{"Lord Howe, 01:45 is shown twice", "45 1 * * *", "Australia/Lord_Howe", "2027-04-03T00:00:00Z", []string{
			"2027-04-04T01:45 → 2027-04-03T14:45Z", "2027-04-05T01:45 → 2027-04-04T15:15Z",
		}},
		{"Lord Howe, 02:15 is left out", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{
			"2026-10-04T02:15 → 2026-10-03T15:30Z", "2026-10-05T02:15 → 2026-10-04T15:15Z",
		}},
		{"Apia, the day that was left out", "0 9 30 * *", "Pacific/Apia", "2011-12-01T00:00:00Z", []string{
			"2011-12-30T09:00 → 2011-12-30T10:00Z", "2012-01-30T09:00 → 2012-01-29T19:00Z",
		}},
		{"Apia, once a year on that day", "0 0 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", []string{
			"2011-12-30T00:00 → 2011-12-30T10:00Z", "2012-12-30T00:00 → 2012-12-29T10:00Z",
		}},
		{"Moscow, no change any more", "30 2 28 3 *", "Europe/Moscow", "2027-01-01T00:00:00Z", []string{
			"2027-03-28T02:30 → 2027-03-27T23:30Z",
		}},
		{"UTC, the turn of the year", "59 23 31 12 *", "UTC", "2026-12-31T23:58:00Z", []string{
			"2026-12-31T23:59 → 2026-12-31T23:59Z", "2027-12-31T23:59 → 2027-12-31T23:59Z",
		}},
		{"New York, hourly counts hours that pass: forward", "0 * * * *", "America/New_York", "2027-03-14T05:30:00Z", []string{
			"2027-03-14T01:00-05:00 → 2027-03-14T06:00Z", "2027-03-14T03:00-04:00 → 2027-03-14T07:00Z", "2027-03-14T04:00-04:00 → 2027-03-14T08:00Z",
		}},
		{"New York, hourly counts hours that pass: back", "0 * * * *", "America/New_York", "2026-11-01T04:30:00Z", []string{
			"2026-11-01T01:00-04:00 → 2026-11-01T05:00Z", "2026-11-01T01:00-05:00 → 2026-11-01T06:00Z", "2026-11-01T02:00-05:00 → 2026-11-01T07:00Z",
		}},
		{"Kolkata, every quarter of an hour of Monday", "*/15 * * * 1", "Asia/Kolkata", "2026-11-29T18:25:00Z", []string{
			"2026-11-30T00:00+05:30 → 2026-11-29T18:30Z", "2026-11-30T00:15+05:30 → 2026-11-29T18:45Z",
		}},
		{"leap day where a century leaves one out", "0 8 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{
			"2104-02-29T08:00 → 2104-02-29T08:00Z",
		}},
		{"hourly on leap days", "0 * 29 2 *", "Europe/Zurich", "2026-03-01T00:00:00Z", []string{
			"2028-02-29T00:00+01:00 → 2028-02-28T23:00Z",
		}},
		{"Sunday is 7", "0 8 * * 7", "UTC", "2026-11-23T00:00:00Z", []string{"2026-11-29T08:00 → 2026-11-29T08:00Z"}},
		{"Sunday is 7 in a list", "0 8 * * 3,7", "UTC", "2026-11-26T00:00:00Z", []string{"2026-11-29T08:00 → 2026-11-29T08:00Z", "2026-12-02T08:00 → 2026-12-02T08:00Z"}},
		{"Sunday is 7 in a range", "0 8 * * SAT-7", "UTC", "2026-11-23T00:00:00Z", []string{"2026-11-28T08:00 → 2026-11-28T08:00Z", "2026-11-29T08:00 → 2026-11-29T08:00Z", "2026-12-05T08:00 → 2026-12-05T08:00Z"}},
		{"an occurrence is not after itself", "0 8 * * *", "UTC", "2026-11-23T08:00:00Z", []string{"2026-11-24T08:00 → 2026-11-24T08:00Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, at := schedule(t, c.spec, c.zone), instant(t, c.after)
			var got []string
			for range c.want {
				due, slot, ok := s.Next(at)
				if !ok {
					got = append(got, "never")
					break
				}
				got = append(got, slot+" → "+due.UTC().Format("2006-01-02T15:04Z"))
				at = due
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("got %q, want %q:\n%s", got, c.want, diff)
			}
		})
	}
}

func TestDailySlotsNameEachDateOnce(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Zurich", "America/New_York", "Asia/Beirut", "America/Santiago", "Asia/Kolkata", "UTC", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca"} {
		for _, spec := range []string{"0 0 * * *", "30 1 * * *", "30 2 * * *", "0 3 * * *", "0 9 * * *", "30 23 * * *"} {
			t.Run(zone+" "+spec, func(t *testing.T) {
				t.Parallel()
				s := schedule(t, spec, zone)
				at := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
				day := time.Time{}
				for n := range 3653 {
					due, slot, ok := s.Next(at)
					if !ok || !due.After(at) {
						t.Fatalf("day %d after %s: got %s, %v, want a later one", n, at, due, ok)
					}
					got, err := time.Parse("2006-01-02T15:04", slot)
					if err != nil {
						t.Fatal(err)
					}
					got = got.Truncate(24 * time.Hour)
					if want := day.AddDate(0, 0, 1); n > 0 && !got.Equal(want) {
						t.Fatalf("after %s: got %s, want %s", at, got.Format(time.DateOnly), want.Format(time.DateOnly))
					}
					day, at = got, due
				}
			})
		}
	}
}

func TestWhatIsNoScheduleIsExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ spec, zone, want string }{
		{"", "UTC", "the cron expression is empty; write five fields such as 0 8 * * 1"},
		{strings.Repeat("1,", 5000), "UTC", "the cron expression is longer than 128 characters; write five fields such as 0 8 * * 1"},
		{"0 8 * * \x00", "UTC", "the cron expression holds a character that does not belong there; digits, names such as MON and , - * / work"},
		{"TZ=UTC", "UTC", "a cron expression holds no time zone; write it behind the expression, as in 0 8 * * 1 Europe/Zurich"},
		{"CRON_TZ=", "UTC", "a cron expression holds no time zone; write it behind the expression, as in 0 8 * * 1 Europe/Zurich"},
		{"@every 1ns", "UTC", `"@every 1ns" is no cron expression of five fields; write 0 8 * * * for every day at 08:00`},
		{"0 0 9 * * 1", "UTC", "a cron expression has five fields (minute, hour, day of the month, month, day of the week) and not 6; 0 8 * * 1 is Monday at 08:00"},
		{", , , , ,", "UTC", `the minute "," has a comma too many; write a list as in 1,2`},
		{"0 8, * * *", "UTC", `the hour "8," has a comma too many; write a list as in 1,2`},
		{"61 8 * * 1", "UTC", `the minute "61" does not work in a cron expression; 0 to 59 works, or lists, ranges and steps of it such as 1,2 or 1-5 or */2, or * for every one`},
		{"0 8 28L * *", "UTC", `the day of the month "28L" does not work; 29L, 30L and 31L mean that day or else the last one of the month, L means the last one`},
		{"0 8 L * 1", "UTC", `the last day of the month goes with no day of the week; write for example 0 8 L * *`},
		{"sessions T-7", "UTC", `a schedule before sessions names days and a time; write for example digest sessions T-30,T-14,T-7,T-1 09:00 Europe/Zurich`},
		{"0 8 * * FRI-MON", "UTC", `the day of the week "FRI-MON" does not work in a cron expression; 0 to 7 or SUN to SAT works, or lists, ranges and steps of it such as 1,2 or 1-5 or */2, or * for every one`},
		{"0 8 * * 8", "UTC", `the day of the week "8" does not work in a cron expression; 0 to 7 or SUN to SAT works, or lists, ranges and steps of it such as 1,2 or 1-5 or */2, or * for every one`},
		{"*-5 8 * * *", "UTC", `the minute "*-5" does not work in a cron expression; 0 to 59 works, or lists, ranges and steps of it such as 1,2 or 1-5 or */2, or * for every one`},
		{"*/100 8 * * *", "UTC", `the minute "*/100" does not work in a cron expression; 0 to 59 works, or lists, ranges and steps of it such as 1,2 or 1-5 or */2, or * for every one`},
		{"0 0 30 2 *", "UTC", `no day is ever meant by the cron expression "0 0 30 2 *"; take a day that its month has`},
		{"0 0 31 4,6,9,11 *", "UTC", `no day is ever meant by the cron expression "0 0 31 4,6,9,11 *"; take a day that its month has`},
		{"* * * * *", "UTC", `the cron expression "* * * * *" runs more often than every 15 minutes; 0 * * * * runs every hour`},
		{"0,10 8 * * *", "UTC", `the cron expression "0,10 8 * * *" runs more often than every 15 minutes; 0 * * * * runs every hour`},
		{"0,55 0,23 * * *", "UTC", `the cron expression "0,55 0,23 * * *" runs more often than every 15 minutes; 0 * * * * runs every hour`},
		{"0 8 * * *", "", "a time zone is needed, such as Europe/Zurich, America/New_York or UTC"},
		{"0 8 * * *", "Local", "a time zone needs its name, such as Europe/Zurich, America/New_York or UTC; my own clock is not yours"},
		{"0 8 * * *", "Europe/Geneva", `there is no time zone "Europe/Geneva"; did you mean Europe/Zurich?`},
		{"0 8 * * *", "europe/zurich", `there is no time zone "europe/zurich"; did you mean Europe/Zurich?`},
		{"0 8 * * *", "Europe/Züric", `there is no time zone "Europe/Züric"; did you mean Europe/Zurich?`},
		{"0 8 * * *", "Zurich", `there is no time zone "Zurich"; did you mean Europe/Zurich?`},
		{"0 8 * * *", "US/Washington", `there is no time zone "US/Washington"; did you mean America/New_York?`},
		{"0 8 * * *", "Asia/Beijing", `there is no time zone "Asia/Beijing"; did you mean Asia/Shanghai?`},
		{"0 8 * * *", "Asia/Mumbai", `there is no time zone "Asia/Mumbai"; did you mean Asia/Kolkata?`},
		{"0 8 * * *", "Asia/New_Delhi", `there is no time zone "Asia/New_Delhi"; did you mean Asia/Kolkata?`},
		{"0 8 * * *", "The-Hague", `there is no time zone "The-Hague"; did you mean Europe/Amsterdam?`},
		{"0 8 * * *", "Bern", `there is no time zone "Bern"; did you mean Europe/Zurich?`},
		{"0 8 * * *", "EST", `there is no time zone "EST"; did you mean America/New_York?`},
		{"0 8 * * *", "CET", `there is no time zone "CET"; did you mean Europe/Paris?`},
		{"0 8 * * *", "Brigadoon", `there is no time zone "Brigadoon"; write it as in Europe/Zurich, America/New_York or UTC`},
		{"0 8 * * *", "../../etc/passwd", `there is no time zone "../../etc/passwd"; write it as in Europe/Zurich, America/New_York or UTC`},
		{"0 8 * * *", strings.Repeat("x", 10_000), `there is no time zone "` + strings.Repeat("x", 40) + `…"; write it as in Europe/Zurich, America/New_York or UTC`},
	} {
		_, err := digest.Parse(c.spec, c.zone)
		if err == nil || err.Error() != c.want {
			t.Errorf("Parse(%.40q, %.40q):\n got %v\nwant %s", c.spec, c.zone, err, c.want)
		}
	}
}

func TestNextEndsWhereCalendarsDo(t *testing.T) {
	t.Parallel()
	s := schedule(t, "0 8 * * *", "Europe/Zurich")
	for _, at := range []time.Time{{}, time.Unix(1<<60, 0), time.Unix(-1<<60, 0), time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if due, slot, ok := s.Next(at); ok && !due.After(at) {
			t.Errorf("Next(%s): got %s %q, want a later one or none", at, due, slot)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{
		"0 8 * * 1", "TZ=UTC", "CRON_TZ=", "CRON_TZ=Local 0 8 * * *", "@every 1ns", "@reboot", "* * * * *", ", , , , ,", "0 8 * * ,",
		strings.Repeat("1,", 5000), "0 8 * * \x00", "0 8 * * 7-7/7", "0 8 * * 0-7", "*/9223372036854775807 * * * *", "0 0 30 2 *",
		"30 2 * * *", "0 * * * *", "*/15 * 31 12 SUN", "0 8 29 2 *", "0 8 * * sun-7/2",
	} {
		f.Add(spec, "Europe/Zurich", int64(1_800_000_000))
	}
	for _, zone := range []string{"", "Local", "UTC", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "Europe/Geneva", "\x00", "Europe"} {
		f.Add("0 9 30 * *", zone, int64(1_322_700_000))
		f.Add("15 * * * *", zone, int64(1_322_700_000))
	}
	f.Fuzz(func(t *testing.T, spec, zone string, unix int64) {
		s, err := digest.Parse(spec, zone)
		if err != nil {
			if s != nil || strings.ContainsAny(err.Error(), "\n\x00") {
				t.Fatalf("Parse(%q, %q): got %v, %q, want one plain sentence", spec, zone, s, err)
			}
			return
		}
		at := time.Unix(unix%(1<<36), 0)
		for range 4 {
			due, slot, ok := s.Next(at)
			if !ok {
				if at.Year() > 1 && at.Year() < 9990 {
					t.Fatalf("Parse(%q, %q).Next(%s): got none, want one", spec, zone, at)
				}
				return
			}
			if !due.After(at) {
				t.Fatalf("Parse(%q, %q).Next(%s): got %s, want a later one", spec, zone, at, due)
			}
			_, fixed := time.Parse("2006-01-02T15:04", slot)
			_, hourly := time.Parse("2006-01-02T15:04-07:00", slot)
			if fixed != nil && hourly != nil {
				t.Fatalf("Parse(%q, %q).Next(%s): got slot %q, want a reading of the clock", spec, zone, at, slot)
			}
			at = due
		}
	})
}
